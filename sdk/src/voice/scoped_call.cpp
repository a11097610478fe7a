#include "trunkline/voice/scoped_call.hpp"

#include <utility>

namespace trunkline::inline v1::voice {

ScopedCall::ScopedCall(Client client, PlacedCall placed)
    : client_(std::move(client)), placed_(std::move(placed)) {}

ScopedCall::~ScopedCall() {
  cancel();
}

ScopedCall::ScopedCall(ScopedCall&& other) noexcept
    : client_(std::exchange(other.client_, std::nullopt)), placed_(std::move(other.placed_)) {}

ScopedCall& ScopedCall::operator=(ScopedCall&& other) noexcept {
  if (this == &other) return *this;
  cancel();
  client_ = std::exchange(other.client_, std::nullopt);
  placed_ = std::move(other.placed_);
  return *this;
}

Call ScopedCall::wait(const WaitOptions& options) {
  if (!client_) throw std::logic_error("wait() on a ScopedCall that was let go");
  Call call = client_->wait_for_call(placed_.id, options);
  client_.reset();
  return call;
}

PlacedCall ScopedCall::release() {
  client_.reset();
  return std::move(placed_);
}

void ScopedCall::cancel() noexcept {
  if (!client_) return;
  try {
    // On a call that has ended this changes nothing; a failure has nowhere to go from a destructor.
    (void)client_->results().cancel_call(placed_.id).has_value();
  } catch (...) {
    // The same holds for a defect.
  }
  client_.reset();
}

}  // namespace trunkline::inline v1::voice
