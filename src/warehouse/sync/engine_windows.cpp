// Feeds that are asked by time.
#include <algorithm>

#include <fmt/core.h>

#include "base/failpoint.hpp"
#include "warehouse/sync/page_reader.hpp"

namespace trunkline::warehouse::sync {
namespace {

// Ids remembered to count what is distinct in a window: about 10 MB.
constexpr std::size_t seen_max = 250'000;
// A window that was left unfinished longer ago is begun anew.
constexpr Duration cursor_valid_for = hours(24);
// How far back late costs are looked for, and how often (section 4).
constexpr Duration late_cost_horizon = days(30);
constexpr Duration late_cost_every = days(1);

const db::Statement oldest_uncosted_call{
    "sync.oldest_uncosted_call",
    "SELECT min(started_at)::text FROM telco.calls WHERE provider_id = $1 AND account = $2 AND feed = $3"
    " AND is_settled = false AND cost IS NULL AND shadow_of IS NULL AND as_sent IS NULL AND started_at >= "
    "$4::text::timestamptz AND (looked_for_at IS NULL OR looked_for_at < $5::text::timestamptz)"};
const db::Statement oldest_uncosted_message{
    "sync.oldest_uncosted_message",
    "SELECT min(sent_at)::text FROM telco.messages WHERE provider_id = $1 AND account = $2"
    " AND is_settled = false AND cost IS NULL AND sent_at >= $3::text::timestamptz"
    " AND (looked_for_at IS NULL OR looked_for_at < $4::text::timestamptz)"};
const db::Statement looked_for_calls{
    "sync.looked_for_calls",
    "UPDATE telco.calls SET looked_for_at = $5::text::timestamptz WHERE provider_id = $1 AND account = $2 "
    "AND "
    "feed = $3 AND is_settled = false AND cost IS NULL AND started_at >= $4::text::timestamptz"
    " AND (looked_for_at IS NULL OR looked_for_at < $6::text::timestamptz)"};
const db::Statement looked_for_messages{
    "sync.looked_for_messages",
    "UPDATE telco.messages SET looked_for_at = $4::text::timestamptz WHERE provider_id = $1 AND account = $2"
    " AND is_settled = false AND cost IS NULL AND sent_at >= $3::text::timestamptz"
    " AND (looked_for_at IS NULL OR looked_for_at < $5::text::timestamptz)"};

}  // namespace

// [watermark - overlap, now], or the first run's look back; further back once a day for late costs.
Window Engine::Run::range_of(const Feed& feed, const FeedState& state) {
  const Instant end = std::min(options_.to.value_or(started_at_), started_at_);
  if (options_.from) return {std::min(*options_.from, end), end};
  const Instant begin =
      state.watermark ? *state.watermark - feed.overlap : started_at_ - engine_options_.backfill;
  return {std::min(late_cost_start(feed, begin), end), end};
}

Instant Engine::Run::late_cost_start(const Feed& feed, Instant begin) {
  if (feed.wants_call_detail) return begin;  // those are asked for one by one
  const std::string oldest = store::stored_time(started_at_ - late_cost_horizon);
  const std::string looked = store::stored_time(started_at_ - late_cost_every);
  db::Database& database = store_.database();
  const auto rows = feed.type == SyncType::calls
                        ? database.query(db::Scope::operations(), oldest_uncosted_call,
                                         {owner_.provider_id, owner_.account, feed.name, oldest, looked})
                    : feed.type == SyncType::messages
                        ? database.query(db::Scope::operations(), oldest_uncosted_message,
                                         {owner_.provider_id, owner_.account, oldest, looked})
                        : Result<db::Rows>(db::Rows());
  if (!rows || rows->empty() || rows->front().is_null(0)) return begin;
  return std::min(begin, store::read_stored_time(rows->front().text(0)).value_or(begin));
}

Result<void> Engine::Run::mark_looked_for(const Feed& feed, Instant begin) {
  const std::string from = store::stored_time(begin);
  const std::string now = store::stored_time(started_at_);
  // Once a day: a run that finds nothing new writes nothing.
  const std::string due = store::stored_time(started_at_ - late_cost_every);
  db::Database& database = store_.database();
  Result<std::int64_t> marked = 0;
  if (feed.type == SyncType::calls && !feed.wants_call_detail)
    marked = database.execute(db::Scope::operations(), looked_for_calls,
                              {owner_.provider_id, owner_.account, feed.name, from, now, due});
  if (feed.type == SyncType::messages)
    marked = database.execute(db::Scope::operations(), looked_for_messages,
                              {owner_.provider_id, owner_.account, from, now, due});
  if (!marked) return fail(marked.error());
  return {};
}

Engine::Run::FeedOutcome Engine::Run::run_windows(const Feed& feed) {
  FeedOutcome outcome;
  const auto loaded = store_.database().transact(db::Scope::operations(), [&](db::Transaction& transaction) {
    return read_state(transaction, owner_, feed.name);
  });
  if (!loaded) {
    outcome.problem = loaded.error();
    return outcome;
  }
  FeedState state = *loaded;
  const Window range = range_of(feed, state);
  // Where the first run begins is kept at once: if it fails, the next one must not look back less far.
  if (!state.watermark && !is_manual_range_) {
    state.watermark = range.begin;
    const auto kept = store_.database().transact(db::Scope::operations(), [&](db::Transaction& transaction) {
      write_state(transaction, owner_, feed.name, state, clock_.now());
    });
    if (!kept) {
      outcome.problem = kept.error();
      return outcome;
    }
  }
  if (!line_->range) line_->range = range;
  line_->range = Window{std::min(line_->range->begin, range.begin), std::max(line_->range->end, range.end)};
  // A window that a dead run left is read to its end first. Where new rows push later pages down, it is begun
  // anew.
  const bool continues = state.window && !is_manual_range_ && feed.order != FeedOrder::newest_first &&
                         state.updated_at && clock_.now() - *state.updated_at < cursor_valid_for &&
                         state.window->begin <= range.begin + feed.window_max;
  Instant at = range.begin;
  std::string cursor;
  std::optional<Window> unfinished;
  if (continues) {
    unfinished = state.window;
    cursor = state.cursor;
    at = std::min(at, unfinished->begin);
  }
  while (at < range.end && !cancelled()) {
    Window window{at, std::min(at + feed.window_max, range.end)};
    if (unfinished && unfinished->begin == at) window = *unfinished;
    const bool resumes = unfinished && window == *unfinished;
    const auto read =
        read_window_until_it_holds(feed, window, resumes ? cursor : "", state, outcome.stored_any);
    if (!read) {
      outcome.problem = read.error();
      return outcome;
    }
    at = window.end;
  }
  if (!cancelled()) {
    if (const auto marked = mark_looked_for(feed, range.begin); !marked) outcome.problem = marked.error();
  }
  return outcome;
}

Result<void> Engine::Run::read_window_until_it_holds(const Feed& feed, Window window,
                                                     const std::string& cursor, FeedState& state,
                                                     bool& stored_any) {
  Result<void> proven;
  for (int attempt = 0; attempt <= repeats_max; ++attempt) {
    proven = read_window(feed, window, attempt == 0 ? cursor : "", state, stored_any);
    if (proven || proven.error().code() != warehouse::error_codes::provider_inconsistent) return proven;
  }
  return proven;
}

Result<void> Engine::Run::read_window(const Feed& feed, Window window, std::string cursor, FeedState& state,
                                      bool& stored_any) {
  seen_.clear();
  cursors_.clear();
  WindowProgress progress{.window = window};
  std::optional<Instant> proven_to;
  PageReader reader(*this, feed, window, std::move(cursor));
  while (auto group = reader.next()) {
    group->progress.id = progress.id;
    const auto committed = commit_group(feed, *group, state);
    if (!committed) return committed;
    progress = std::move(group->progress);
    if (group->last_start && (!proven_to || *group->last_start > *proven_to)) proven_to = group->last_start;
    stored_any = true;
    tell();
    if (group->is_last) return reader.outcome();
  }
  progress.status = "partial";
  progress.problem = reader.outcome().error().message();
  if (const auto closed = close_unproven(feed, progress, proven_to, state); !closed) return closed;
  return reader.outcome();
}

// What came in rising order is proven as far as it came.
Result<void> Engine::Run::close_unproven(const Feed& feed, const WindowProgress& progress,
                                         std::optional<Instant> proven_to, FeedState& state) {
  FeedState next = state;
  WindowProgress part = progress;
  const bool is_part_proven =
      feed.order == FeedOrder::ascending && proven_to && *proven_to > progress.window.begin;
  if (is_part_proven) {
    part.window.end = std::min(*proven_to, progress.window.end);
    part.status = "complete";
    part.end_said = "rising order";
    const bool joins = !state.watermark || progress.window.begin <= *state.watermark;
    if (joins && !is_manual_range_ && (!state.watermark || part.window.end > *state.watermark))
      next.watermark = part.window.end;
  }
  const auto closed = store_.database().transact(db::Scope::operations(), [&](db::Transaction& transaction) {
    if (is_part_proven) write_state(transaction, owner_, feed.name, next, clock_.now());
    WindowProgress stored = part;
    write_window(transaction, owner_, feed.name, stored, clock_.now());
  });
  if (!closed) return fail(closed.error());
  state = next;
  return {};
}

// Fewer rows than the provider says there are, by its last word, is a hole. A total that moved while the
// pages were read does no harm when all are there.
Result<void> Engine::Run::check_proof(const Feed& feed, const WindowProgress& progress) const {
  if (!progress.total_said || progress.distinct >= *progress.total_said) return {};
  return fail(warehouse::error_codes::provider_inconsistent,
              fmt::format("{} {} says that {} records are in this {} and gave {}.",
                          provider_.account().provider, feed.name, *progress.total_said,
                          feed.scope == FeedScope::listing ? "list" : "window", progress.distinct));
}

bool Engine::Run::is_first(std::size_t hash) {
  return seen_.size() >= seen_max || seen_.insert(hash).second;
}

void Engine::Run::count_distinct(const RowSet& rows, WindowProgress& progress) {
  const std::hash<std::string_view> hash;
  const auto count = [&](const std::string& id) {
    if (is_first(hash(id))) ++progress.distinct;
  };
  for (const CallRow& row : rows.calls) {
    if (row.parts.empty()) count(row.external_call_id);
    for (std::size_t part = 0; part < row.parts.size(); ++part)
      count(fmt::format("{}/{}", row.external_call_id, part));
  }
  if (rows.calls.empty()) {
    for (const ChargeRow& row : rows.charges) count(row.external_charge_id);
    for (const RecordingRow& row : rows.recordings) count(row.external_recording_id);
  }
  for (const MessageRow& row : rows.messages) count(row.external_message_id);
  for (const BillingRow& row : rows.billing) count(row.item_key);
}

// The pages, the cursor behind them, the window's account and, at the window's end, the watermark: all or
// nothing.
Result<void> Engine::Run::commit_group(const Feed& feed, PageGroup& group, FeedState& state) {
  const store::Source source = source_of(feed);
  const WindowProgress& progress = group.progress;
  const bool is_proven = group.is_last && progress.status == "complete";
  FeedState next = state;
  if (!is_manual_range_) {
    next.window = is_proven ? std::nullopt : std::optional(progress.window);
    next.cursor = group.next_cursor;
  }
  if (is_proven) {
    const bool joins = state.watermark ? progress.window.begin <= *state.watermark : !is_manual_range_;
    if (joins && (!state.watermark || progress.window.end > *state.watermark))
      next.watermark = progress.window.end;
  }
  std::int64_t window_id = progress.id;
  auto written = store_.database().transact(
      db::Scope::operations(), [&](db::Transaction& transaction) -> Result<store::Written> {
        lock_account(transaction, owner_, source.now);
        if (!renew_lease(transaction, owner_, type_, holder_, source.now))
          return fail(error_codes::lease_lost, "Another process has taken this run over.");
        store::Written all = store_.write(transaction, source, group.rows);
        write_state(transaction, owner_, feed.name, next, source.now);
        WindowProgress stored = progress;
        write_window(transaction, owner_, feed.name, stored, source.now);
        window_id = stored.id;
        return all;
      });
  if (!written) return fail(written.error());
  TRUNKLINE_FAIL_POINT("sync.page_committed");
  group.progress.id = window_id;
  state = next;
  written->received += group.known;
  written->unchanged += group.known_distinct;
  note(*written);
  line_->pages += group.pages;
  return {};
}

}  // namespace trunkline::warehouse::sync
