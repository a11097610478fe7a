// One run of one kind of one account, step by step. Used by engine.cpp only.
#pragma once

#include <set>
#include <unordered_set>

#include "warehouse/sync/engine.hpp"

namespace trunkline::warehouse::sync {

struct PageGroup;

// How often a list or a window is read anew when what the provider says of it does not hold.
constexpr int repeats_max = 2;

class Engine::Run final : public Watch {
 public:
  Run(const store::Store& store, const Clock& clock, const EngineOptions& engine_options, Provider& provider,
      SyncType type, const RunOptions& options, Owner owner);

  // With the lease held. Fills in the log line; never fails, since how it ended is what the line says.
  void execute(LogLine& line, const std::string& holder);

  void requested() override;
  void retried(const Error& why) override;
  void waiting(Duration wait, std::string_view why) override;
  bool cancelled() const override;

 private:
  class PageReader;

  // How a feed ended: nothing, or why it did not get all the way, and whether anything of it was stored.
  struct FeedOutcome {
    std::optional<Error> problem = {};
    bool stored_any = false;
  };

  FeedOutcome run_feed(const Feed& feed);
  FeedOutcome run_listing(const Feed& feed);
  Result<void> read_listing(const Feed& feed, WindowProgress& progress, bool& stored_any);
  void note_listed(const Page& page, WindowProgress& progress);
  Result<void> commit_listed(const Feed& feed, const Page& page, const WindowProgress& progress);
  FeedOutcome run_windows(const Feed& feed);
  FeedOutcome run_missing_recordings();

  // Reads a window page by page from `cursor`. The window is proven when this gives no error.
  Result<void> read_window(const Feed& feed, Window window, std::string cursor, FeedState& state,
                           bool& stored_any);
  Result<void> read_window_until_it_holds(const Feed& feed, Window window, const std::string& cursor,
                                          FeedState& state, bool& stored_any);
  Result<void> check_proof(const Feed& feed, const WindowProgress& progress) const;
  Result<void> close_unproven(const Feed& feed, const WindowProgress& progress,
                              std::optional<Instant> proven_to, FeedState& state);
  Result<void> commit_group(const Feed& feed, PageGroup& group, FeedState& state);
  Result<void> add_details(const Feed& feed, Page& page);
  Result<void> fetch_open_calls();
  Result<void> fetch_message_bodies();
  Result<void> derive_billing();
  Result<void> store_rows(const Feed& feed, const RowSet& rows);
  Window range_of(const Feed& feed, const FeedState& state);
  Instant late_cost_start(const Feed& feed, Instant begin);
  Result<void> mark_looked_for(const Feed& feed, Instant begin);
  bool is_first(std::size_t hash);  // of this id in the window
  void count_distinct(const RowSet& rows, WindowProgress& progress);
  void note(const store::Written& written);
  void keep_lease();
  void tell(std::string_view waiting_for = {});
  Result<void> load_own_numbers();
  store::Source source_of(const Feed& feed) const;

  const store::Store& store_;
  const Clock& clock_;
  const EngineOptions& engine_options_;
  Provider& provider_;
  SyncType type_;
  const RunOptions& options_;
  Owner owner_;
  std::string holder_;
  LogLine* line_ = nullptr;
  Instant started_at_;
  Instant lease_kept_at_;
  std::string_view feed_name_;
  std::set<std::string> own_numbers_;
  std::unordered_set<std::size_t> seen_;     // of the window or list that is being read
  std::unordered_set<std::string> cursors_;  // the same
  bool is_manual_range_ = false;
  bool lease_lost_ = false;
  bool reading_stops_ = false;  // what is being read ahead is not wanted any more
};

}  // namespace trunkline::warehouse::sync
