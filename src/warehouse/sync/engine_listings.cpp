// Feeds that always list everything there is.
#include <fmt/core.h>

#include "warehouse/sync/engine_run.hpp"

namespace trunkline::warehouse::sync {
namespace {

// What one row of the list became: a number brings its rental along, an agent its resources.
std::vector<std::string> listed_ids(const RowSet& rows) {
  std::vector<std::string> ids;
  ids.reserve(rows.phone_numbers.size());
  for (const PhoneNumberRow& row : rows.phone_numbers) ids.push_back(row.phone_number);
  if (ids.empty()) {
    for (const AgentRow& row : rows.agents) ids.push_back(row.agent_id);
  }
  if (ids.empty()) {
    for (const ResourceRow& row : rows.resources) ids.push_back(row.kind + "/" + row.external_id);
  }
  if (ids.empty()) {
    for (const BillingRow& row : rows.billing) ids.push_back(row.item_key);
  }
  return ids;
}

}  // namespace

// Each reading is a row in the ledger of windows, whose begin and end are the moment at which it began.
Engine::Run::FeedOutcome Engine::Run::run_listing(const Feed& feed) {
  FeedOutcome outcome;
  WindowProgress progress;
  Result<void> read;
  for (int attempt = 0; attempt <= repeats_max; ++attempt) {
    const Instant begin = clock_.now();
    progress = {.window = {begin, begin}};
    read = read_listing(feed, progress, outcome.stored_any);
    if (read || read.error().code() != warehouse::error_codes::provider_inconsistent) break;
  }
  if (read) return outcome;
  outcome.problem = read.error();
  progress.status = "partial";
  progress.problem = read.error().message();
  const auto closed = store_.database().transact(db::Scope::operations(), [&](db::Transaction& transaction) {
    WindowProgress stored = progress;
    write_window(transaction, owner_, feed.name, stored, clock_.now());
  });
  if (!closed) outcome.problem = closed.error();
  return outcome;
}

// What was not there any more at the end of a whole list has gone; a list that is not whole says nothing
// about what it lacks.
Result<void> Engine::Run::read_listing(const Feed& feed, WindowProgress& progress, bool& stored_any) {
  seen_.clear();
  cursors_.clear();
  std::string cursor;
  while (true) {
    auto page = provider_.fetch(
        {.feed = feed, .window = progress.window, .cursor = cursor, .own_numbers = &own_numbers_}, *this);
    if (!page) return fail(page.error());
    if (page->next_cursor && !cursors_.insert(*page->next_cursor).second) {
      return fail(warehouse::error_codes::provider_inconsistent,
                  fmt::format("{} {} gave a page's cursor twice.", provider_.account().provider, feed.name));
    }
    const bool is_last = !page->next_cursor;
    note_listed(*page, progress);
    Result<void> proven;
    if (is_last) proven = check_proof(feed, progress);
    progress.status = is_last && proven ? "complete" : "running";
    if (const auto stored = commit_listed(feed, *page, progress); !stored) return stored;
    stored_any = true;
    tell();
    if (is_last) return proven;
    cursor = *page->next_cursor;
  }
}

void Engine::Run::note_listed(const Page& page, WindowProgress& progress) {
  const std::hash<std::string_view> hash;
  for (const std::string& id : listed_ids(page.rows)) {
    if (is_first(hash(id))) ++progress.distinct;
  }
  progress.distinct += page.said.left_out + static_cast<std::int64_t>(page.rows.balances.size());
  progress.received += page.said.rows;
  if (page.said.total) progress.total_said = page.said.total;
  progress.end_said = page.said.end;
  ++progress.pages;
}

Result<void> Engine::Run::commit_listed(const Feed& feed, const Page& page, const WindowProgress& progress) {
  const store::Source source = source_of(feed);
  auto written = store_.database().transact(
      db::Scope::operations(), [&](db::Transaction& transaction) -> Result<store::Written> {
        lock_account(transaction, owner_, source.now);
        if (!renew_lease(transaction, owner_, type_, holder_, source.now))
          return fail(error_codes::lease_lost, "Another process has taken this run over.");
        store::Written all = store_.write(transaction, source, page.rows);
        if (progress.status == "complete") {
          store_.release_missing(transaction, source, feed, progress.window.begin);
          WindowProgress stored = progress;
          write_window(transaction, owner_, feed.name, stored, source.now);
        }
        return all;
      });
  if (!written) return fail(written.error());
  note(*written);
  ++line_->pages;
  return {};
}

}  // namespace trunkline::warehouse::sync
