// Gathers the writes of an account that arrive while others of it are being committed, and hands them on
// together: a transaction costs much, one more row in it little. The busier the server, the larger the groups
// and the cheaper each write; a lone write waits for nobody. SQLite's writer does the same for whole
// transactions (docs/decisions/0011-group-commit-on-sqlite.md); here the rows of a group go into statements
// of their own, which is what makes them cheap on PostgreSQL (docs/decisions/0016-groups-of-writes.md).
//
// Groups of one account follow each other; those of different accounts, which row-level security keeps apart,
// go on side by side. One a process, for all its loops: a group is committed on the loop of its first caller.
#pragma once

#include <algorithm>
#include <deque>
#include <exception>
#include <mutex>
#include <unordered_map>

#include "base/id.hpp"
#include "db/database.hpp"
#include "runtime/event_loop.hpp"

namespace trunkline::db {

struct GroupLimits {
  std::size_t group_max = 256;     // few enough that the first does not wait long for the last
  std::size_t waiting_max = 4096;  // writes that may wait, of all accounts, before new ones are refused
};

template <class Item>
class GroupWriter {
 public:
  // Commits the items of one account, and leaves in each what came of it. Runs on a fiber of its own, until
  // the last item's deadline. What it throws, each of the group's callers gets.
  using Commit = std::function<void(AccountId, std::span<Item* const>)>;

  explicit GroupWriter(GroupLimits limits = {}) : limits_(limits) {}
  ~GroupWriter() = default;  // nobody may be waiting any more
  GroupWriter(const GroupWriter&) = delete;
  GroupWriter& operator=(const GroupWriter&) = delete;

  // Returns when the group of `item` has been committed, by the `commit` of its first caller. Fails with
  // `unavailable` when too many wait, or when the caller's time ran out before it was its turn; then the item
  // was not handed on. Suspends.
  Result<void> write(AccountId account, Item& item, const Commit& commit) {
    Turn turn{.item = &item,
              .commit = &commit,
              .loop = runtime::EventLoop::current(),
              .deadline = runtime::current_deadline()};
    bool is_first = false;
    {
      const std::lock_guard lock(mutex_);
      if (waiting_ >= limits_.waiting_max) {
        return fail(Error(error_codes::unavailable, "Too many writes are waiting; try again shortly.")
                        .after(seconds(1)));
      }
      const auto [line, is_new] = lines_.try_emplace(account);
      line->second.push_back(&turn);
      ++waiting_;
      is_first = is_new;
    }
    if (is_first) serve_on(*turn.loop, account);
    turn.waiter.wait();
    if (turn.thrown) std::rethrow_exception(turn.thrown);
    return std::move(turn.outcome);
  }

 private:
  // One caller's place. Lives on the stack of the fiber that waits.
  struct Turn {
    Item* item;
    const Commit* commit;
    runtime::EventLoop* loop;
    runtime::SteadyTime deadline;
    runtime::Waiter waiter = {};
    Result<void> outcome = {};
    std::exception_ptr thrown = {};
  };
  using Line = std::deque<Turn*>;

  using Group = std::vector<Turn*>;

  void serve_on(runtime::EventLoop& loop, AccountId account) {
    loop.spawn("group writer", [this, account] { serve(account); });
  }

  // One group. Its first caller waits on this loop, which keeps the loop and what `commit` refers to alive.
  void serve(AccountId account) {
    const Group group = take(account);
    commit(account, group);
    if (runtime::EventLoop* next = next_loop(account, group.size())) serve_on(*next, account);
    std::vector<runtime::Waiter*> waiters;
    for (Turn* turn : group) waiters.push_back(&turn->waiter);
    // Whoever is woken may destroy the writer.
    runtime::Waiter::wake_all(waiters);
  }

  Group take(AccountId account) {
    const std::lock_guard lock(mutex_);
    Line& line = lines_.find(account)->second;
    const auto end = line.begin() + static_cast<std::ptrdiff_t>(std::min(line.size(), limits_.group_max));
    Group group(line.begin(), end);
    line.erase(line.begin(), end);
    return group;
  }

  // Where the account's next group belongs; nullptr when nobody waits any more, and the next write begins
  // anew.
  runtime::EventLoop* next_loop(AccountId account, std::size_t done) {
    const std::lock_guard lock(mutex_);
    waiting_ -= done;
    const auto line = lines_.find(account);
    if (!line->second.empty()) return line->second.front()->loop;
    lines_.erase(line);
    return nullptr;
  }

  void commit(AccountId account, std::span<Turn* const> group) {
    std::vector<Item*> items;
    const auto now = std::chrono::steady_clock::now();
    runtime::SteadyTime last = now;
    for (Turn* turn : group) {
      if (turn->deadline < now) {
        turn->outcome =
            fail(Error(error_codes::unavailable, "The write waited too long; try again.").after(seconds(1)));
        continue;
      }
      items.push_back(turn->item);
      last = std::max(last, turn->deadline);
    }
    if (items.empty()) return;
    try {
      std::optional<runtime::DeadlineScope> until;
      if (last != runtime::SteadyTime::max()) until.emplace(std::chrono::ceil<Duration>(last - now));
      (*group.front()->commit)(account, items);
    } catch (...) {
      for (Turn* turn : group) {
        if (turn->outcome) turn->thrown = std::current_exception();
      }
    }
  }

  GroupLimits limits_;
  std::mutex mutex_;
  std::unordered_map<AccountId, Line> lines_;
  std::size_t waiting_ = 0;
};

}  // namespace trunkline::db
