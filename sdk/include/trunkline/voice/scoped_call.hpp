/// \file
/// A call that does not outlive the code that wanted it.
#pragma once

#include <optional>

#include "trunkline/voice/client.hpp"

namespace trunkline::inline v1::voice {

/// Cancels its call when it goes out of scope, by an exception for instance, unless release() or wait() has
/// let it go. The destructor asks the server and may take as long as any request; a failure there cannot be
/// told and is dropped. Move-only.
class TRUNKLINE_EXPORT ScopedCall {
 public:
  /// Of a call that create_call() has placed.
  ScopedCall(Client client, PlacedCall placed);
  ~ScopedCall();
  /// The other has no call then.
  ScopedCall(ScopedCall&& other) noexcept;
  /// Cancels the call that it had; the other has none then.
  ScopedCall& operator=(ScopedCall&& other) noexcept;

  /// What identifies the call.
  const PlacedCall& placed() const { return placed_; }

  /// Waits for the end as Client::wait_for_call() does; the call is let go then. Throws as that does, and
  /// still cancels then.
  Call wait(const WaitOptions& options = {});

  /// Lets the call go on for itself; gives what identifies it.
  PlacedCall release();

 private:
  void cancel() noexcept;

  std::optional<Client> client_;  // nothing once it is let go
  PlacedCall placed_;
};

}  // namespace trunkline::inline v1::voice
