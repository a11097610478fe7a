// API keys and the subscription, for people who are logged in (contracts/voice-api.md, section 7). No
// subscription is needed here: this is where one gets it.
#include "base/json/shape.hpp"
#include "doors/voice/door.hpp"
#include "doors/voice/errors.hpp"
#include "doors/voice/render.hpp"
#include "doors/voice/requests.hpp"

namespace trunkline::doors::voice {
namespace {

struct KeyOrder {
  std::string project_id;
  std::string key_prefix;
  std::string name;
};

const json::Shape<KeyOrder>& key_shape() {
  static const json::Shape<KeyOrder> shape(
      "CreateApiKey", "An API key to make.",
      {json::optional("project_id", &KeyOrder::project_id, "Binds the key to a project.", json::text(0, 64)),
       json::optional("key_prefix", &KeyOrder::key_prefix, "pk_live_ is the only one.", json::text(0, 16)),
       json::optional("name", &KeyOrder::name, "To tell keys apart.", json::text(0, 100))});
  return shape;
}

// Without its end, so that the caller can add members.
void begin_key(json::Writer& writer, const tenancy::Credential& key) {
  writer.begin_object()
      .member("id", key.id.text())
      .member("key_prefix", tenancy::api_key_prefix)
      .member("public_id", key.public_id)
      .member("name", key.name)
      .key("project_id");
  if (key.project.is_nil()) {
    writer.value(nullptr);
  } else {
    writer.value(key.project.text());
  }
  writer.member("created_at", key.created_at);
  writer.member("expires_at", key.expires_at);
  writer.member("last_used_at", key.last_used_at);
  writer.member("revoked_at", key.revoked_at);
}

Result<net::Response> payments_not_configured() {
  return fail(error_codes::payments_not_configured,
              "payments not configured: this server has no payment provider set up yet.");
}

Result<net::Response> show_subscription(Caller& caller) {
  const tenancy::Subscription& subscription = caller.principal.subscription;
  std::string body;
  json::Writer writer(body);
  writer.begin_object().member("status", tenancy::to_text(subscription.status));
  writer.member("current_period_end", subscription.current_period_end);
  writer.member("grace_period_ends_at", subscription.grace_ends_at());
  writer.end_object();
  return net::json_response(200, std::move(body));
}

}  // namespace

void Door::add_partner_routes(net::Router& router) {
  using net::Access;
  using net::Method;
  constexpr bool open_without_subscription = false;
  add(
      router,
      {.method = Method::post,
       .path = "/api/b2b/v1/partner/api-keys",
       .operation = "createApiKey",
       .summary = "Makes an API key. The key is in this answer only.",
       .access = Access::user_token,
       .request_schema = [] { return key_shape().open_api(); },
       .responses = {{201, "The key.", {}}, {404, "No such project (7002).", error_schema}}},
      [this](Caller& caller) { return create_api_key(caller); }, open_without_subscription);
  add(
      router,
      {.method = Method::get,
       .path = "/api/b2b/v1/partner/api-keys",
       .operation = "listApiKeys",
       .summary = "The API keys without their secrets, newest first.",
       .access = Access::user_token,
       .responses = {{200, "items and total.", {}}}},
      [this](Caller& caller) { return list_api_keys(caller); }, open_without_subscription);
  add(
      router,
      {.method = Method::post,
       .path = "/api/b2b/v1/partner/api-keys/{key_id}/revoke",
       .operation = "revokeApiKey",
       .summary = "Ends a key within seconds. May be repeated.",
       .access = Access::user_token,
       .responses = {{200, "The key's record.", {}}, {404, "No such key.", error_schema}}},
      [this](Caller& caller) { return revoke_api_key(caller); }, open_without_subscription);
  add(router,
      {.method = Method::get,
       .path = "/api/b2b/v1/partner/subscription",
       .operation = "getSubscription",
       .summary = "Whether the API may be used.",
       .access = Access::user_token,
       .responses = {{200, "status, current_period_end, grace_period_ends_at.", {}}}},
      show_subscription, open_without_subscription);
  for (const auto& [path, operation, summary] :
       {std::tuple("/api/b2b/v1/partner/subscription/checkout", "createCheckout",
                   "A payment page for a subscription."),
        std::tuple("/api/b2b/v1/partner/subscription/portal", "createPortal",
                   "A page to manage the subscription.")}) {
    add(
        router,
        {.method = Method::post,
         .path = path,
         .operation = operation,
         .summary = summary,
         .access = Access::user_token,
         .responses = {{503, "Payments are not configured.", error_schema}}},
        [](Caller&) { return payments_not_configured(); }, open_without_subscription);
  }
}

Result<net::Response> Door::list_api_keys(Caller& caller) {
  const auto keys = context_.credentials.list_api_keys(caller.scope());
  if (!keys) return fail(keys.error());
  std::string body;
  json::Writer writer(body);
  writer.begin_object().key("items").begin_array();
  for (const tenancy::Credential& key : *keys) {
    begin_key(writer, key);
    writer.end_object();
  }
  writer.end_array().member("total", keys->size()).end_object();
  return net::json_response(200, std::move(body));
}

Result<net::Response> Door::revoke_api_key(Caller& caller) {
  const auto id = tenancy::KeyId::parse(caller.request.path_parameter("key_id"));
  if (!id) return fail(tenancy::error_codes::credential_not_found, "There is no such API key.");
  const auto key = context_.credentials.revoke_api_key(caller.scope(), *id);
  if (!key) return fail(key.error());
  std::string body;
  json::Writer writer(body);
  begin_key(writer, *key);
  writer.end_object();
  return net::json_response(200, std::move(body));
}

Result<net::Response> Door::create_api_key(Caller& caller) {
  Result<json::Value> body = caller.request.body.empty() ? Result<json::Value>(json::Value(json::Object()))
                                                         : read_object(caller.request.body);
  if (!body) return fail(std::move(body.error()));
  const Result<KeyOrder> order = key_shape().read(*body);
  if (!order) return fail(order.error());
  if (!order->key_prefix.empty() && order->key_prefix != tenancy::api_key_prefix) {
    return fail(error_codes::bad_parameter, "key_prefix: must be pk_live_");
  }
  tenancy::TenantScope scope = caller.scope();
  if (!order->project_id.empty()) {
    const auto id = ProjectId::parse(order->project_id);
    if (!id) return fail(tenancy::error_codes::project_not_found, "There is no such project.");
    if (const auto project = context_.accounts.find_project(scope, *id); !project)
      return fail(project.error());
    scope.project = *id;
  }
  const auto made = context_.credentials.create_api_key(scope, order->name, std::nullopt);
  if (!made) return fail(made.error());
  std::string text;
  json::Writer writer(text);
  begin_key(writer, made->credential);
  writer.member("api_key", made->text.reveal()).end_object();
  return net::json_response(201, std::move(text));
}

}  // namespace trunkline::doors::voice
