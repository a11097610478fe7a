// Answers by key words: what the conformance test asks for.
#include "fakes/openai/fake_openai.hpp"

namespace trunkline::fakes {
namespace {

Answer rate_limited(net::Headers headers) {
  return {.status = 429,
          .error_type = "requests",
          .error_code = "rate_limit_exceeded",
          .error_message = "Rate limit reached for requests.",
          .headers = std::move(headers)};
}

Answer server_error(net::Headers headers = {}) {
  return {.status = 500,
          .error_type = "server_error",
          .error_message = "The server had an error while processing your request. Sorry about that!",
          .headers = std::move(headers)};
}

}  // namespace

void FakeOpenAi::load_builtin_script() {
  const Answer well{.text = "All is well."};
  on("say hello", {{.text = "Hello! How can I help you?"}});
  on("speak Spanish",
     {{.text = "¡Hola, señor Núñez! ¿Qué tal? 👋", .split_bytes = 1, .with_obfuscation = true}});
  on("with comments", {{.text = "One two three.", .line_end = "\r\n", .with_comments = true}});
  on("use the tool", {{.calls = {{.name = "order_status", .arguments = R"({"order_id":"12345"})"}}}});
  on("use two tools",
     {{.calls = {{.name = "order_status", .arguments = R"({"order_id":"1"})", .id = "call_a"},
                 {.name = "order_status", .arguments = R"({"order_id":"2"})", .id = "call_b"}}}});
  on("tool: ", {{.text = "The order is on its way."}});
  on("rate limit once by milliseconds",
     {rate_limited({{"retry-after-ms", "150"}, {"retry-after", "30"}}), well});
  on("rate limit once by seconds", {rate_limited({{"retry-after", "1"}}), well});
  on("rate limit always", {rate_limited({{"retry-after-ms", "1"}})});
  on("fail once", {server_error({{"retry-after-ms", "1"}}), well});
  on("fail and forbid retries", {server_error({{"x-should-retry", "false"}})});
  on("out of quota", {{.status = 429,
                       .error_type = "insufficient_quota",
                       .error_code = "insufficient_quota",
                       .error_message = "You exceeded your current quota.",
                       .headers = {{"x-should-retry", "false"}}}});
  on("no JSON",
     {{.status = 502, .raw_body = "<html>Bad gateway</html>", .headers = {{"x-should-retry", "false"}}}});
  on("break in the middle",
     {{.text = "This will not end well.", .end = StreamEnd::error, .events_before_end = 3}});
  on("cut in the middle", {{.text = "This will be cut.", .end = StreamEnd::cut, .events_before_end = 3}});
  on("forget the end", {{.text = "There is no end.", .end = StreamEnd::without_done}});
  on("wait a little",
     {{.text = "Sorry to keep you waiting.", .delay = milliseconds(100), .pause = milliseconds(5)}});
  on("never answer", {{.end = StreamEnd::hang, .events_before_end = 0}});
}

}  // namespace trunkline::fakes
