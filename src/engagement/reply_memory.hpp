// Which replies have reached their clients. A client that got none sends its request again, and nothing in
// the request tells that apart from a second, equal one (contracts/engagement-api.md, sections 6 and 9): two
// page views look alike. So an action without a time is recorded together with a note that its reply is owed,
// and the note goes when the reply was written to a connection that was still there. A request that finds an
// equal action with its note is a repetition, also after a crash.
//
// One a process; safe on any thread.
#pragma once

#include <mutex>
#include <unordered_map>

#include "base/clock.hpp"
#include "engagement/owed_store.hpp"

namespace trunkline::engagement {

enum class ReplyStanding : std::uint8_t {
  unknown,      // another process's, or long settled
  under_way,    // not written yet
  delivered,    // written to a connection that was there
  undelivered,  // the connection was gone
};

// A client waits at least a second before it repeats a request; a request under way for less than this cannot
// have been given up by its client.
inline constexpr Duration soonest_repeat = milliseconds(900);
// Notes of delivered replies are gone after this, whichever process wrote them.
inline constexpr Duration note_settles = milliseconds(500);
// Notes count for so long: the last repetition starts 63 s after the first try.
inline constexpr Duration note_memory = minutes(2);

class ReplyMemory {
 public:
  ReplyMemory(db::Database& database, const Clock& clock) : database_(database), clock_(clock) {}
  ~ReplyMemory() { close(); }
  ReplyMemory(const ReplyMemory&) = delete;
  ReplyMemory& operator=(const ReplyMemory&) = delete;

  struct Note {
    AccountId account;
    store::OwedReply reply;
  };

  // A reply about `subject` (an action, or a contact that was made) is under way. May be said twice.
  void begin(const Uuid& subject, std::uint64_t connection = 0);
  // The same with a note in the database that must go when the reply is delivered.
  void begin(const Note& note);
  // Nothing came of it: the transaction failed.
  void abandon(const Uuid& subject);
  void end(const Uuid& subject, bool delivered);

  struct State {
    ReplyStanding standing = ReplyStanding::unknown;
    Instant since{};  // when it got this standing
    std::uint64_t connection = 0;
  };
  State state(const Uuid& subject) const;

  // Deletes the notes of delivered replies; called soon after each, by whoever comes first. Suspends.
  Result<void> settle();
  // The same for the last time: when it returns, no deletion is under way on any loop, and none will begin.
  // The loops of the delivered replies must still run. Suspends.
  void close();
  // Deletes notes that count no more; how many. Suspends.
  Result<std::int64_t> forget_old_notes();

 private:
  struct Entry {
    State state;
    std::optional<Note> note;
  };
  void settle_soon();
  void settle_or_warn();
  bool is_settling() const;
  void prune(Instant now);

  db::Database& database_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::unordered_map<Uuid, Entry> entries_;
  std::vector<Note> delivered_;
  Instant pruned_at_{};
  bool scheduled_ = false;    // a fiber will settle what is delivered by then
  std::size_t settlers_ = 0;  // fibers that will settle, or do
  bool closed_ = false;
};

// The reply to one request, told of its fate by the door. When nobody tells, the reply was not delivered.
class OwedReplyGuard {
 public:
  OwedReplyGuard() = default;
  OwedReplyGuard(ReplyMemory& memory, Uuid subject) : memory_(&memory), subject_(subject) {}
  OwedReplyGuard(OwedReplyGuard&& other) noexcept
      : memory_(std::exchange(other.memory_, nullptr)), subject_(other.subject_) {}
  OwedReplyGuard& operator=(OwedReplyGuard&& other) noexcept;
  ~OwedReplyGuard() { settle(false); }

  void settle(bool delivered);
  bool is_owed() const { return memory_ != nullptr; }

 private:
  ReplyMemory* memory_ = nullptr;
  Uuid subject_;
};

}  // namespace trunkline::engagement
