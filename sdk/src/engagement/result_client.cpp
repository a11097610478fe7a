#include "trunkline/engagement/result_client.hpp"

#include "core/channel.hpp"
#include "core/json_fields.hpp"
#include "core/random.hpp"
#include "core/refusal.hpp"
#include "engagement/sliding_window.hpp"
#include "trunkline/engagement/errors.hpp"

namespace trunkline::inline v1::engagement {
namespace {

using detail::ApiAnswer;
using detail::ApiRequest;
using detail::text;

constexpr std::size_t idempotency_key_random_bytes = 16;

std::string_view required_key(const std::string& api_key) {
  if (api_key.empty()) throw_failure(detail::refusal("api_key is empty"));
  return api_key;
}

std::string key_or_random(const std::string& key) {
  return key.empty() ? detail::random_hex(idempotency_key_random_bytes) : key;
}

void put_text(Json& body, const char* name, const std::string& value) {
  if (!value.empty()) body[name] = value;
}

Json write(const Customer& customer) {
  Json body{{"customer_id", customer.customer_id}};
  put_text(body, "name", customer.name);
  put_text(body, "email", customer.email);
  put_text(body, "phone", customer.phone);
  if (!customer.properties.empty()) body["properties"] = customer.properties;
  return body;
}

Json write(const Action& action) {
  Json body{{"customer_id", action.customer_id}, {"action_name", action.action_name}};
  if (action.action_value) body["action_value"] = *action.action_value;
  if (!action.action_properties.empty()) body["action_properties"] = action.action_properties;
  if (action.timestamp) body["timestamp"] = to_text(*action.timestamp);
  return body;
}

Registration read_registration(ApiAnswer answer) {
  Registration read{.customer_id = text(answer.body, "customer_id"), .replayed = answer.replayed};
  // The presence of the member tells, not its value (engagement API, section 3).
  read.created = answer.body.contains("created");
  read.at = detail::timestamp(answer.body, read.created ? "created" : "updated");
  read.raw = std::move(answer.body);
  return read;
}

StoredCustomer read_customer(Json body) {
  StoredCustomer read{.customer_id = text(body, "customer_id"),
                      .contact_id = text(body, "contact_id"),
                      .name = text(body, "name"),
                      .email = text(body, "email"),
                      .phone = text(body, "phone"),
                      .phone_e164 = text(body, "phone_e164"),
                      .properties = detail::object(body, "properties"),
                      .created = detail::timestamp(body, "created"),
                      .updated = detail::timestamp(body, "updated")};
  read.raw = std::move(body);
  return read;
}

Json member(const Json& body, const char* name) {
  const Json* found = detail::find(body, name);
  return found == nullptr ? Json() : *found;
}

TimelineEntry read_entry(Json body) {
  const bool call = text(body, "type") == "call";
  TimelineEntry read{.type = text(body, "type"),
                     .at = detail::timestamp(body, "at"),
                     .id = text(body, call ? "call_id" : "action_id"),
                     .name = text(body, "action_name"),
                     .value = member(body, "action_value"),
                     .properties = detail::object(body, "action_properties"),
                     .outcome = text(body, "outcome"),
                     .summary = detail::optional_text(body, "summary"),
                     .cost = member(body, "cost")};
  read.raw = std::move(body);
  return read;
}

BatchItemResult read_item(const Json& body) {
  const Json error = detail::object(body, "error");
  return {.status = text(body, "status"),
          .customer_id = text(body, "customer_id"),
          .action_id = text(body, "action_id"),
          .error_code = text(error, "code"),
          .error_message = text(error, "message")};
}

// Those members of an array that are objects.
std::vector<Json> objects_of(const Json& body, const char* name) {
  std::vector<Json> objects;
  const Json* list = detail::find(body, name);
  if (list == nullptr || !list->is_array()) return objects;
  for (const Json& item : *list) {
    if (item.is_object()) objects.push_back(item);
  }
  return objects;
}

void put_query(ApiRequest& request, const char* name, const std::string& value) {
  if (!value.empty()) request.query.emplace_back(name, value);
}

Result<ApiAnswer> ask(const detail::Channel& channel, detail::SlidingWindow& window,
                      const ApiRequest& request) {
  window.wait();
  Result<ApiAnswer> answer = channel.send(request);
  if (answer && !answer->body.is_object()) {
    Failure failure;
    failure.message = "the server's answer makes no sense: it is no object";
    failure.status = answer->status;
    failure.sent = true;
    return failure;
  }
  return answer;
}

}  // namespace

[[noreturn]] void throw_engagement_failure(const Failure& failure) {
  switch (failure.kind) {
    case FailureKind::authentication:
    case FailureKind::subscription:
      throw AuthenticationError(failure);
    case FailureKind::rate_limit:
      throw RateLimitError(failure);
    case FailureKind::validation:
      throw InvalidRequestError(failure);
    default:
      break;
  }
  if (failure.status >= 400 && failure.status < 500) throw InvalidRequestError(failure);
  throw ApiError(failure);
}

ResultClient::ResultClient(const EngagementOptions& options)
    : channel_(std::make_shared<detail::Channel>(options, required_key(options.api_key))),
      window_(std::make_shared<detail::SlidingWindow>(options.rate,
                                                      options.clock ? options.clock : blocking_clock())) {}

Result<Registration> ResultClient::register_customer(const Customer& customer) const {
  auto answer = ask(*channel_, *window_,
                    {.method = "POST", .path = "/customers", .body = write(customer), .repeatable = true});
  if (!answer) return std::move(answer).error();
  return read_registration(std::move(*answer));
}

Result<Registration> ResultClient::put_customer(const Customer& customer) const {
  auto answer = ask(*channel_, *window_,
                    {.method = "PUT", .path = "/customers", .body = write(customer), .repeatable = true});
  if (!answer) return std::move(answer).error();
  return read_registration(std::move(*answer));
}

Result<RecordedAction> ResultClient::record_action(const Action& action) const {
  const std::string key = key_or_random(action.idempotency_key);
  auto answer =
      ask(*channel_, *window_,
          {.method = "POST", .path = "/customers/actions", .body = write(action), .idempotency_key = key});
  if (!answer) {
    Failure failure = std::move(answer).error();
    failure.idempotency_key = key;
    return failure;
  }
  RecordedAction read{.action_id = text(answer->body, "action_id"),
                      .customer_id = text(answer->body, "customer_id"),
                      .action_name = text(answer->body, "action_name"),
                      .recorded_at = detail::timestamp(answer->body, "recorded_at"),
                      .idempotency_key = key,
                      .replayed = answer->replayed};
  read.raw = std::move(answer->body);
  return read;
}

Result<Deletion> ResultClient::delete_customer(std::string_view customer_id) const {
  Result<std::string> path = detail::path_with_id("/customers/", customer_id);
  if (!path) return std::move(path).error();
  auto answer = ask(*channel_, *window_, {.method = "DELETE", .path = std::move(*path)});
  if (!answer) return std::move(answer).error();
  Deletion read{.customer_id = text(answer->body, "customer_id"),
                .deleted = detail::timestamp(answer->body, "deleted"),
                .receipt_id = text(answer->body, "receipt_id")};
  read.raw = std::move(answer->body);
  return read;
}

Result<StoredCustomer> ResultClient::get_customer(std::string_view customer_id) const {
  Result<std::string> path = detail::path_with_id("/customers/", customer_id);
  if (!path) return std::move(path).error();
  auto answer = ask(*channel_, *window_, {.path = std::move(*path)});
  if (!answer) return std::move(answer).error();
  return read_customer(std::move(answer->body));
}

Result<CustomerPage> ResultClient::list_customers(const CustomerFilter& filter) const {
  ApiRequest request{.path = "/customers"};
  put_query(request, "customer_id", filter.customer_id);
  put_query(request, "email", filter.email);
  put_query(request, "phone", filter.phone);
  put_query(request, "property", filter.property);
  put_query(request, "cursor", filter.cursor);
  put_query(request, "limit", std::to_string(filter.limit));
  auto answer = ask(*channel_, *window_, request);
  if (!answer) return std::move(answer).error();
  CustomerPage page{.next_cursor = text(answer->body, "next_cursor")};
  for (Json& item : objects_of(answer->body, "items")) page.items.push_back(read_customer(std::move(item)));
  return page;
}

Result<TimelinePage> ResultClient::read_timeline(std::string_view customer_id,
                                                 const TimelineFilter& filter) const {
  Result<std::string> path = detail::path_with_id("/customers/", customer_id, "/timeline");
  if (!path) return std::move(path).error();
  ApiRequest request{.path = std::move(*path)};
  put_query(request, "type", filter.type);
  put_query(request, "cursor", filter.cursor);
  put_query(request, "limit", std::to_string(filter.limit));
  auto answer = ask(*channel_, *window_, request);
  if (!answer) return std::move(answer).error();
  TimelinePage page{.next_cursor = text(answer->body, "next_cursor")};
  for (Json& item : objects_of(answer->body, "items")) page.items.push_back(read_entry(std::move(item)));
  return page;
}

Result<std::vector<ActionCount>> ResultClient::count_actions(const CountFilter& filter) const {
  ApiRequest request{.path = "/customers/actions/counts"};
  put_query(request, "since", filter.since);
  put_query(request, "until", filter.until);
  put_query(request, "action_name", filter.action_name);
  auto answer = ask(*channel_, *window_, request);
  if (!answer) return std::move(answer).error();
  std::vector<ActionCount> counts;
  for (const Json& item : objects_of(answer->body, "items")) {
    counts.push_back({.date = text(item, "date"),
                      .action_name = text(item, "action_name"),
                      .count = detail::integer(item, "count")});
  }
  return counts;
}

Result<BatchResult> ResultClient::send_batch(std::span<const BatchItem> items,
                                             std::string idempotency_key) const {
  Json list = Json::array();
  for (const BatchItem& item : items) {
    list.push_back(std::visit([](const auto& each) { return write(each); }, item));
  }
  BatchResult result{.idempotency_key = key_or_random(idempotency_key)};
  auto answer = ask(*channel_, *window_,
                    {.method = "POST",
                     .path = "/customers/batch",
                     .body = Json{{"items", std::move(list)}},
                     .idempotency_key = result.idempotency_key});
  if (!answer) {
    Failure failure = std::move(answer).error();
    failure.idempotency_key = result.idempotency_key;
    return failure;
  }
  for (const Json& item : objects_of(answer->body, "results")) result.results.push_back(read_item(item));
  result.accepted = detail::integer(answer->body, "accepted");
  result.rejected = detail::integer(answer->body, "rejected");
  result.replayed = answer->replayed;
  return result;
}

}  // namespace trunkline::inline v1::engagement
