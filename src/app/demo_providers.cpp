#include "app/demo_providers.hpp"

namespace trunkline::app {
namespace {

constexpr Duration period = days(60);
constexpr std::int64_t calls_of_each = 300;
constexpr std::string_view zone = "Australia/Sydney";

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
  const std::vector<std::pair<std::string_view, std::string>> values{
      {"zadarma_key", zadarma.key},
      {"zadarma_secret", zadarma.secret},
      {"zadarma_url", providers->zadarma_->base_url()},
      {"zadarma_time_zone", std::string(zone)},
      {"telnyx_api_key", telnyx.api_key},
      {"telnyx_public_key", providers->telnyx_->public_key()},
      {"telnyx_url", providers->telnyx_->base_url()},
      {"retell_api_key", retell.api_key},
      {"retell_url", providers->retell_->base_url()},
      {"warehouse_region", "AU"},
      // Zadarma allows three pages a minute; its feeds are asked in months.
      {"warehouse_backfill", "30d"}};
  for (const auto& [name, value] : values) {
    if (settings.origin(name) != SettingOrigin::fallback) continue;
    if (const auto set = settings.set(name, value); !set) return fail(set.error());
  }
  return providers;
}

}  // namespace trunkline::app
