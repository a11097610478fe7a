#include "engagement/reply_memory.hpp"

#include "base/log.hpp"
#include "runtime/event_loop.hpp"

namespace trunkline::engagement {
namespace {

const db::Statement forget_notes{"owed_replies.forget", "DELETE FROM owed_replies WHERE recorded_at < $1"};

// Far under note_settles, far above the time of a commit.
constexpr Duration settle_after = milliseconds(50);
// Longer than any request runs.
constexpr Duration remembered_for = seconds(30);
constexpr Duration prune_every = seconds(5);

}  // namespace

void ReplyMemory::begin(const Uuid& subject, std::uint64_t connection) {
  const Instant now = clock_.now();
  const std::lock_guard lock(mutex_);
  prune(now);
  entries_[subject] = {.state = {ReplyStanding::under_way, now, connection}};
}

void ReplyMemory::begin(const Note& note) {
  const Instant now = clock_.now();
  const std::lock_guard lock(mutex_);
  prune(now);
  entries_[note.reply.action.uuid()] = {.state = {ReplyStanding::under_way, now}, .note = note};
}

void ReplyMemory::abandon(const Uuid& subject) {
  const std::lock_guard lock(mutex_);
  entries_.erase(subject);
}

void ReplyMemory::end(const Uuid& subject, bool delivered) {
  const Instant now = clock_.now();
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(subject);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  entry.state.standing = delivered ? ReplyStanding::delivered : ReplyStanding::undelivered;
  entry.state.since = now;
  if (!delivered || !entry.note) return;
  delivered_.push_back(std::move(*entry.note));
  entry.note.reset();
  if (!closed_ && !std::exchange(scheduled_, true)) settle_soon();
}

// On the loop of the request whose reply it was. With the mutex held.
void ReplyMemory::settle_soon() {
  ++settlers_;
  runtime::EventLoop::current()->spawn("settle replies", [this] {
    runtime::sleep_for(settle_after);
    settle_or_warn();
    const std::lock_guard lock(mutex_);
    --settlers_;
  });
}

void ReplyMemory::settle_or_warn() {
  if (const auto settled = settle(); !settled) {
    log::warning("notes of delivered replies could not be deleted", {{"error", settled.error()}});
  }
}

bool ReplyMemory::is_settling() const {
  const std::lock_guard lock(mutex_);
  return settlers_ > 0;
}

void ReplyMemory::close() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(closed_, true)) return;
  }
  settle_or_warn();
  while (is_settling()) runtime::sleep_for(milliseconds(5));
}

ReplyMemory::State ReplyMemory::state(const Uuid& subject) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(subject);
  return found == entries_.end() ? State{} : found->second.state;
}

Result<void> ReplyMemory::settle() {
  std::vector<Note> notes;
  {
    const std::lock_guard lock(mutex_);
    notes.swap(delivered_);
    scheduled_ = false;
  }
  if (notes.empty()) return {};
  auto deleted = database_.transact(db::Scope::operations(), [&](db::Transaction& transaction) {
    for (const Note& note : notes) {
      store::delete_owed(transaction, note.account, note.reply);
    }
  });
  if (deleted) return {};
  // The next delivered reply tries again.
  const std::lock_guard lock(mutex_);
  delivered_.insert(delivered_.end(), std::make_move_iterator(notes.begin()),
                    std::make_move_iterator(notes.end()));
  return fail(std::move(deleted.error()));
}

Result<std::int64_t> ReplyMemory::forget_old_notes() {
  return database_.execute(db::Scope::operations(), forget_notes, {clock_.now() - note_memory});
}

// What is settled is dropped after a while: without an entry the note in the database decides.
void ReplyMemory::prune(Instant now) {
  if (now - pruned_at_ < prune_every) return;
  pruned_at_ = now;
  std::erase_if(entries_, [&](const auto& item) {
    const State& state = item.second.state;
    return state.standing != ReplyStanding::under_way && now - state.since > remembered_for;
  });
}

OwedReplyGuard& OwedReplyGuard::operator=(OwedReplyGuard&& other) noexcept {
  if (this == &other) return *this;
  settle(false);
  memory_ = std::exchange(other.memory_, nullptr);
  subject_ = other.subject_;
  return *this;
}

void OwedReplyGuard::settle(bool delivered) {
  if (memory_ == nullptr) return;
  std::exchange(memory_, nullptr)->end(subject_, delivered);
}

}  // namespace trunkline::engagement
