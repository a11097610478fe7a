#include "voice/wire.hpp"

namespace trunkline::inline v1::voice::wire {

using detail::text;
using detail::timestamp;

std::vector<Json> list_of(const Json& value) {
  std::vector<Json> objects;
  const Json* items = value.is_array() ? &value : detail::find(value, "items");
  if (items == nullptr || !items->is_array()) return objects;
  for (const Json& item : *items) {
    if (item.is_object()) objects.push_back(item);
  }
  return objects;
}

Json write_tool(const ToolDefinition& definition) {
  return {{"name", definition.name},
          {"description", definition.description},
          {"input_schema", definition.input_schema},
          {"output_schema", definition.output_schema},
          {"timeout_ms", definition.timeout.count()}};
}

Tool read_tool(Json value) {
  Tool tool{.id = text(value, "id"),
            .definition = {.name = text(value, "name"),
                           .description = text(value, "description"),
                           .input_schema = detail::object(value, "input_schema"),
                           .output_schema = detail::object(value, "output_schema")},
            .project_id = text(value, "project_id"),
            .created_at = timestamp(value, "created_at")};
  if (const auto timeout = detail::optional_integer(value, "timeout_ms")) {
    tool.definition.timeout = std::chrono::milliseconds(*timeout);
  }
  tool.raw = std::move(value);
  return tool;
}

DeletedTool read_deleted_tool(Json value) {
  DeletedTool deleted{.id = text(value, "id"), .status = text(value, "status")};
  deleted.raw = std::move(value);
  return deleted;
}

Usage read_usage(Json value) {
  const Json quota = detail::object(value, "quota");
  Usage usage{.partner_id = text(value, "partner_id"),
              .project_id = text(value, "project_id"),
              .period = text(value, "period"),
              .call_count = detail::integer(value, "call_count"),
              .api_minutes = detail::integer(value, "api_minutes"),
              .amount = text(value, "amount"),
              .currency = text(value, "currency"),
              .quota = {.partner_limit = detail::optional_integer(quota, "partner_limit"),
                        .project_limit = detail::optional_integer(quota, "project_limit")}};
  usage.raw = std::move(value);
  return usage;
}

Json write_api_key_request(const ApiKeyRequest& request) {
  Json body = Json::object();
  if (!request.project_id.empty()) body["project_id"] = request.project_id;
  if (!request.key_prefix.empty()) body["key_prefix"] = request.key_prefix;
  if (!request.name.empty()) body["name"] = request.name;
  return body;
}

ApiKey read_api_key(Json value) {
  ApiKey key{.id = text(value, "id"),
             .api_key = text(value, "api_key"),
             .key_prefix = text(value, "key_prefix"),
             .public_id = text(value, "public_id"),
             .name = text(value, "name"),
             .project_id = text(value, "project_id"),
             .created_at = timestamp(value, "created_at"),
             .expires_at = timestamp(value, "expires_at"),
             .last_used_at = timestamp(value, "last_used_at"),
             .revoked_at = timestamp(value, "revoked_at")};
  key.raw = std::move(value);
  return key;
}

Subscription read_subscription(Json value) {
  Subscription subscription{.status = text(value, "status"),
                            .current_period_end = timestamp(value, "current_period_end"),
                            .grace_period_ends_at = timestamp(value, "grace_period_ends_at")};
  subscription.raw = std::move(value);
  return subscription;
}

PaymentPage read_payment_page(Json value) {
  PaymentPage page{.url = text(value, "url")};
  page.raw = std::move(value);
  return page;
}

Session read_session(Json value) {
  Session session{.token = text(value, "token"),
                  .expires_at = timestamp(value, "expires_at"),
                  .user_id = text(value, "user_id"),
                  .account_id = text(value, "account_id")};
  session.raw = std::move(value);
  return session;
}

}  // namespace trunkline::inline v1::voice::wire
