// The four calls of the published client (contracts/engagement-api.md, sections 2 to 5).
#include "base/json/write.hpp"
#include "doors/engagement/door.hpp"
#include "doors/engagement/errors.hpp"
#include "doors/engagement/render.hpp"

namespace trunkline::doors::engagement {
namespace {

json::Value body_schema(std::initializer_list<std::string_view> names) {
  json::Object properties;
  json::Array required;
  for (const std::string_view name : names) {
    properties.set(std::string(name), json::object({{"type", "string"}}));
    required.push_back(name);
  }
  return json::object({{"type", "object"}, {"properties", properties}, {"required", required}});
}

// The domain learns whether the answer has reached the client.
net::Response tell_when_written(net::Response response, domain::OwedReplyGuard reply) {
  if (reply.is_owed()) {
    response.on_written = [reply = std::move(reply)](bool delivered) mutable { reply.settle(delivered); };
  }
  return response;
}

net::Response nobody(net::Request&) {
  return render_published(domain::no_such_contact("").error());
}

}  // namespace

void Door::add_published_routes(net::Router& router) {
  using net::Access;
  using net::Method;
  const auto created = [] { return body_schema({"customer_id", "created", "status"}); };
  add(router,
      {.method = Method::post,
       .path = "/customers",
       .operation = "registerCustomer",
       .summary = "Registers a customer. The same request again gives the same answer.",
       .access = Access::api_key,
       .request_schema = domain::contact_schema,
       .responses = {{201, "customer_id, created, status.", created},
                     {400, "The request is wrong, or there is such a customer.", message_schema}}},
      [this](Caller& caller) { return add_customer(caller); });
  add(router,
      {.method = Method::put,
       .path = "/customers",
       .operation = "putCustomer",
       .summary = "Registers a customer, or updates the one that is there; properties are merged.",
       .access = Access::api_key,
       .request_schema = domain::contact_schema,
       .responses = {{201, "It was new: customer_id, created, status.", created},
                     {200, "It was there: customer_id, updated, status.",
                      [] { return body_schema({"customer_id", "updated", "status"}); }},
                     {400, "The request is wrong.", message_schema}}},
      [this](Caller& caller) { return put_customer(caller); });
  add(router,
      {.method = Method::post,
       .path = "/customers/actions",
       .operation = "recordAction",
       .summary = "Records what a customer did. Repeatable with a timestamp or an Idempotency-Key.",
       .access = Access::api_key,
       .request_schema = domain::action_schema,
       .responses = {{201, "action_id, customer_id, action_name, recorded_at.",
                      [] { return body_schema({"action_id", "customer_id", "action_name", "recorded_at"}); }},
                     {400, "The request is wrong.", message_schema},
                     {404, "No such customer.", message_schema}}},
      [this](Caller& caller) { return record_action(caller); });
  add(router,
      {.method = Method::del,
       .path = "/customers/{customer_id}",
       .operation = "deleteCustomer",
       .summary = "Erases a customer: actions, calls' contents, queued webhooks. What was billed stays.",
       .access = Access::api_key,
       .responses = {{200, "customer_id, deleted, status, receipt_id.",
                      [] { return body_schema({"customer_id", "deleted", "status", "receipt_id"}); }},
                     {404, "No such customer.", message_schema}}},
      [this](Caller& caller) { return delete_customer(caller); });
  // Nobody can have these ids, and the client knows no 405.
  for (const auto& [path, operation] :
       {std::pair<std::string_view, std::string_view>{"/customers/actions", "deleteCustomerActions"},
        {"/customers/batch", "deleteCustomerBatch"}}) {
    add(router,
        {.method = Method::del,
         .path = path,
         .operation = operation,
         .summary = "There is no such customer: the id is a path.",
         .access = Access::api_key,
         .responses = {{404, "Always.", message_schema}}},
        [](Caller& caller) -> Result<net::Response> { return nobody(caller.request); });
  }
}

Result<net::Response> Door::add_customer(Caller& caller) {
  const auto body = read_body(caller.request);
  if (!body) return fail(body.error());
  const auto input = domain::read_contact(*body);
  if (!input) return fail(input.error());
  auto added = context_.contacts.add(caller.scope(), *input, caller.request.body);
  if (!added) return fail(std::move(added.error()));
  return tell_when_written(registered_response(*added), std::move(added->reply));
}

Result<net::Response> Door::put_customer(Caller& caller) {
  const auto body = read_body(caller.request);
  if (!body) return fail(body.error());
  const auto input = domain::read_contact(*body);
  if (!input) return fail(input.error());
  auto put = context_.contacts.put(caller.scope(), *input, caller.request.body, caller.asking());
  if (!put) return fail(std::move(put.error()));
  return tell_when_written(registered_response(*put), std::move(put->reply));
}

Result<net::Response> Door::record_action(Caller& caller) {
  const auto body = read_body(caller.request);
  if (!body) return fail(body.error());
  const auto input = domain::read_action(*body, context_.clock.now());
  if (!input) return fail(input.error());
  const auto key = caller.key();
  if (!key) return fail(key.error());
  auto recorded = context_.actions.record(caller.scope(), *input, caller.asking(), *key, caller.request.body);
  if (!recorded) return fail(std::move(recorded.error()));
  std::string text;
  json::Writer(text)
      .begin_object()
      .member("action_id", recorded->id.text())
      .member("customer_id", input->customer_id)
      .member("action_name", input->name)
      .member("recorded_at", recorded->recorded_at)
      .end_object();
  net::Response response = net::json_response(201, std::move(text));
  if (recorded->replayed) response.headers.add("Idempotent-Replayed", "true");
  return tell_when_written(std::move(response), std::move(recorded->reply));
}

Result<net::Response> Door::delete_customer(Caller& caller) {
  const std::string_view id = caller.request.path_parameter("customer_id");
  const auto deleted = context_.erasure.erase(caller.scope(), id, caller.asking());
  if (!deleted) return fail(deleted.error());
  std::string text;
  json::Writer(text)
      .begin_object()
      .member("customer_id", deleted->customer_id)
      .member("deleted", deleted->at)
      .member("status", "success")
      .member("receipt_id", deleted->receipt.text())
      .end_object();
  net::Response response = net::json_response(200, std::move(text));
  if (deleted->replayed) response.headers.add("Idempotent-Replayed", "true");
  return response;
}

}  // namespace trunkline::doors::engagement
