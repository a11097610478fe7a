/// \file
/// API keys and the subscription, for a person who is logged in.
#pragma once

#include <string_view>
#include <vector>

#include "trunkline/voice/result_client.hpp"

namespace trunkline::inline v1::voice {

/// Logs in with an e-mail address and a password (POST /api/console/v1/sessions). The token in the answer
/// is valid for a day. `options.api_key` is not used. Throws AuthenticationError when they are wrong, and
/// RateLimitError after too many tries.
inline Session log_in(std::string_view email, std::string_view password, const ClientOptions& options = {}) {
  return try_log_in(email, password, options).value();
}

/// Makes and ends API keys, shows and buys the subscription (voice API, section 7). Works without a
/// subscription. Threads, copies and errors as with Client.
class TRUNKLINE_EXPORT PartnerClient {
 public:
  /// `user_token` is of log_in(), not an API key; `options.api_key` is not used. Throws ValidationError when
  /// the options make no sense.
  explicit PartnerClient(std::string_view user_token, const ClientOptions& options = {})
      : results_(user_token, options) {}

  /// Makes an API key. It is in this answer only, never again. Not tried again once it was sent, since
  /// every try would make a key. Throws Error (7002) with status 404 for an unknown project.
  ApiKey create_api_key(const ApiKeyRequest& request = {}) const {
    return results_.create_api_key(request).value();
  }

  /// All API keys without their secrets, newest first.
  std::vector<ApiKey> list_api_keys() const { return results_.list_api_keys().value(); }

  /// Ends an API key within seconds; may be repeated. Throws Error with status 404 for an unknown id.
  ApiKey revoke_api_key(std::string_view key_id) const { return results_.revoke_api_key(key_id).value(); }

  /// Whether the API may be used.
  Subscription get_subscription() const { return results_.get_subscription().value(); }

  /// A payment page for a new subscription. Throws Error with status 503 when the server has no payment
  /// provider.
  PaymentPage checkout() const { return results_.checkout().value(); }

  /// A page to manage the subscription. Throws as checkout().
  PaymentPage portal() const { return results_.portal().value(); }

  /// The same client with outcomes as values; shares the connections.
  const ResultPartnerClient& results() const { return results_; }

 private:
  ResultPartnerClient results_;
};

}  // namespace trunkline::inline v1::voice
