// The partner part of the API and logging in.
#include "core/refusal.hpp"
#include "trunkline/voice/result_client.hpp"
#include "voice/answers.hpp"
#include "voice/wire.hpp"

namespace trunkline::inline v1::voice {
namespace {

using detail::ApiRequest;

std::string partner_path(std::string_view rest) {
  return std::string(api_prefix).append("/partner").append(rest);
}

std::string_view required_token(std::string_view token) {
  if (token.empty()) throw_failure(detail::refusal("the user token is empty"));
  return token;
}

}  // namespace

ResultPartnerClient::ResultPartnerClient(std::string_view user_token, const ClientOptions& options)
    : channel_(std::make_shared<detail::Channel>(options, required_token(user_token))) {}

Result<ApiKey> ResultPartnerClient::create_api_key(const ApiKeyRequest& request) const {
  const ApiRequest order{
      .method = "POST", .path = partner_path("/api-keys"), .body = wire::write_api_key_request(request)};
  return ask(*channel_, order, &wire::read_api_key, &ApiKey::api_key);
}

Result<std::vector<ApiKey>> ResultPartnerClient::list_api_keys() const {
  const ApiRequest request{.path = partner_path("/api-keys")};
  return ask_list(*channel_, request, &wire::read_api_key, &wire::list_of);
}

Result<ApiKey> ResultPartnerClient::revoke_api_key(std::string_view key_id) const {
  Result<std::string> path = detail::path_with_id(partner_path("/api-keys/"), key_id, "/revoke");
  if (!path) return std::move(path).error();
  const ApiRequest request{.method = "POST", .path = std::move(*path), .repeatable = true};
  return ask(*channel_, request, &wire::read_api_key, &ApiKey::id);
}

Result<Subscription> ResultPartnerClient::get_subscription() const {
  const ApiRequest request{.path = partner_path("/subscription")};
  return ask(*channel_, request, &wire::read_subscription, &Subscription::status);
}

Result<PaymentPage> ResultPartnerClient::checkout() const {
  const ApiRequest request{.method = "POST", .path = partner_path("/subscription/checkout")};
  return ask(*channel_, request, &wire::read_payment_page, &PaymentPage::url);
}

Result<PaymentPage> ResultPartnerClient::portal() const {
  const ApiRequest request{.method = "POST", .path = partner_path("/subscription/portal")};
  return ask(*channel_, request, &wire::read_payment_page, &PaymentPage::url);
}

Result<Session> try_log_in(std::string_view email, std::string_view password, const ClientOptions& options) {
  const detail::Channel channel(options, {});
  const ApiRequest request{.method = "POST",
                           .path = "/api/console/v1/sessions",
                           .body = Json{{"email", email}, {"password", password}}};
  return ask(channel, request, &wire::read_session, &Session::token);
}

}  // namespace trunkline::inline v1::voice
