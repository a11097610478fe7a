// Reads a window's pages ahead on a fiber of its own, so that the next ones come while the last ones are
// written, and gathers small pages into groups that are worth a transaction. Used by engine_windows.cpp only.
#pragma once

#include <exception>

#include "runtime/semaphore.hpp"
#include "warehouse/sync/engine_run.hpp"

namespace trunkline::warehouse::sync {

// Pages that follow each other, to be committed together with the cursor behind the last of them.
struct PageGroup {
  RowSet rows;
  std::int64_t known = 0;           // further rows that are stored already, word for word
  std::int64_t known_distinct = 0;  // of these
  std::int64_t pages = 0;
  std::string next_cursor;  // empty behind the last page
  WindowProgress progress;  // the window's account with these pages in it
  bool is_last = false;     // of the window; `progress` says whether it is proven
  std::optional<Instant> last_start;
};

class Engine::Run::PageReader {
 public:
  PageReader(Run& run, const Feed& feed, Window window, std::string cursor);
  // Ends the reading. Suspends until it has ended.
  ~PageReader();
  PageReader(const PageReader&) = delete;
  PageReader& operator=(const PageReader&) = delete;

  // What has been read since, soon after there is anything, however slowly pages come. Suspends. Nothing at
  // the end.
  std::optional<PageGroup> next();
  // How the reading ended: an error when the window was not read to its end or does not hold. After next()
  // gave nothing.
  const Result<void>& outcome() const { return outcome_; }

 private:
  void read();
  Result<void> read_pages();
  void add(Page& page);
  bool is_full() const;
  Result<void> learn_known_rows();

  Run& run_;
  const Feed& feed_;
  std::string cursor_;
  WindowProgress progress_;
  KnownRows known_;
  PageGroup gathered_;
  Result<void> outcome_;
  std::exception_ptr thrown_;
  bool stopping_ = false;
  bool ended_ = false;
  runtime::Bell more_;  // for the writer: a page, or the end
  runtime::Bell room_;  // for the reader: what was gathered has been taken
};

}  // namespace trunkline::warehouse::sync
