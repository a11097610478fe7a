#include "trunkline/voice/result_client.hpp"

#include <algorithm>

#include "core/random.hpp"
#include "core/refusal.hpp"
#include "voice/answers.hpp"
#include "voice/wire.hpp"

namespace trunkline::inline v1::voice {
namespace {

using detail::ApiRequest;

constexpr std::size_t idempotency_key_random_bytes = 16;

std::string path(std::string_view rest) {
  return std::string(api_prefix).append(rest);
}

ApiRequest call_request(std::string method, std::string path) {
  return {.method = std::move(method), .path = std::move(path), .other_failures = FailureKind::call};
}

std::string_view required_key(const std::string& api_key) {
  if (api_key.empty()) throw_failure(detail::refusal("api_key is empty"));
  return api_key;
}

// What an id in a path is: a request without its effect would be another one, such as the list of all calls.
Result<Call> send_call(const detail::Channel& channel, const char* method, std::string_view call_id,
                       std::string_view action) {
  Result<std::string> path = detail::path_with_id(std::string(api_prefix) + "/calls/", call_id, action);
  if (!path) return std::move(path).error();
  ApiRequest request = call_request(method, std::move(*path));
  request.repeatable = true;  // cancelling or hanging up twice is doing it once (voice API, section 10)
  return ask(channel, request, &wire::read_call, &Call::id);
}

Failure still_going(const Call& call, std::chrono::milliseconds waited) {
  Failure failure;
  failure.kind = FailureKind::timeout;
  failure.message = "call " + call.id + " is still " + std::string(to_text(call.status)) + " after " +
                    std::to_string(waited.count()) + " ms of waiting; it goes on";
  failure.temporary = true;
  return failure;
}

}  // namespace

ResultClient::ResultClient(const ClientOptions& options)
    : channel_(std::make_shared<detail::Channel>(options, required_key(options.api_key))) {}

Result<PlacedCall> ResultClient::create_call(const CallRequest& request) const {
  ApiRequest order = call_request("POST", path("/calls"));
  order.body = wire::write_call_request(request);
  order.idempotency_key = request.idempotency_key;
  if (order.idempotency_key.empty()) order.idempotency_key = detail::random_hex(idempotency_key_random_bytes);
  Result<detail::ApiAnswer> answer = channel_->send(order);
  if (!answer) return std::move(answer).error();
  const bool is_object = answer->body.is_object();
  PlacedCall placed = is_object ? wire::read_placed_call(std::move(answer->body)) : PlacedCall();
  if (placed.id.empty()) {
    Failure failure = strange_answer("it has no id", answer->status);
    failure.kind = FailureKind::call;
    failure.idempotency_key = order.idempotency_key;
    return failure;
  }
  placed.idempotency_key = std::move(order.idempotency_key);
  placed.replayed = answer->replayed;
  return placed;
}

Result<Call> ResultClient::get_call(std::string_view call_id) const {
  return send_call(*channel_, "GET", call_id, "");
}

Result<CallPage> ResultClient::list_calls(const CallFilter& filter) const {
  ApiRequest request = call_request("GET", path("/calls"));
  if (filter.status) request.query.emplace_back("status_filter", to_text(*filter.status));
  if (filter.start_date) request.query.emplace_back("start_date", v1::to_text(*filter.start_date));
  if (filter.end_date) request.query.emplace_back("end_date", v1::to_text(*filter.end_date));
  request.query.emplace_back("limit", std::to_string(filter.limit));
  if (filter.offset != 0) request.query.emplace_back("offset", std::to_string(filter.offset));
  return ask(*channel_, request, &wire::read_call_page);
}

Result<Call> ResultClient::cancel_call(std::string_view call_id) const {
  return send_call(*channel_, "POST", call_id, "/cancel");
}

Result<Call> ResultClient::hang_up_call(std::string_view call_id) const {
  return send_call(*channel_, "POST", call_id, "/hangup");
}

Result<Call> ResultClient::wait_for_call(std::string_view call_id, const WaitOptions& options) const {
  if (options.poll_interval <= std::chrono::milliseconds(0)) {
    return detail::refusal("poll_interval must be more than nothing");
  }
  Clock& clock = channel_->clock();
  const auto deadline = clock.now() + options.timeout;
  auto seen_at = clock.now();  // when the server was last there
  std::optional<std::chrono::steady_clock::time_point> enough_at;
  for (;;) {
    Result<Call> call = get_call(call_id);
    const auto now = clock.now();
    std::chrono::milliseconds pause = options.poll_interval;
    if (!call) {
      const Failure& failure = call.error();
      if (!failure.temporary || now >= deadline || now - seen_at >= options.outage_grace) return call;
      pause =
          std::max<std::chrono::milliseconds>(pause, failure.retry_after.value_or(std::chrono::seconds(0)));
    } else if (call->is_over()) {
      const bool waits_for_summary = call->started_at && !call->summary;
      if (!enough_at) enough_at = std::min(deadline, now + options.summary_grace);
      if (!waits_for_summary || now >= *enough_at) return call;
    } else if (now >= deadline) {
      return still_going(*call, options.timeout);
    }
    if (call) seen_at = now;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(enough_at.value_or(deadline) - now);
    clock.sleep_for(std::clamp(left, std::chrono::milliseconds(0), pause));
  }
}

Result<Tool> ResultClient::register_tool(const ToolDefinition& definition) const {
  const ApiRequest request{.method = "POST",
                           .path = path("/tools"),
                           .body = Json{{"tool", wire::write_tool(definition)}},
                           .repeatable = true};  // the same name is the same tool
  return ask(*channel_, request, &wire::read_tool, &Tool::id);
}

Result<std::vector<Tool>> ResultClient::list_tools() const {
  return ask_list(*channel_, ApiRequest{.path = path("/tools")}, &wire::read_tool, &wire::list_of);
}

Result<DeletedTool> ResultClient::delete_tool(std::string_view tool_id) const {
  Result<std::string> at = detail::path_with_id(path("/tools/"), tool_id);
  if (!at) return std::move(at).error();
  return ask(*channel_, ApiRequest{.method = "DELETE", .path = std::move(*at)}, &wire::read_deleted_tool);
}

Result<Usage> ResultClient::get_usage(std::string_view period) const {
  ApiRequest request{.path = path("/usage")};
  if (!period.empty()) request.query.emplace_back("period", period);
  return ask(*channel_, request, &wire::read_usage);
}

}  // namespace trunkline::inline v1::voice
