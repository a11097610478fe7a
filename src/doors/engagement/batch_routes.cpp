// POST /customers/batch: many customers and actions at once.
#include <fmt/core.h>

#include "doors/engagement/door.hpp"
#include "doors/engagement/errors.hpp"
#include "doors/engagement/render.hpp"

namespace trunkline::doors::engagement {
namespace {

constexpr std::size_t batch_bytes_max = 8UL * 1024 * 1024;

std::string_view to_text(domain::ItemOutcome outcome) {
  switch (outcome) {
    case domain::ItemOutcome::created:
      return "created";
    case domain::ItemOutcome::updated:
      return "updated";
    case domain::ItemOutcome::recorded:
      return "recorded";
    default:
      return "rejected";
  }
}

void write_result(json::Writer& writer, std::size_t index, const domain::ItemResult& item) {
  writer.begin_object().member("index", index).member("status", to_text(item.outcome));
  if (!item.customer_id.empty()) writer.member("customer_id", item.customer_id);
  if (item.action) writer.member("action_id", item.action->text());
  if (item.error) {
    writer.key("error")
        .begin_object()
        .member("code", item.error->code().name)
        .member("message", item.error->message())
        .end_object();
  }
  writer.end_object();
}

std::string result_body(const domain::BatchResult& result) {
  std::size_t accepted = 0;
  std::string text;
  text.reserve(result.items.size() * 96);
  json::Writer writer(text);
  writer.begin_object().key("results").begin_array();
  for (std::size_t i = 0; i < result.items.size(); ++i) {
    write_result(writer, i, result.items[i]);
    if (result.items[i].accepted()) ++accepted;
  }
  writer.end_array()
      .member("accepted", accepted)
      .member("rejected", result.items.size() - accepted)
      .member("recorded_at", result.at)
      .end_object();
  return text;
}

json::Value batch_schema() {
  return json::object(
      {{"type", "object"},
       {"properties",
        json::object(
            {{"items",
              json::object(
                  {{"type", "array"},
                   {"minItems", 1},
                   {"maxItems", static_cast<std::int64_t>(domain::batch_items_max)},
                   {"items", json::object({{"anyOf", json::array({domain::contact_schema(),
                                                                  domain::action_schema()})}})}})}})},
       {"required", json::array({"items"})}});
}

}  // namespace

void Door::add_batch_routes(net::Router& router) {
  add(router,
      {.method = net::Method::post,
       .path = "/customers/batch",
       .operation = "takeBatch",
       .summary = "Up to 1000 customers and actions at once, each with its own result. Repeatable with an "
                  "Idempotency-Key.",
       .access = net::Access::api_key,
       .body_bytes_max = batch_bytes_max,
       .request_schema = batch_schema,
       .responses = {{200,
                      "results: index, status, customer_id, action_id or error; accepted, rejected.",
                      {}},
                     {400, "The request as a whole is wrong.", problem_schema},
                     {409, "The Idempotency-Key came with another body.", problem_schema}}},
      [this](Caller& caller) { return take_batch(caller); });
}

Result<net::Response> Door::take_batch(Caller& caller) {
  const auto body = read_body(caller.request, batch_bytes_max);
  if (!body) return fail(body.error());
  const json::Value* items = body->find("items");
  const json::Array* list = items == nullptr ? nullptr : items->as_array();
  if (list == nullptr || list->empty() || list->size() > domain::batch_items_max) {
    return fail(Error(error_codes::bad_parameter,
                      fmt::format("items: must be an array of 1 to {} customers and actions",
                                  domain::batch_items_max))
                    .with_detail("/items", "must be an array of 1 to 1000 items"));
  }
  const auto key = caller.key();
  if (!key) return fail(key.error());
  const Instant now = context_.clock.now();
  std::vector<domain::BatchItem> checked;
  checked.reserve(list->size());
  for (const json::Value& item : *list) checked.push_back(domain::BatchItem::read(item, now));
  const auto result =
      context_.batches.run(caller.scope(), checked, caller.asking(), *key, caller.request.body);
  if (!result) return fail(result.error());
  net::Response response = net::json_response(200, result_body(*result));
  if (result->replayed) response.headers.add("Idempotent-Replayed", "true");
  return response;
}

}  // namespace trunkline::doors::engagement
