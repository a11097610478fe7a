#include <algorithm>
#include <unordered_map>

#include "base/phone_number.hpp"
#include "base/text.hpp"
#include "warehouse/normalise.hpp"

namespace trunkline::warehouse {
namespace {

// A year of calls has far fewer numbers than calls; what was just normalised comes again. Emptied when full.
constexpr std::size_t remembered_max = 65'536;

constexpr std::size_t plus_first_least = 8;

// Digits and a plus in front, without the punctuation people write; nothing when there is anything else.
std::optional<std::string> compact(std::string_view text) {
  std::string result;
  for (const char character : text) {
    if (is_digit(character) || (character == '+' && result.empty())) {
      result += character;
    } else if (std::string_view(" -().").find(character) == std::string_view::npos) {
      return std::nullopt;
    }
  }
  if (result.empty() || result == "+") return std::nullopt;
  return result;
}

std::optional<std::string> valid(std::string_view text, std::string_view region) {
  const auto number = PhoneNumber::parse_any(text, region);
  if (!number || !number->is_valid()) return std::nullopt;
  return std::string(number->text());
}

std::string normalise(std::string_view trimmed, std::string_view region, bool plus_first) {
  const auto digits = compact(trimmed);
  if (!digits) return std::string(trimmed);
  const bool international = digits->front() == '+';
  if (plus_first && !international && digits->size() >= plus_first_least &&
      digits->size() <= PhoneNumber::most_digits && digits->front() != '0') {
    if (auto found = valid("+" + *digits, "")) return *found;
  }
  if (!international && region.empty()) return std::string(trimmed);
  if (auto found = valid(*digits, international ? "" : region)) return *found;
  return std::string(trimmed);
}

}  // namespace

std::optional<std::string> normalise_number(std::string_view text, std::string_view default_region,
                                            bool plus_first) {
  const std::string_view trimmed = trim(text);
  if (trimmed.empty()) return std::nullopt;
  thread_local std::unordered_map<std::string, std::string> remembered;
  std::string key;
  key.reserve(trimmed.size() + default_region.size() + 1);
  key.append(default_region).append(plus_first ? "+" : "/").append(trimmed);
  if (const auto known = remembered.find(key); known != remembered.end()) return known->second;
  if (remembered.size() >= remembered_max) remembered.clear();
  std::string number = normalise(trimmed, default_region, plus_first);
  remembered.emplace(std::move(key), number);
  return number;
}

bool is_e164(std::string_view text) {
  if (text.size() < 2 || text.front() != '+') return false;
  return std::ranges::all_of(text.substr(1), is_digit);
}

std::optional<Direction> direction_by_own_numbers(const std::set<std::string>* own_numbers,
                                                  const std::optional<std::string>& from,
                                                  const std::optional<std::string>& to) {
  if (own_numbers == nullptr) return std::nullopt;
  const bool from_is_ours = from && own_numbers->contains(*from);
  const bool to_is_ours = to && own_numbers->contains(*to);
  if (from_is_ours && to_is_ours) return Direction::internal;
  if (to_is_ours) return Direction::inbound;
  if (from_is_ours) return Direction::outbound;
  return std::nullopt;
}

}  // namespace trunkline::warehouse
