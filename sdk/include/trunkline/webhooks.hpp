/// \file
/// Whether a webhook is the server's: its signatures, and ids that were seen before.
///
/// Signatures are checked over the bytes that arrived. Keep the raw body: parsing it and writing it again
/// gives other bytes.
#pragma once

#include <chrono>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "trunkline/export.hpp"
#include "trunkline/time.hpp"

namespace trunkline::inline v1 {

/// The header of the project's own signature (voice API, section 9.2).
inline constexpr std::string_view signature_header = "X-Pamela-Signature";

/// The secrets that a signature may be made with: one, or while it is being replaced the new and the old
/// one. Throws ValidationError when there is none or one is empty, since an empty secret protects nothing.
class TRUNKLINE_EXPORT Secrets {
 public:
  /// From one secret or several; not explicit, so that a text is enough where secrets are asked for.
  Secrets(const char* secret) : Secrets(std::vector<std::string>{secret}) {}
  /// \copydoc Secrets(const char*)
  Secrets(std::string secret) : Secrets(std::vector<std::string>{std::move(secret)}) {}
  /// \copydoc Secrets(const char*)
  Secrets(std::initializer_list<std::string> secrets) : Secrets(std::vector<std::string>(secrets)) {}
  /// \copydoc Secrets(const char*)
  Secrets(std::vector<std::string> secrets);

  /// The secrets in the order they were given.
  auto begin() const noexcept { return secrets_.begin(); }
  auto end() const noexcept { return secrets_.end(); }  ///< see begin()

 private:
  std::vector<std::string> secrets_;
};

/// Whether the value of X-Pamela-Signature belongs to the raw body: lower-case hex of HMAC-SHA256, keyed
/// with the bytes of the secret (voice API, section 9.2). Compared in constant time, and exactly: no upper
/// case, no prefix, no spaces. The legacy signature knows no time: see ReplayGuard, or prefer
/// verify_standard_webhook().
TRUNKLINE_EXPORT bool verify_webhook(std::string_view raw_body, std::string_view signature,
                                     const Secrets& secrets);

/// The value of X-Pamela-Signature for a body, as the server makes it: for the tests of your receiver.
TRUNKLINE_EXPORT std::string sign_webhook(std::string_view raw_body, std::string_view secret);

/// The values of the three headers of Standard Webhooks. Refers to texts that must live as long as it.
struct StandardHeaders {
  std::string_view id = {};         ///< webhook-id
  std::string_view timestamp = {};  ///< webhook-timestamp, seconds since 1970
  std::string_view signature = {};  ///< webhook-signature, "v1,… v1,…"
};

/// How old a message may be.
struct StandardCheck {
  std::chrono::seconds tolerance{300};  ///< in both directions
  std::optional<Timestamp> now = {};    ///< nothing: the system's time
};

/// Whether the raw body, its id and its time are signed (Standard Webhooks 1.0) with one of the secrets, and
/// the time is near. Server and clock must agree to within the tolerance.
TRUNKLINE_EXPORT bool verify_standard_webhook(std::string_view raw_body, const StandardHeaders& headers,
                                              const Secrets& secrets, const StandardCheck& check = {});

/// The value of webhook-signature for a body, as the server makes it: for the tests of your receiver.
/// `timestamp` in seconds since 1970, in digits.
TRUNKLINE_EXPORT std::string sign_standard_webhook(std::string_view raw_body, std::string_view id,
                                                   std::string_view timestamp, std::string_view secret);

/// Remembers ids of messages, so that one that comes again can be told: `webhook-id` of events,
/// `correlation_id` of tool requests. A server sends a message again when it has not seen your 2xx.
/// Thread-safe. Lives in memory: several processes, or one that restarts, need a table instead.
class TRUNKLINE_EXPORT ReplayGuard {
 public:
  /// Ids are forgotten after `memory` (the default covers the server's tries, 75 hours), and the oldest
  /// when there are more than `ids_max`.
  explicit ReplayGuard(std::chrono::seconds memory = std::chrono::hours(96), std::size_t ids_max = 100'000,
                       std::shared_ptr<Clock> clock = blocking_clock());
  ReplayGuard(const ReplayGuard&) = delete;
  ReplayGuard(ReplayGuard&& other) noexcept;  ///< The other may then only be assigned to or destroyed.
  ReplayGuard& operator=(const ReplayGuard&) = delete;
  ReplayGuard& operator=(ReplayGuard&& other) noexcept;  ///< As the constructor.
  ~ReplayGuard();

  /// True the first time, false for an id that is remembered.
  bool is_first(std::string_view id);

  /// Call it when handling failed and you answer with an error, so that the next try is handled.
  void forget(std::string_view id);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trunkline::inline v1
