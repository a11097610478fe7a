#include "warehouse/sync/page_reader.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"

namespace trunkline::warehouse::sync {
namespace {

// Beyond these a provider is not read on, whatever it says.
constexpr std::int64_t window_pages_max = 200'000;
// How long the first page of a group waits for others: less than a provider with a narrow quota takes.
constexpr Duration gathered_for = milliseconds(200);

// Rows of a window whose fingerprints are remembered: about 15 MB.
constexpr std::int64_t known_max = 250'000;
// Known rows cost a group little.
constexpr std::int64_t known_rows_of_group = 20;

const db::Statement known_calls{"sync.known_calls",
                                "SELECT source_hash, external_call_id FROM telco.calls WHERE provider_id = "
                                "$1 AND account = $2 AND feed = "
                                "$3 AND started_at >= $4::text::timestamptz AND started_at < "
                                "$5::text::timestamptz AND source_hash IS NOT "
                                "NULL LIMIT $6",
                                db::Reach::scan};

std::optional<Instant> last_start_in(const RowSet& rows) {
  std::optional<Instant> last;
  for (const CallRow& call : rows.calls) {
    if (call.started_at && (!last || *call.started_at > *last)) last = call.started_at;
  }
  return last;
}

template <class Row>
void append(std::vector<Row>& rows, std::vector<Row>& more) {
  if (rows.empty()) {
    rows = std::move(more);
  } else {
    std::ranges::move(more, std::back_inserter(rows));
  }
}

void append(RowSet& rows, RowSet& more) {
  append(rows.calls, more.calls);
  append(rows.charges, more.charges);
  append(rows.recordings, more.recordings);
  append(rows.messages, more.messages);
  append(rows.balances, more.balances);
  append(rows.billing, more.billing);
  append(rows.phone_numbers, more.phone_numbers);
  append(rows.agents, more.agents);
  append(rows.resources, more.resources);
}

}  // namespace

Engine::Run::PageReader::PageReader(Run& run, const Feed& feed, Window window, std::string cursor)
    : run_(run), feed_(feed), cursor_(std::move(cursor)), progress_{.window = window} {
  runtime::EventLoop::current()->spawn("sync-reader", [this] { read(); });
}

Engine::Run::PageReader::~PageReader() {
  run_.reading_stops_ = true;  // cuts waits for a quota short
  stopping_ = true;
  room_.ring();
  while (!ended_) more_.wait();
  run_.reading_stops_ = false;
}

std::optional<PageGroup> Engine::Run::PageReader::next() {
  while (gathered_.pages == 0 && !ended_) more_.wait();
  const runtime::SteadyTime taken_at = std::chrono::steady_clock::now() + gathered_for;
  while (!ended_ && !is_full()) {
    const Duration left = runtime::time_left(taken_at);
    if (left <= Duration::zero() || !more_.wait_for(left)) break;
  }
  if (thrown_) std::rethrow_exception(thrown_);
  if (gathered_.pages == 0) return std::nullopt;
  PageGroup group = std::exchange(gathered_, {});
  room_.ring();
  return group;
}

// On its own fiber, which nothing may leave by an exception.
void Engine::Run::PageReader::read() {
  try {
    outcome_ = read_pages();
  } catch (...) {
    thrown_ = std::current_exception();
  }
  ended_ = true;
  more_.ring();
}

bool Engine::Run::PageReader::is_full() const {
  const auto rows = static_cast<std::int64_t>(gathered_.rows.size());
  return rows + gathered_.known / known_rows_of_group >=
         static_cast<std::int64_t>(run_.engine_options_.group_rows);
}

// What a call's direction and numbers depend on besides its record is part of the fingerprint.
Result<void> Engine::Run::PageReader::learn_known_rows() {
  known_.context = fmt::format("{}|{}|{}", feed_.fingerprint_version, run_.provider_.account().default_region,
                               join(run_.own_numbers_, ","));
  const Window& window = progress_.window;
  const auto rows = run_.store_.database().query(
      db::Scope::operations(), known_calls,
      {run_.owner_.provider_id, run_.owner_.account, feed_.name, store::stored_time(window.begin),
       store::stored_time(window.end), known_max});
  if (!rows) return fail(rows.error());
  known_.rows.reserve(rows->size());
  for (const db::Row row : *rows)
    known_.rows.emplace(row.integer(0), std::hash<std::string_view>()(row.text(1)));
  return {};
}

Result<void> Engine::Run::PageReader::read_pages() {
  const bool knows_rows = feed_.fingerprint_version != 0 && feed_.type == SyncType::calls;
  if (knows_rows) {
    if (auto learned = learn_known_rows(); !learned) return learned;
  }
  while (true) {
    auto page = run_.provider_.fetch({.feed = feed_,
                                      .window = progress_.window,
                                      .cursor = cursor_,
                                      .own_numbers = &run_.own_numbers_,
                                      .known = knows_rows ? &known_ : nullptr},
                                     run_);
    if (!page) return fail(page.error());
    if (page->next_cursor && (!run_.cursors_.insert(*page->next_cursor).second ||
                              *page->next_cursor == cursor_ || progress_.pages >= window_pages_max)) {
      return fail(
          warehouse::error_codes::provider_inconsistent,
          fmt::format("{} {} gave a page's cursor twice.", run_.provider_.account().provider, feed_.name));
    }
    if (auto detailed = run_.add_details(feed_, *page); !detailed) return detailed;
    const bool is_last = !page->next_cursor;
    cursor_ = page->next_cursor.value_or("");
    add(*page);
    Result<void> proven;
    if (is_last) {
      proven = run_.check_proof(feed_, progress_);
      progress_.status = proven ? "complete" : "partial";
      if (!proven) progress_.problem = proven.error().message();
    }
    gathered_.is_last = is_last;
    gathered_.progress = progress_;
    gathered_.next_cursor = cursor_;
    if (is_last) return proven;
    more_.ring();
    while (is_full() && !stopping_) room_.wait();
    if (run_.cancelled()) return fail(error_codes::cancelled, "The run was told to end.");
  }
}

void Engine::Run::PageReader::add(Page& page) {
  if (page.said.total) progress_.total_said = page.said.total;
  run_.count_distinct(page.rows, progress_);
  for (const std::int64_t print : page.known) {
    ++gathered_.known;
    if (run_.is_first(known_.rows.at(print))) {
      ++gathered_.known_distinct;
      ++progress_.distinct;
    }
  }
  progress_.received += page.said.rows;
  ++progress_.pages;
  progress_.end_said = page.said.end;
  const auto last = last_start_in(page.rows);
  if (last && (!gathered_.last_start || *last > *gathered_.last_start)) gathered_.last_start = last;
  append(gathered_.rows, page.rows);
  ++gathered_.pages;
}

}  // namespace trunkline::warehouse::sync
