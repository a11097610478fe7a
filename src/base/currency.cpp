#include "base/currency.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace trunkline {
namespace {

struct Row {
  std::string_view code;
  std::uint16_t numeric;
  std::uint8_t minor_digits;
  std::string_view name;
};

// ISO 4217, list one, as of 2026; metals, funds of account and test codes have no minor unit there
// and 0 here. ANG, BGN, CUC, HRK, SLL and ZWL left the list between 2021 and 2026 and stay here for the
// records they are in. "No currency" stands first so that a Currency is it until it is given another; the
// rest is in order.
constexpr std::array rows = std::to_array<Row>({
    {"XXX", 999, 0, "No Currency"},
    {"AED", 784, 2, "United Arab Emirates Dirham"},
    {"AFN", 971, 2, "Afghan Afghani"},
    {"ALL", 8, 2, "Albanian Lek"},
    {"AMD", 51, 2, "Armenian Dram"},
    {"ANG", 532, 2, "Netherlands Antillean Guilder"},
    {"AOA", 973, 2, "Angolan Kwanza"},
    {"ARS", 32, 2, "Argentine Peso"},
    {"AUD", 36, 2, "Australian Dollar"},
    {"AWG", 533, 2, "Aruban Florin"},
    {"AZN", 944, 2, "Azerbaijani Manat"},
    {"BAM", 977, 2, "Bosnia-Herzegovina Convertible Mark"},
    {"BBD", 52, 2, "Barbadian Dollar"},
    {"BDT", 50, 2, "Bangladeshi Taka"},
    {"BGN", 975, 2, "Bulgarian Lev"},
    {"BHD", 48, 3, "Bahraini Dinar"},
    {"BIF", 108, 0, "Burundian Franc"},
    {"BMD", 60, 2, "Bermudan Dollar"},
    {"BND", 96, 2, "Brunei Dollar"},
    {"BOB", 68, 2, "Bolivian Boliviano"},
    {"BOV", 984, 2, "Bolivian Mvdol"},
    {"BRL", 986, 2, "Brazilian Real"},
    {"BSD", 44, 2, "Bahamian Dollar"},
    {"BTN", 64, 2, "Bhutanese Ngultrum"},
    {"BWP", 72, 2, "Botswanan Pula"},
    {"BYN", 933, 2, "Belarusian Ruble"},
    {"BZD", 84, 2, "Belize Dollar"},
    {"CAD", 124, 2, "Canadian Dollar"},
    {"CDF", 976, 2, "Congolese Franc"},
    {"CHE", 947, 2, "WIR Euro"},
    {"CHF", 756, 2, "Swiss Franc"},
    {"CHW", 948, 2, "WIR Franc"},
    {"CLF", 990, 4, "Chilean Unit of Account (UF)"},
    {"CLP", 152, 0, "Chilean Peso"},
    {"CNY", 156, 2, "Chinese Yuan"},
    {"COP", 170, 2, "Colombian Peso"},
    {"COU", 970, 2, "Colombian Real Value Unit"},
    {"CRC", 188, 2, "Costa Rican Colón"},
    {"CUC", 931, 2, "Cuban Convertible Peso"},
    {"CUP", 192, 2, "Cuban Peso"},
    {"CVE", 132, 2, "Cape Verdean Escudo"},
    {"CZK", 203, 2, "Czech Koruna"},
    {"DJF", 262, 0, "Djiboutian Franc"},
    {"DKK", 208, 2, "Danish Krone"},
    {"DOP", 214, 2, "Dominican Peso"},
    {"DZD", 12, 2, "Algerian Dinar"},
    {"EGP", 818, 2, "Egyptian Pound"},
    {"ERN", 232, 2, "Eritrean Nakfa"},
    {"ETB", 230, 2, "Ethiopian Birr"},
    {"EUR", 978, 2, "Euro"},
    {"FJD", 242, 2, "Fijian Dollar"},
    {"FKP", 238, 2, "Falkland Islands Pound"},
    {"GBP", 826, 2, "British Pound"},
    {"GEL", 981, 2, "Georgian Lari"},
    {"GHS", 936, 2, "Ghanaian Cedi"},
    {"GIP", 292, 2, "Gibraltar Pound"},
    {"GMD", 270, 2, "Gambian Dalasi"},
    {"GNF", 324, 0, "Guinean Franc"},
    {"GTQ", 320, 2, "Guatemalan Quetzal"},
    {"GYD", 328, 2, "Guyanese Dollar"},
    {"HKD", 344, 2, "Hong Kong Dollar"},
    {"HNL", 340, 2, "Honduran Lempira"},
    {"HRK", 191, 2, "Croatian Kuna"},
    {"HTG", 332, 2, "Haitian Gourde"},
    {"HUF", 348, 2, "Hungarian Forint"},
    {"IDR", 360, 2, "Indonesian Rupiah"},
    {"ILS", 376, 2, "Israeli New Shekel"},
    {"INR", 356, 2, "Indian Rupee"},
    {"IQD", 368, 3, "Iraqi Dinar"},
    {"IRR", 364, 2, "Iranian Rial"},
    {"ISK", 352, 0, "Icelandic Króna"},
    {"JMD", 388, 2, "Jamaican Dollar"},
    {"JOD", 400, 3, "Jordanian Dinar"},
    {"JPY", 392, 0, "Japanese Yen"},
    {"KES", 404, 2, "Kenyan Shilling"},
    {"KGS", 417, 2, "Kyrgyz Som"},
    {"KHR", 116, 2, "Cambodian Riel"},
    {"KMF", 174, 0, "Comorian Franc"},
    {"KPW", 408, 2, "North Korean Won"},
    {"KRW", 410, 0, "South Korean Won"},
    {"KWD", 414, 3, "Kuwaiti Dinar"},
    {"KYD", 136, 2, "Cayman Islands Dollar"},
    {"KZT", 398, 2, "Kazakhstani Tenge"},
    {"LAK", 418, 2, "Laotian Kip"},
    {"LBP", 422, 2, "Lebanese Pound"},
    {"LKR", 144, 2, "Sri Lankan Rupee"},
    {"LRD", 430, 2, "Liberian Dollar"},
    {"LSL", 426, 2, "Lesotho Loti"},
    {"LYD", 434, 3, "Libyan Dinar"},
    {"MAD", 504, 2, "Moroccan Dirham"},
    {"MDL", 498, 2, "Moldovan Leu"},
    {"MGA", 969, 2, "Malagasy Ariary"},
    {"MKD", 807, 2, "Macedonian Denar"},
    {"MMK", 104, 2, "Myanmar Kyat"},
    {"MNT", 496, 2, "Mongolian Tugrik"},
    {"MOP", 446, 2, "Macanese Pataca"},
    {"MRU", 929, 2, "Mauritanian Ouguiya"},
    {"MUR", 480, 2, "Mauritian Rupee"},
    {"MVR", 462, 2, "Maldivian Rufiyaa"},
    {"MWK", 454, 2, "Malawian Kwacha"},
    {"MXN", 484, 2, "Mexican Peso"},
    {"MXV", 979, 2, "Mexican Investment Unit"},
    {"MYR", 458, 2, "Malaysian Ringgit"},
    {"MZN", 943, 2, "Mozambican Metical"},
    {"NAD", 516, 2, "Namibian Dollar"},
    {"NGN", 566, 2, "Nigerian Naira"},
    {"NIO", 558, 2, "Nicaraguan Córdoba"},
    {"NOK", 578, 2, "Norwegian Krone"},
    {"NPR", 524, 2, "Nepalese Rupee"},
    {"NZD", 554, 2, "New Zealand Dollar"},
    {"OMR", 512, 3, "Omani Rial"},
    {"PAB", 590, 2, "Panamanian Balboa"},
    {"PEN", 604, 2, "Peruvian Sol"},
    {"PGK", 598, 2, "Papua New Guinean Kina"},
    {"PHP", 608, 2, "Philippine Peso"},
    {"PKR", 586, 2, "Pakistani Rupee"},
    {"PLN", 985, 2, "Polish Zloty"},
    {"PYG", 600, 0, "Paraguayan Guarani"},
    {"QAR", 634, 2, "Qatari Riyal"},
    {"RON", 946, 2, "Romanian Leu"},
    {"RSD", 941, 2, "Serbian Dinar"},
    {"RUB", 643, 2, "Russian Ruble"},
    {"RWF", 646, 0, "Rwandan Franc"},
    {"SAR", 682, 2, "Saudi Riyal"},
    {"SBD", 90, 2, "Solomon Islands Dollar"},
    {"SCR", 690, 2, "Seychellois Rupee"},
    {"SDG", 938, 2, "Sudanese Pound"},
    {"SEK", 752, 2, "Swedish Krona"},
    {"SGD", 702, 2, "Singapore Dollar"},
    {"SHP", 654, 2, "St. Helena Pound"},
    {"SLE", 925, 2, "Sierra Leonean Leone"},
    {"SLL", 694, 2, "Sierra Leonean Leone (1964–2022)"},
    {"SOS", 706, 2, "Somali Shilling"},
    {"SRD", 968, 2, "Surinamese Dollar"},
    {"SSP", 728, 2, "South Sudanese Pound"},
    {"STN", 930, 2, "São Tomé and Príncipe Dobra"},
    {"SVC", 222, 2, "Salvadoran Colón"},
    {"SYP", 760, 2, "Syrian Pound"},
    {"SZL", 748, 2, "Swazi Lilangeni"},
    {"THB", 764, 2, "Thai Baht"},
    {"TJS", 972, 2, "Tajikistani Somoni"},
    {"TMT", 934, 2, "Turkmenistani Manat"},
    {"TND", 788, 3, "Tunisian Dinar"},
    {"TOP", 776, 2, "Tongan Paʻanga"},
    {"TRY", 949, 2, "Turkish Lira"},
    {"TTD", 780, 2, "Trinidad and Tobago Dollar"},
    {"TWD", 901, 2, "New Taiwan Dollar"},
    {"TZS", 834, 2, "Tanzanian Shilling"},
    {"UAH", 980, 2, "Ukrainian Hryvnia"},
    {"UGX", 800, 0, "Ugandan Shilling"},
    {"USD", 840, 2, "US Dollar"},
    {"USN", 997, 2, "US Dollar (Next day)"},
    {"UYI", 940, 0, "Uruguayan Peso (Indexed Units)"},
    {"UYU", 858, 2, "Uruguayan Peso"},
    {"UYW", 927, 4, "Uruguayan Nominal Wage Index Unit"},
    {"UZS", 860, 2, "Uzbekistani Som"},
    {"VED", 926, 2, "Venezuelan Digital Bolívar"},
    {"VES", 928, 2, "Venezuelan Bolívar"},
    {"VND", 704, 0, "Vietnamese Dong"},
    {"VUV", 548, 0, "Vanuatu Vatu"},
    {"WST", 882, 2, "Samoan Tala"},
    {"XAD", 396, 2, "Arab Accounting Dinar"},
    {"XAF", 950, 0, "Central African CFA Franc"},
    {"XAG", 961, 0, "Silver"},
    {"XAU", 959, 0, "Gold"},
    {"XBA", 955, 0, "European Composite Unit"},
    {"XBB", 956, 0, "European Monetary Unit"},
    {"XBC", 957, 0, "European Unit of Account (XBC)"},
    {"XBD", 958, 0, "European Unit of Account (XBD)"},
    {"XCD", 951, 2, "East Caribbean Dollar"},
    {"XCG", 532, 2, "Caribbean Guilder"},
    {"XDR", 960, 0, "Special Drawing Rights"},
    {"XOF", 952, 0, "West African CFA Franc"},
    {"XPD", 964, 0, "Palladium"},
    {"XPF", 953, 0, "CFP Franc"},
    {"XPT", 962, 0, "Platinum"},
    {"XSU", 994, 0, "Sucre"},
    {"XTS", 963, 0, "Testing Currency Code"},
    {"XUA", 965, 0, "ADB Unit of Account"},
    {"YER", 886, 2, "Yemeni Rial"},
    {"ZAR", 710, 2, "South African Rand"},
    {"ZMW", 967, 2, "Zambian Kwacha"},
    {"ZWG", 924, 2, "Zimbabwe Gold"},
    {"ZWL", 932, 2, "Zimbabwean Dollar (2009–2024)"},
});

static_assert(rows.size() <= UINT8_MAX);
static_assert(std::ranges::is_sorted(rows.begin() + 1, rows.end(), {}, &Row::code));

// In upper case; nothing when it is not three ASCII letters.
std::optional<std::array<char, 3>> upper_case(std::string_view code) {
  if (code.size() != 3) return std::nullopt;
  std::array<char, 3> letters{};
  for (std::size_t i = 0; i < letters.size(); ++i) {
    const char letter = code[i];
    if (letter >= 'a' && letter <= 'z') {
      letters[i] = static_cast<char>(letter - 'a' + 'A');
    } else if (letter >= 'A' && letter <= 'Z') {
      letters[i] = letter;
    } else {
      return std::nullopt;
    }
  }
  return letters;
}

std::optional<std::uint8_t> find_row(std::string_view code) {
  const auto letters = upper_case(code);
  if (!letters) return std::nullopt;
  const std::string_view wanted(letters->data(), letters->size());
  if (wanted == rows.front().code) return std::uint8_t{0};
  const auto found = std::ranges::lower_bound(rows.begin() + 1, rows.end(), wanted, {}, &Row::code);
  if (found == rows.end() || found->code != wanted) return std::nullopt;
  return static_cast<std::uint8_t>(found - rows.begin());
}

}  // namespace

Currency::Currency(std::string_view code) {
  const auto row = find_row(code);
  if (!row) throw std::invalid_argument("not an ISO 4217 currency code: " + std::string(code));
  row_ = *row;
}

Result<Currency> Currency::parse(std::string_view code) {
  const auto row = find_row(code);
  if (!row) {
    return fail(error_codes::currency_unknown,
                "not a currency code of ISO 4217; write three letters, like USD or EUR");
  }
  return Currency(*row);
}

std::string_view Currency::code() const {
  return rows[row_].code;
}
std::string_view Currency::name() const {
  return rows[row_].name;
}
int Currency::numeric() const {
  return rows[row_].numeric;
}
int Currency::minor_digits() const {
  return rows[row_].minor_digits;
}

}  // namespace trunkline
