#include "warehouse/sync/engine.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/log.hpp"
#include "warehouse/sync/engine_run.hpp"

namespace trunkline::warehouse::sync {

Result<RunReport> Engine::run(Provider& provider, SyncType type, const RunOptions& options) {
  const ProviderAccount& account = provider.account();
  const auto number = store::provider_number(account.provider);
  if (!number) return fail(number.error());
  const Owner owner{.provider_id = *number, .account = account.account};
  RunReport report{.provider = account.provider, .account = account.account, .type = type};
  LogLine& line = report.log;
  line.trigger = options.trigger;
  line.started_at = clock_.now();
  const std::string holder = this_process();
  const auto taken = take_lease(store_.database(), owner, type, holder, line.started_at);
  if (!taken) return fail(taken.error());
  if (!*taken) {
    line.status = "skipped";
    line.problem = "another run of this kind is under way";
    if (const auto logged = log_skipped(store_.database(), owner, type, options.trigger, line.started_at);
        !logged)
      return fail(logged.error());
    return report;
  }
  if (const auto begun = begin_log(store_.database(), owner, type, line); !begun) return fail(begun.error());
  Run(store_, clock_, options_, provider, type, options, owner).execute(line, holder);
  const auto ended = end_log(store_.database(), line, clock_.now());
  if (const auto given = give_lease_back(store_.database(), owner, type, holder); !given)
    log::warning("a sync lease could not be given back", {{"error", given.error()}});
  if (!ended) return fail(ended.error());
  log::info("sync ended", {{"provider", account.provider},
                           {"account", account.account},
                           {"type", to_text(type)},
                           {"status", line.status},
                           {"pages", line.pages},
                           {"fetched", line.rows.received},
                           {"inserted", line.rows.inserted},
                           {"updated", line.rows.updated},
                           {"problem", line.problem}});
  return report;
}

Result<store::Written> Engine::take_event(Provider& provider, const WebhookEvent& event) {
  const ProviderAccount& account = provider.account();
  const auto number = store::provider_number(account.provider);
  if (!number) return fail(number.error());
  // Counts nothing: an event is no run.
  class Silent final : public Watch {
    void requested() override {}
    void retried(const Error&) override {}
    void waiting(Duration, std::string_view) override {}
  } watch;
  RowSet rows = event.rows;
  for (const std::string& call : event.calls_to_fetch) {
    auto fetched = provider.fetch_call(call, watch);
    if (!fetched) continue;  // the next run reads it
    std::ranges::move(fetched->calls, std::back_inserter(rows.calls));
    std::ranges::move(fetched->charges, std::back_inserter(rows.charges));
    std::ranges::move(fetched->recordings, std::back_inserter(rows.recordings));
  }
  const store::Source source{.owner = {.provider_id = *number, .account = account.account},
                             .provider = &provider,
                             .now = clock_.now()};
  return store_.database().transact(db::Scope::operations(), [&](db::Transaction& transaction) {
    lock_account(transaction, source.owner, source.now);
    return store_.write(transaction, source, rows);
  });
}

int exit_code(const std::vector<RunReport>& reports) {
  bool any_good = false;
  bool any_partial = false;
  bool any_failed = false;
  for (const RunReport& report : reports) {
    if (report.log.status == "failed") any_failed = true;
    if (report.log.status == "partial") any_partial = true;
    if (report.log.status == "success" || report.log.status == "skipped") any_good = true;
  }
  if (any_partial || (any_failed && any_good)) return 2;
  return any_failed ? 1 : 0;
}

}  // namespace trunkline::warehouse::sync
