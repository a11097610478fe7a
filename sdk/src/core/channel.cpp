#include "core/channel.hpp"

#include <algorithm>

#include "core/base_url.hpp"
#include "core/failure_answer.hpp"
#include "core/json_fields.hpp"
#include "core/random.hpp"
#include "core/refusal.hpp"
#include "core/retry.hpp"
#include "core/version.hpp"

namespace trunkline::inline v1::detail {
namespace {

constexpr std::size_t idempotency_key_bytes_max = 255;
constexpr std::size_t request_id_random_bytes = 8;

bool is_visible(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

// A header's value: what is not printable could end the header.
bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

void check_options(const ClientOptions& options, std::string_view credential) {
  const auto refuse = [](const char* message) { throw_failure(refusal(message)); };
  constexpr std::chrono::milliseconds none(0);
  if (!is_visible(credential)) refuse("the API key or token must be visible ASCII characters");
  if (!is_printable(options.user_agent)) refuse("user_agent must be printable ASCII");
  const Timeouts& timeouts = options.timeouts;
  if (timeouts.connect <= none || timeouts.request <= none || timeouts.total <= none) {
    refuse("timeouts must be more than nothing");
  }
  const RetryPolicy& retries = options.retries;
  if (retries.tries < 1) refuse("retries.tries must be 1 or more");
  if (retries.first_pause < none || retries.longest_pause < none) refuse("pauses must not be negative");
}

std::string with_query(std::string url, const std::vector<std::pair<std::string, std::string>>& query) {
  char separator = '?';
  for (const auto& [name, value] : query) {
    url += separator + percent_encoded(name) + '=' + percent_encoded(value);
    separator = '&';
  }
  return url;
}

// What one line of a failure should say about an answer that is no JSON.
std::string about(const HttpResponse& answer) {
  std::string message = "the server answered status " + std::to_string(answer.status);
  const auto location = answer.header("Location");
  if (answer.status >= 300 && location) {
    return message + " and points to " + std::string(*location) + "; set base_url to where the API is";
  }
  return message + " with a body that is not JSON; does base_url lead to the API?";
}

Result<ApiAnswer> read_answer(const ApiRequest& request, const HttpResponse& answer) {
  if (answer.status >= 400) return read_failure(answer, request.other_failures);
  auto body = parse_json(answer.body);
  if (!body || answer.status >= 300) {
    Failure failure;
    failure.message = about(answer);
    failure.status = answer.status;
    failure.sent = true;
    return failure;
  }
  return ApiAnswer{.status = answer.status,
                   .body = std::move(*body),
                   .replayed = answer.header("Idempotent-Replayed").value_or("") == "true"};
}

// Facts about the request that each failure carries.
void add_facts(Failure& failure, const ApiRequest& request, const HttpRequest& http) {
  failure.idempotency_key = request.idempotency_key;
  if (failure.status != 0) return;
  failure.message = http.method + " " + http.url + ": " + failure.message;
  const bool in_doubt = failure.sent && !http.repeatable;
  if (in_doubt) failure.message += "; the server may have carried it out all the same";
  if (failure.sent && !request.idempotency_key.empty()) {
    failure.message += "; repeat it with the idempotency key " + request.idempotency_key;
  }
}

}  // namespace

Channel::Channel(const ClientOptions& options, std::string_view credential) : options_(options) {
  check_options(options, credential);
  base_url_ = checked_base_url(options.base_url);
  if (!credential.empty()) authorization_ = "Bearer " + std::string(credential);
  if (options_.user_agent.empty()) options_.user_agent = std::string("trunkline-cpp/") + sdk_version;
  if (!options_.transport) options_.transport = curl_transport();
  if (!options_.clock) options_.clock = blocking_clock();
}

Result<ApiAnswer> Channel::send(const ApiRequest& request) const {
  const auto deadline = clock().now() + options_.timeouts.total;
  const std::string request_id = "cpp_" + random_hex(request_id_random_bytes);
  Result<HttpRequest> http = http_request(request, request_id);
  if (!http) return std::move(http).error();
  const auto time_left = [&] {
    return std::chrono::floor<std::chrono::milliseconds>(deadline - clock().now());
  };
  for (int tries = 1;; ++tries) {
    Result<ApiAnswer> outcome = try_once(request, *http, time_left());
    if (outcome) return outcome;
    Failure& failure = outcome.error();
    add_facts(failure, request, *http);
    if (failure.request_id.empty()) failure.request_id = request_id;
    if (tries >= options_.retries.tries || !may_try_again(failure, http->repeatable)) return outcome;
    const auto pause = pause_before_next(options_.retries, tries, failure, random_fraction());
    if (pause >= time_left()) return outcome;
    clock().sleep_for(pause);
  }
}

Result<HttpRequest> Channel::http_request(const ApiRequest& request, const std::string& request_id) const {
  HttpRequest http{.method = request.method, .url = with_query(base_url_ + request.path, request.query)};
  http.repeatable = request.method != "POST" || request.repeatable || !request.idempotency_key.empty();
  http.headers = {
      {"Accept", "application/json"}, {"User-Agent", options_.user_agent}, {"X-Request-Id", request_id}};
  if (!authorization_.empty()) http.headers.emplace_back("Authorization", authorization_);
  if (request.method == "POST" || request.body) http.headers.emplace_back("Content-Type", "application/json");
  if (!request.idempotency_key.empty()) {
    const bool fits = request.idempotency_key.size() <= idempotency_key_bytes_max;
    if (!fits || !is_visible(request.idempotency_key))
      return refusal("idempotency_key: 1 to 255 visible ASCII characters");
    http.headers.emplace_back("Idempotency-Key", request.idempotency_key);
  }
  if (!request.body) return http;
  try {
    http.body = request.body->dump();
  } catch (const Json::type_error&) {  // the only reason that dump() has
    return refusal("all texts must be UTF-8");
  }
  return http;
}

Result<ApiAnswer> Channel::try_once(const ApiRequest& request, HttpRequest& http,
                                    std::chrono::milliseconds time_left) const {
  http.timeout = std::clamp(time_left, std::chrono::milliseconds(1), options_.timeouts.request);
  http.connect_timeout = std::min(options_.timeouts.connect, http.timeout);
  Result<HttpResponse> answer = options_.transport->send(http);
  if (!answer) return std::move(answer).error();
  Result<ApiAnswer> outcome = read_answer(request, *answer);
  if (!outcome) outcome.error().request_id = answer->header("X-Request-Id").value_or("");
  return outcome;
}

Result<std::string> path_with_id(std::string_view before, std::string_view id, std::string_view after) {
  if (id.empty()) return refusal("the id is empty");
  if (id == "." || id == "..") return refusal("there is no such id");
  return std::string(before) + percent_encoded(id) + std::string(after);
}

}  // namespace trunkline::inline v1::detail
