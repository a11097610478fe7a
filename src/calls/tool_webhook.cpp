#include "calls/tool_webhook.hpp"

#include <fmt/core.h>

#include "base/json/parse.hpp"
#include "base/text.hpp"

namespace trunkline::calls {
namespace {

constexpr std::size_t reason_bytes_max = 300;

std::unexpected<Error> failed(std::string reason) {
  return fail(error_codes::tool_failed, std::move(reason));
}

// The text in {"error": "…"} or {"error": {"message": "…"}}; nothing when there is no error member.
std::optional<std::string> error_text(const json::Value& reply) {
  const json::Value* error = reply.find("error");
  if (error == nullptr || error->is_null()) return std::nullopt;
  if (const std::string* text = error->as_text()) return std::string(cut_to_bytes(*text, reason_bytes_max));
  const json::Value* message = error->find("message");
  if (message != nullptr && message->as_text() != nullptr) {
    return std::string(cut_to_bytes(*message->as_text(), reason_bytes_max));
  }
  return "the tool reported an error";
}

}  // namespace

std::string correlation_text(Uuid id) {
  return with_prefix("cor_", id);
}

Result<std::string> tool_request_body(const ToolQuestion& question, json::SignatureStyle style) {
  json::Object body{{"tool_name", question.tool_name},
                    {"arguments", question.arguments},
                    {"call_id", question.call.text()},
                    {"correlation_id", correlation_text(question.correlation_id)},
                    {"call_session_id", session_of(question.call)},
                    {"partner_id", question.account.text()}};
  if (!question.project.is_nil()) body.set("project_id", question.project.text());
  return json::canonical(json::Value(std::move(body)), style);
}

Result<json::Value> read_tool_reply(int status, std::string_view body, Uuid correlation_id) {
  const Result<json::Value> reply = json::parse(body);
  if (status < 200 || status > 299) {
    const auto reason = reply ? error_text(*reply) : std::nullopt;
    return failed(reason.value_or(fmt::format("the tool's server answered {}", status)));
  }
  if (!reply) return failed("the tool's server sent no JSON");
  // Some frameworks turn the published handler's (error, status) pair into a list.
  if (const json::Array* pair = reply->as_array(); pair != nullptr && !pair->empty()) {
    return failed(error_text(pair->front()).value_or("the tool's server sent a list instead of a result"));
  }
  if (const auto reason = error_text(*reply)) return failed(*reason);
  const json::Value* echo = reply->find("correlation_id");
  if (echo != nullptr && echo->as_text() != nullptr && *echo->as_text() != correlation_text(correlation_id)) {
    return failed("the tool's server answered another request");
  }
  const json::Value* result = reply->find("result");
  if (result == nullptr) return failed("the tool's answer has no result");
  return *result;
}

Result<json::Value> ask_tool(net::Client& client, const webhooks::Endpoint& endpoint, std::string_view url,
                             const ToolQuestion& question, Duration timeout, Instant now) {
  const Result<std::string> body = tool_request_body(question, endpoint.style);
  if (!body)
    return fail(Error(error_codes::tool_failed, "the arguments cannot be sent").caused_by(body.error()));
  net::ClientRequest request{.method = net::Method::post,
                             .url = std::string(url),
                             .headers = {{"Content-Type", "application/json"}},
                             .body = *body,
                             .connect_deadline = std::min<Duration>(timeout, seconds(5)),
                             .first_byte_deadline = timeout,
                             .total_deadline = timeout};
  endpoint.signer->sign(request.headers, correlation_text(question.correlation_id), now, *body);
  const Result<net::ClientResponse> response = client.send(request);
  if (response) return read_tool_reply(response->status, response->body, question.correlation_id);
  const bool late = response.error().kind() == ErrorKind::timed_out;
  return fail(Error(error_codes::tool_failed,
                    late ? "the tool did not answer in time" : "the tool's server cannot be reached")
                  .caused_by(response.error()));
}

}  // namespace trunkline::calls
