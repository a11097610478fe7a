#include "app/demo_providers.hpp"

#include <filesystem>
#include <fstream>

#include <fmt/core.h>

namespace trunkline::app {
namespace {

constexpr Duration period = days(60);
constexpr std::int64_t calls_of_each = 300;
constexpr std::string_view zone = "Australia/Sydney";
constexpr std::string_view accounts_file = "var/demo-telco.toml";

struct Account {
  std::string_view provider;
  std::string url, key, secret, public_key;
};

// The simulated accounts as an operator would write them down, so that commands beside the demo can use them.
// Their keys open nothing but the fakes.
Result<void> write_accounts(const std::vector<Account>& accounts) {
  std::string text = "# The simulated providers of the last `trunkline serve --demo`.\n";
  for (const Account& account : accounts) {
    text += fmt::format(
        "\n[[account]]\nprovider = \"{}\"\nurl = \"{}\"\nkey = \"{}\"\nsecret = \"{}\"\n"
        "public_key = \"{}\"\ntime_zone = \"{}\"\n",
        account.provider, account.url, account.key, account.secret, account.public_key, zone);
  }
  const std::filesystem::path path(accounts_file);
  std::error_code failed;
  std::filesystem::create_directories(path.parent_path(), failed);
  std::ofstream file(path);
  if (!(file << text << std::flush)) {
    return fail(trunkline::error_codes::unavailable,
                fmt::format("The demo cannot write {}: start it in a directory that you may write to, or set "
                            "TRUNKLINE_TELCO_ACCOUNTS_FILE.",
                            accounts_file));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<DemoProviders>> DemoProviders::start(Settings& settings, Instant now) {
  for (const char* key : {"zadarma_key", "telnyx_api_key", "retell_api_key", "telco_accounts_file"}) {
    if (!settings.text(key).empty()) return nullptr;
  }
  // The providers' time ends a day from now: calls keep coming while the demo runs.
  const Instant begin = std::chrono::floor<days>(now) + days(1) - period;
  std::unique_ptr<DemoProviders> providers(new DemoProviders);
  fakes::FakeZadarmaOptions zadarma;
  zadarma.world = {.begin = begin, .period = period, .calls = calls_of_each, .time_zone = std::string(zone)};
  providers->zadarma_ = std::make_unique<fakes::FakeZadarma>(zadarma);
  fakes::FakeTelnyxOptions telnyx;
  telnyx.world = {.begin = begin, .period = period, .calls = calls_of_each};
  providers->telnyx_ = std::make_unique<fakes::FakeTelnyx>(telnyx);
  fakes::FakeRetellOptions retell;
  retell.world = {.begin = begin, .period = period, .calls = calls_of_each};
  providers->retell_ = std::make_unique<fakes::FakeRetell>(retell);
  const std::vector<Account> accounts{
      {"zadarma", providers->zadarma_->base_url(), zadarma.key, zadarma.secret, {}},
      {"telnyx", providers->telnyx_->base_url(), telnyx.api_key, {}, providers->telnyx_->public_key()},
      {"retell", providers->retell_->base_url(), retell.api_key, {}, {}}};
  if (const auto written = write_accounts(accounts); !written) return fail(written.error());
  const std::vector<std::pair<std::string_view, std::string_view>> values{
      {"telco_accounts_file", accounts_file},
      {"warehouse_region", "AU"},
      // Zadarma allows three pages a minute; its feeds are asked in months.
      {"warehouse_backfill", "30d"}};
  for (const auto& [name, value] : values) {
    if (settings.origin(name) != SettingOrigin::fallback) continue;
    if (const auto set = settings.set(name, std::string(value)); !set) return fail(set.error());
  }
  return providers;
}

}  // namespace trunkline::app
