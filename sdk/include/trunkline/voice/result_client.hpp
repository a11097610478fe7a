/// \file
/// The voice API with outcomes as values. Client and PartnerClient are the same with exceptions.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "trunkline/voice/account.hpp"
#include "trunkline/voice/calls.hpp"
#include "trunkline/voice/tools.hpp"

namespace trunkline::inline v1 {
namespace detail {
class Channel;
}

namespace voice {

/// Calls, tools and usage, for a program with an API key. Every function blocks until it has an outcome and
/// none of them throws but for what no server can cause, such as std::bad_alloc; see Client for what each of
/// them does.
///
/// Thread-safe. Copies are cheap and share their connections, which close with the last of them.
class TRUNKLINE_EXPORT ResultClient {
 public:
  /// Throws ValidationError when the options make no sense, such as a base_url that is none.
  explicit ResultClient(const ClientOptions& options);

  /// As Client::create_call().
  Result<PlacedCall> create_call(const CallRequest& request) const;
  /// As Client::get_call().
  Result<Call> get_call(std::string_view call_id) const;
  /// As Client::list_calls().
  Result<CallPage> list_calls(const CallFilter& filter = {}) const;
  /// As Client::cancel_call().
  Result<Call> cancel_call(std::string_view call_id) const;
  /// As Client::hang_up_call().
  Result<Call> hang_up_call(std::string_view call_id) const;
  /// As Client::wait_for_call().
  Result<Call> wait_for_call(std::string_view call_id, const WaitOptions& options = {}) const;

  /// As Client::register_tool().
  Result<Tool> register_tool(const ToolDefinition& definition) const;
  /// As Client::list_tools().
  Result<std::vector<Tool>> list_tools() const;
  /// As Client::delete_tool().
  Result<DeletedTool> delete_tool(std::string_view tool_id) const;

  /// As Client::get_usage().
  Result<Usage> get_usage(std::string_view period = {}) const;

 private:
  std::shared_ptr<const detail::Channel> channel_;
};

/// API keys and the subscription, for a person who is logged in. As ResultClient otherwise.
class TRUNKLINE_EXPORT ResultPartnerClient {
 public:
  /// `options.api_key` is not used. Throws ValidationError when the options make no sense.
  explicit ResultPartnerClient(std::string_view user_token, const ClientOptions& options = {});

  /// As PartnerClient::create_api_key().
  Result<ApiKey> create_api_key(const ApiKeyRequest& request = {}) const;
  /// As PartnerClient::list_api_keys().
  Result<std::vector<ApiKey>> list_api_keys() const;
  /// As PartnerClient::revoke_api_key().
  Result<ApiKey> revoke_api_key(std::string_view key_id) const;
  /// As PartnerClient::get_subscription().
  Result<Subscription> get_subscription() const;
  /// As PartnerClient::checkout().
  Result<PaymentPage> checkout() const;
  /// As PartnerClient::portal().
  Result<PaymentPage> portal() const;

 private:
  std::shared_ptr<const detail::Channel> channel_;
};

/// As log_in(), with the outcome as a value. Throws ValidationError when the options make no sense.
TRUNKLINE_EXPORT Result<Session> try_log_in(std::string_view email, std::string_view password,
                                            const ClientOptions& options = {});

}  // namespace voice
}  // namespace trunkline::inline v1
