#include "dialogue/chat_client.hpp"

#include <fmt/core.h>

#include "dialogue/chat_stream.hpp"
#include "dialogue/openai_error.hpp"

namespace trunkline::dialogue {
namespace {

using runtime::SteadyTime;

constexpr std::size_t error_bytes_max = 16UL * 1024;

net::RetryPolicy retry_once() {
  net::RetryPolicy policy = net::retry_passing_failures();
  policy.attempts_max = 2;
  policy.statuses = {408, 409, 429, 500, 502, 503, 504};
  std::erase(policy.failures, net::response_timed_out);  // the budget is spent then
  policy.first_delay = milliseconds(200);
  policy.heeds_should_retry = true;
  return policy;
}

// The body of an answer that is an error, as far as it is of use.
std::string read_error(net::ClientStream& stream) {
  std::string body;
  while (body.size() < error_bytes_max) {
    auto chunk = stream.next_chunk();
    if (!chunk || !*chunk) break;
    body += **chunk;
  }
  return body;
}

// The answer in words of ours: the client's error names the server, never the key.
Error explain(const Error& failure, const ChatBudgets& budgets, std::string_view wanted, Duration at_most) {
  if (failure.code() == net::connect_timed_out) return too_slow("connection", budgets.connect);
  if (failure.code() == net::response_timed_out) return too_slow(wanted, at_most);
  const char* words = net::may_have_been_received(failure) ? "its answer broke off" : "it cannot be reached";
  return Error(error_codes::responder_failed, words).caused_by(failure);
}

}  // namespace

Error too_slow(std::string_view what, Duration budget) {
  return Error(error_codes::responder_slow, fmt::format("no {} within {}", what, format_duration(budget)));
}

ChatClient::ChatClient(net::Client& client, const Clock& clock, Random& random, ChatEndpoint endpoint,
                       ChatBudgets budgets)
    : client_(client),
      clock_(clock),
      random_(random),
      endpoint_(std::move(endpoint)),
      budgets_(budgets),
      retries_(retry_once()) {
  while (endpoint_.base_url.ends_with('/')) endpoint_.base_url.pop_back();
}

net::ClientRequest ChatClient::make_request(std::string body, std::string_view accept) const {
  net::ClientRequest request;
  request.method = net::Method::post;
  request.url = endpoint_.base_url + "/chat/completions";
  request.url_source = net::UrlSource::configuration;
  request.headers = endpoint_.extra_headers;
  request.headers.set("Content-Type", "application/json");
  request.headers.set("Accept", std::string(accept));
  if (!endpoint_.api_key.empty()) {
    request.headers.set("Authorization", fmt::format("Bearer {}", endpoint_.api_key.reveal()));
  }
  if (!endpoint_.organisation.empty()) request.headers.set("OpenAI-Organization", endpoint_.organisation);
  if (!endpoint_.project.empty()) request.headers.set("OpenAI-Project", endpoint_.project);
  request.body = std::move(body);
  request.connect_deadline = budgets_.connect;
  request.total_deadline = budgets_.total;
  request.response_bytes_max = answer_bytes_max;
  request.repeatable = true;  // a model's answer twice costs a little, and nothing else happens
  return request;
}

Result<net::ClientStream> ChatClient::open_within(net::ClientRequest request, std::string_view wanted,
                                                  Duration at_most) {
  const SteadyTime begun = runtime::steady_now();
  for (std::size_t attempts = 1;; ++attempts) {
    request.first_byte_deadline = std::chrono::ceil<Duration>(begun + at_most - runtime::steady_now());
    Result<net::ClientStream> stream = client_.open(request);
    if (stream && stream->status() == 200) return stream;

    Result<net::ClientResponse> outcome = net::ClientResponse{};
    std::optional<Error> failure;
    bool is_hopeless = false;
    if (stream) {
      const runtime::DeadlineScope deadline(
          std::chrono::ceil<Duration>(begun + at_most - runtime::steady_now()));
      const ApiError error = read_api_error(std::string_view(read_error(*stream)));
      outcome->status = stream->status();
      outcome->headers = stream->headers();
      is_hopeless = error.is_out_of_quota();
      failure = Error(error_codes::responder_failed, describe_failure(stream->status(), error))
                    .with_detail("status", stream->status());
    } else {
      outcome = fail(stream.error());
      failure = explain(stream.error(), budgets_, wanted, at_most);
    }
    const auto delay = net::next_delay(retries_, attempts, outcome, clock_.now(), random_);
    if (is_hopeless || !delay || runtime::steady_now() + *delay >= begun + at_most)
      return fail(std::move(*failure));
    runtime::sleep_for(*delay);
  }
}

Result<net::ClientStream> ChatClient::open(std::string body) {
  return open_within(make_request(std::move(body), "text/event-stream, application/json"), "first token",
                     budgets_.first_token);
}

Result<std::string> ChatClient::send(std::string body) {
  const runtime::DeadlineScope deadline(budgets_.total);
  auto stream = open_within(make_request(std::move(body), "application/json"), "answer", budgets_.total);
  if (!stream) return fail(std::move(stream.error()));
  std::string answer;
  while (true) {
    auto chunk = stream->next_chunk();
    if (!chunk) return fail(explain(chunk.error(), budgets_, "answer", budgets_.total));
    if (!*chunk) return answer;
    answer += **chunk;
  }
}

}  // namespace trunkline::dialogue
