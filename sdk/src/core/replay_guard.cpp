#include <deque>
#include <mutex>
#include <unordered_map>

#include "core/refusal.hpp"
#include "trunkline/webhooks.hpp"

namespace trunkline::inline v1 {

struct ReplayGuard::State {
  using Time = std::chrono::steady_clock::time_point;

  // Forgotten ids stay in `order` until their turn comes; the number tells them from a later coming.
  struct Entry {
    std::string id;
    Time seen_at;
    std::uint64_t number;
  };

  std::chrono::seconds memory{};
  std::size_t ids_max = 0;
  std::shared_ptr<Clock> clock;
  std::mutex mutex;
  std::unordered_map<std::string, std::uint64_t> numbers;
  std::deque<Entry> order;
  std::uint64_t next_number = 0;

  void drop_oldest() {
    const Entry& oldest = order.front();
    const auto known = numbers.find(oldest.id);
    if (known != numbers.end() && known->second == oldest.number) numbers.erase(known);
    order.pop_front();
  }
};

ReplayGuard::ReplayGuard(std::chrono::seconds memory, std::size_t ids_max, std::shared_ptr<Clock> clock)
    : state_(std::make_unique<State>()) {
  if (memory <= std::chrono::seconds(0) || ids_max == 0 || !clock) {
    throw_failure(detail::refusal("a replay guard needs a clock and room for something to remember"));
  }
  state_->memory = memory;
  state_->ids_max = ids_max;
  state_->clock = std::move(clock);
}

ReplayGuard::ReplayGuard(ReplayGuard&& other) noexcept = default;
ReplayGuard& ReplayGuard::operator=(ReplayGuard&& other) noexcept = default;
ReplayGuard::~ReplayGuard() = default;

bool ReplayGuard::is_first(std::string_view id) {
  State& state = *state_;
  const auto now = state.clock->now();
  const std::lock_guard lock(state.mutex);
  while (!state.order.empty() && now - state.order.front().seen_at >= state.memory) state.drop_oldest();
  const auto [place, added] = state.numbers.try_emplace(std::string(id), state.next_number);
  if (!added) return false;
  state.order.push_back({std::string(id), now, state.next_number++});
  if (state.order.size() > state.ids_max) state.drop_oldest();
  return true;
}

void ReplayGuard::forget(std::string_view id) {
  const std::lock_guard lock(state_->mutex);
  state_->numbers.erase(std::string(id));
}

}  // namespace trunkline::inline v1
