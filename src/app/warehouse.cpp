#include "app/warehouse.hpp"

#include <fmt/core.h>

#include "app/own_calls.hpp"
#include "base/log.hpp"
#include "warehouse/retell/client.hpp"
#include "warehouse/store/store.hpp"
#include "warehouse/store/totals.hpp"
#include "warehouse/sync/agent_totals.hpp"
#include "warehouse/sync/events.hpp"
#include "warehouse/sync/own_links.hpp"
#include "warehouse/sync/schedule.hpp"
#include "warehouse/telnyx/client.hpp"
#include "warehouse/zadarma/client.hpp"

namespace trunkline::app {
namespace {

using warehouse::Provider;
using warehouse::ProviderAccount;
using warehouse::SyncType;
using warehouse::TimeZone;

constexpr Duration schedule_looks_every = seconds(5);
// How far back carriers' records of own calls are looked for: they come late.
constexpr Duration links_looked_for = days(7);

std::string name_of(const ProviderAccount& account) {
  return account.provider + "/" + account.account;
}

Result<std::unique_ptr<Provider>> make_provider(ProviderAccount account,
                                                const warehouse::ClientContext& context) {
  if (account.provider == "zadarma") return warehouse::zadarma::make_client(std::move(account), context);
  if (account.provider == "telnyx") return warehouse::telnyx::make_client(std::move(account), context);
  return warehouse::retell::make_client(std::move(account), context);
}

Result<warehouse::sync::RecordingStoreOptions> recording_options(const Settings& settings) {
  warehouse::sync::RecordingStoreOptions options;
  const std::string& kind = settings.text("recordings_store");
  if (kind == "local") {
    options.kind = warehouse::sync::RecordingStoreKind::local;
  } else if (kind == "s3") {
    options.kind = warehouse::sync::RecordingStoreKind::s3;
  } else if (kind != "link") {
    return fail(error_codes::setting_invalid, "recordings_store: must be link, local or s3.");
  }
  options.directory = settings.text("recordings_directory");
  options.endpoint = settings.text("s3_endpoint");
  options.bucket = settings.text("s3_bucket");
  options.region = settings.text("s3_region");
  options.access_key_id = settings.text("s3_access_key_id");
  options.secret_access_key = Secret(settings.text("s3_secret_access_key"));
  options.ca_file = settings.text("ca_file");
  if (kind == "s3" && (options.endpoint.empty() || options.bucket.empty() || options.access_key_id.empty())) {
    return fail(
        error_codes::setting_invalid,
        "recordings_store: s3 needs s3_endpoint, s3_bucket, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.");
  }
  return options;
}

}  // namespace

Result<std::unique_ptr<Warehouse>> Warehouse::open(Installation& installation, Network& network) {
  auto accounts = provider_accounts(installation.settings);
  if (!accounts) return fail(accounts.error());
  return open(installation, network, std::move(*accounts));
}

Result<std::unique_ptr<Warehouse>> Warehouse::open(Installation& installation, Network& network,
                                                   std::vector<ProviderAccount> accounts) {
  const Settings& settings = installation.settings;
  const auto zone = TimeZone::find(settings.text("warehouse_time_zone"));
  if (!zone) return fail(zone.error());
  const auto backfill = settings.duration("warehouse_backfill");
  if (!backfill) return fail(backfill.error());
  const auto group_rows = settings.number("warehouse_group_rows", 1, 100'000);
  if (!group_rows) return fail(group_rows.error());
  const auto recordings = recording_options(settings);
  if (!recordings) return fail(recordings.error());
  std::unique_ptr<Warehouse> opened(new Warehouse(installation));
  opened->store_ = std::make_unique<warehouse::store::Store>(installation.telco(), *zone);
  opened->engine_ = std::make_unique<warehouse::sync::Engine>(
      *opened->store_, installation.clock,
      warehouse::sync::EngineOptions{.backfill = *backfill,
                                     .group_rows = static_cast<std::size_t>(*group_rows)});
  opened->recordings_ = std::make_unique<warehouse::sync::RecordingStore>(
      *recordings, *opened->store_, installation.clock, installation.pool, network.client);
  for (ProviderAccount& account : accounts) {
    auto provider =
        make_provider(std::move(account),
                      {.http = network.client, .clock = installation.clock, .random = installation.random});
    if (!provider) return fail(std::move(provider.error()));
    opened->providers_.push_back(std::move(*provider));
  }
  opened->accounts_ =
      std::make_unique<tenancy::Accounts>(*installation.database, installation.ids, installation.clock);
  opened->providers_.push_back(std::make_unique<OwnCalls>(*installation.database, *opened->accounts_));
  if (const auto kept = opened->keep_reporting_zone(*zone); !kept) return fail(kept.error());
  return opened;
}

// Days are of one zone at a time: another one dates and counts every call anew.
Result<void> Warehouse::keep_reporting_zone(const TimeZone& zone) {
  const auto changed = warehouse::store::use_reporting_zone(*store_, zone);
  if (!changed) return fail(changed.error());
  if (*changed) log::info("the warehouse's days are of another time zone now", {{"zone", zone.name()}});
  return {};
}

Provider* Warehouse::find(std::string_view provider, std::string_view account) const {
  for (const auto& each : providers_) {
    if (each->account().provider == provider && each->account().account == account) return each.get();
  }
  return nullptr;
}

Result<warehouse::sync::RunReport> Warehouse::run(Provider& provider, SyncType type,
                                                  const warehouse::sync::RunOptions& options) {
  auto report = engine_->run(provider, type, options);
  if (report && type == SyncType::calls) {
    const auto linked =
        warehouse::sync::link_own_calls(*store_, installation_.clock.now() - links_looked_for);
    if (!linked) return fail(linked.error());
  }
  if (report && type == SyncType::agents && report->log.status != "skipped") {
    const auto number = warehouse::store::provider_number(provider.account().provider);
    if (!number) return fail(number.error());
    const auto filled = warehouse::sync::fill_agent_totals(
        *store_, {.provider_id = *number, .account = provider.account().account});
    if (!filled) return fail(filled.error());
  }
  if (!report || type != SyncType::recordings || report->log.status == "skipped") return report;
  const auto fetched = recordings_->fetch_missing(provider, options.cancelled);
  if (!fetched) {
    report->log.status = "partial";
    report->log.problem += (report->log.problem.empty() ? "" : "; ") + fetched.error().describe();
  }
  return report;
}

void Warehouse::start_schedule() {
  for (const auto& provider : providers_) {
    Follower& follower = followers_.emplace_back(*provider);
    ++following_;
    runtime::EventLoop::current()->spawn("telco-sync", [this, &follower] {
      follow_schedule(follower);
      if (--following_ == 0) all_stopped_.ring();
    });
  }
}

void Warehouse::stop(Duration at_most) {
  stopping_ = true;
  for (Follower& follower : followers_) follower.stopped.ring();
  if (following_ > 0) all_stopped_.wait_for(at_most);
}

void Warehouse::follow_schedule(Follower& follower) {
  Provider& provider = follower.provider;
  const ProviderAccount& account = provider.account();
  const auto number = warehouse::store::provider_number(account.provider);
  if (!number) return;
  while (!stopping_) {
    run_due(provider, {.provider_id = *number, .account = account.account});
    if (stopping_) return;
    const auto processed =
        warehouse::sync::process_pending(*engine_, *store_, provider, installation_.clock.now());
    if (!processed) {
      log::warning("carrier events wait", {{"account", name_of(account)}, {"error", processed.error()}});
    }
    follower.stopped.wait_for(schedule_looks_every);
  }
}

// One kind after the other: they share the provider's quota.
void Warehouse::run_due(Provider& provider, const warehouse::sync::Owner& owner) {
  const ProviderAccount& account = provider.account();
  for (const SyncType type : warehouse::all_sync_types) {
    if (stopping_) return;
    const bool has_any = std::ranges::any_of(
        provider.feeds(), [type](const warehouse::Feed& feed) { return feed.type == type; });
    const bool is_derived =
        type == SyncType::billing && account.provider != warehouse::store::own_provider_name;
    if (!has_any && !is_derived) continue;
    const auto last = warehouse::sync::last_start(database(), owner, type);
    if (!last) return;  // the database is away
    const Instant now = installation_.clock.now();
    if (!warehouse::sync::is_due(type, *last, now, store_->zone(), name_of(account))) continue;
    const auto report = run(provider, type, {.trigger = "schedule", .cancelled = &stopping_});
    if (!report) {
      log::warning("a sync could not be run", {{"account", name_of(account)}, {"error", report.error()}});
    }
  }
}

}  // namespace trunkline::app
