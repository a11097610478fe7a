#include "warehouse/sync/engine_run.hpp"

#include <fmt/core.h>

#include "base/log.hpp"
#include "base/text.hpp"

namespace trunkline::warehouse::sync {
namespace {

// How often the lease is renewed while pages or answers come in.
constexpr Duration lease_renewal = seconds(60);

const db::Statement own_numbers{
    "sync.own_numbers",
    "SELECT phone_number_e164 FROM telco.phone_numbers WHERE provider_id = $1 AND account = $2"
    " AND phone_number_e164 IS NOT NULL"};

}  // namespace

Engine::Run::Run(const store::Store& store, const Clock& clock, const EngineOptions& engine_options,
                 Provider& provider, SyncType type, const RunOptions& options, Owner owner)
    : store_(store),
      clock_(clock),
      engine_options_(engine_options),
      provider_(provider),
      type_(type),
      options_(options),
      owner_(std::move(owner)),
      started_at_(clock.now()),
      lease_kept_at_(started_at_),
      is_manual_range_(options.from || options.to) {}

void Engine::Run::execute(LogLine& line, const std::string& holder) {
  line_ = &line;
  holder_ = holder;
  std::vector<std::string> problems;
  std::size_t feeds = 0;
  std::size_t failed = 0;
  bool stored_any = false;
  const auto take = [&](std::string_view name, const FeedOutcome& outcome) {
    ++feeds;
    stored_any = stored_any || outcome.stored_any;
    if (!outcome.problem) return;
    ++failed;
    problems.push_back(fmt::format("{}: {}", name, outcome.problem->describe()));
  };
  if (const auto loaded = load_own_numbers(); !loaded) {
    line.status = "failed";
    line.problem = loaded.error().describe();
    return;
  }
  for (const Feed& feed : provider_.feeds()) {
    if (feed.type != type_ || feed.scope == FeedScope::wanted) continue;
    if (cancelled()) break;
    feed_name_ = feed.name;
    take(feed.name, run_feed(feed));
  }
  const auto extra = [&](std::string_view name, Result<void> outcome) {
    FeedOutcome result;
    if (!outcome) result.problem = outcome.error();
    take(name, result);
  };
  if (type_ == SyncType::recordings && !cancelled()) take("missing recordings", run_missing_recordings());
  if (type_ == SyncType::calls && !cancelled()) extra("open calls", fetch_open_calls());
  if (type_ == SyncType::messages && !cancelled()) extra("message texts", fetch_message_bodies());
  if (type_ == SyncType::billing && !cancelled()) extra("derived items", derive_billing());
  if (cancelled()) problems.emplace_back("cancelled");
  // Partial: something was stored, or a feed went well, and not all did (section 7).
  const bool is_whole = problems.empty();
  line.status = is_whole ? "success" : (stored_any || failed < feeds) ? "partial" : "failed";
  line.problem = join(problems, "; ");
}

void Engine::Run::requested() {
  ++line_->requests;
  keep_lease();
}

void Engine::Run::retried(const Error& why) {
  ++line_->retries;
  log::info("sync retries", {{"provider", provider_.account().provider}, {"feed", feed_name_}, {"why", why}});
}

void Engine::Run::waiting(Duration wait, std::string_view why) {
  keep_lease();
  tell(fmt::format("{}, {}", why, format_duration(wait)));
}

bool Engine::Run::cancelled() const {
  return lease_lost_ || reading_stops_ || (options_.cancelled != nullptr && options_.cancelled->load());
}

void Engine::Run::tell(std::string_view waiting_for) {
  if (!options_.progress) return;
  options_.progress({.provider = provider_.account().provider,
                     .account = provider_.account().account,
                     .type = type_,
                     .feed = feed_name_,
                     .pages = line_->pages,
                     .rows = line_->rows.received,
                     .elapsed = clock_.now() - started_at_,
                     .waiting_for = std::string(waiting_for)});
}

// Long waits for a quota must not let the lease run out.
void Engine::Run::keep_lease() {
  const Instant now = clock_.now();
  if (now - lease_kept_at_ < lease_renewal) return;
  lease_kept_at_ = now;
  const auto kept = store_.database().transact(db::Scope::operations(), [&](db::Transaction& transaction) {
    return renew_lease(transaction, owner_, type_, holder_, now);
  });
  if (kept && !*kept) lease_lost_ = true;
}

Result<void> Engine::Run::load_own_numbers() {
  const auto rows =
      store_.database().query(db::Scope::operations(), own_numbers, {owner_.provider_id, owner_.account});
  if (!rows) return fail(rows.error());
  for (const db::Row row : *rows) own_numbers_.emplace(row.text(0));
  return {};
}

store::Source Engine::Run::source_of(const Feed& feed) const {
  return {.owner = owner_,
          .provider = &provider_,
          .feed = feed.name,
          .part_key = feed.part_key,
          .now = clock_.now()};
}

void Engine::Run::note(const store::Written& written) {
  line_->rows += written;
  for (const store::CostChange& change : written.cost_changes) {
    log::info("a cost changed", {{"provider", provider_.account().provider},
                                 {"account", owner_.account},
                                 {"call", change.external_id},
                                 {"before", change.before},
                                 {"after", change.after}});
  }
  line_->rows.cost_changes.clear();
}

Result<void> Engine::Run::store_rows(const Feed& feed, const RowSet& rows) {
  const store::Source source = source_of(feed);
  auto written = store_.database().transact(
      db::Scope::operations(), [&](db::Transaction& transaction) -> Result<store::Written> {
        lock_account(transaction, owner_, source.now);
        if (!renew_lease(transaction, owner_, type_, holder_, source.now))
          return fail(error_codes::lease_lost, "Another process has taken this run over.");
        return store_.write(transaction, source, rows);
      });
  if (!written) return fail(written.error());
  note(*written);
  return {};
}

Engine::Run::FeedOutcome Engine::Run::run_feed(const Feed& feed) {
  return feed.scope == FeedScope::listing ? run_listing(feed) : run_windows(feed);
}

}  // namespace trunkline::warehouse::sync
