#include "fakes/openai/fake_openai.hpp"

#include <atomic>
#include <mutex>

#include <fmt/core.h>

#include "base/json/parse.hpp"
#include "base/json/write.hpp"
#include "base/text.hpp"
#include "fakes/http/listener.hpp"
#include "fakes/openai/chat_check.hpp"
#include "fakes/openai/chat_writer.hpp"
#include "fakes/openai/members.hpp"

namespace trunkline::fakes {
namespace {

// A message's content, also when it comes in parts.
std::string content_of(const json::Value& message) {
  const json::Value* content = message.find("content");
  if (content == nullptr || content->as_array() == nullptr) return std::string(text_of(content));
  std::string text;
  for (const json::Value& part : *content->as_array()) text += text_of(part.find("text"));
  return text;
}

// What decides about the answer.
std::string subject_of(const json::Value& body) {
  const json::Array& messages = *body.find("messages")->as_array();
  if (text_of(messages.back().find("role")) == "tool") return "tool: " + content_of(messages.back());
  for (auto message = messages.rbegin(); message != messages.rend(); ++message) {
    if (text_of(message->find("role")) == "user") return content_of(*message);
  }
  return "";
}

struct Rule {
  std::string words;
  std::vector<Answer> answers;
  std::size_t next = 0;
};

}  // namespace

struct FakeOpenAi::State {
  explicit State(FakeOpenAiOptions fake_options)
      : options(std::move(fake_options)),
        listener(options.port, [this](HttpExchange& exchange) { serve(exchange); }) {}

  void serve(HttpExchange& exchange) {
    const net::Request& request = exchange.request();
    Result<json::Value> body = json::parse(request.body, {.bytes = 8UL * 1024 * 1024});
    const std::size_t record = note(request, body ? *body : json::Value());
    const auto refuse = [&](const ApiRefusal& refusal) {
      answer_whole(exchange, record, refusal.status, error_body(refusal));
    };

    if (const auto refusal = objection_to_key(request)) return refuse(*refusal);
    if (request.path() == "/v1/models" && request.method == net::Method::get)
      return list_models(exchange, record);
    if (request.path() != "/v1/chat/completions" || request.method != net::Method::post) {
      return refuse({.status = 404,
                     .message = fmt::format("Invalid URL ({} {})", to_text(request.method), request.path()),
                     .param = "",
                     .code = "unknown_url"});
    }
    if (!body) {
      return refuse(
          {.message = "We could not parse the JSON body of your request. (HINT: This likely means you aren't "
                      "using your HTTP library correctly.)"});
    }
    if (const auto refusal = objection_to(*body, options.models)) return refuse(*refusal);
    answer_chat(exchange, record, *body);
  }

  std::optional<ApiRefusal> objection_to_key(const net::Request& request) const {
    const auto given = request.headers.find("Authorization");
    if (given == "Bearer " + options.api_key) return std::nullopt;
    if (!given || !given->starts_with("Bearer ")) {
      return ApiRefusal{.status = 401, .message = "You didn't provide an API key."};
    }
    // The real one quotes the key's two ends.
    const std::string_view key = given->substr(7);
    return ApiRefusal{
        .status = 401,
        .message = fmt::format("Incorrect API key provided: {}****{}. You can find your API key at "
                               "https://platform.openai.com/account/api-keys.",
                               key.substr(0, 8), key.size() > 4 ? key.substr(key.size() - 4) : ""),
        .code = "invalid_api_key"};
  }

  net::Headers common_headers(const Answer* answer, std::string_view content_type) {
    net::Headers headers{{"Content-Type", std::string(content_type)},
                         {"x-request-id", fmt::format("req_{:08}", ++counter)},
                         {"openai-processing-ms", "12"},
                         {"openai-organization", "org-fake"},
                         {"openai-version", "2020-10-01"},
                         {"x-ratelimit-limit-requests", "500"},
                         {"x-ratelimit-remaining-requests", "499"},
                         {"x-ratelimit-reset-requests", "120ms"}};
    if (answer != nullptr) {
      for (const auto& [name, value] : answer->headers) headers.set(name, value);
    }
    return headers;
  }

  void answer_whole(HttpExchange& exchange, std::size_t record, int status, std::string_view body,
                    const Answer* answer = nullptr, std::string_view type = "application/json") {
    note_status(record, status);
    exchange.respond(status, common_headers(answer, type), body);
  }

  void list_models(HttpExchange& exchange, std::size_t record) {
    json::Array models;
    for (const std::string& id : options.models) {
      models.push_back(json::object(
          {{"id", id}, {"object", "model"}, {"created", 1'715'367'049}, {"owned_by", "system"}}));
    }
    answer_whole(exchange, record, 200,
                 json::write(json::object({{"object", "list"}, {"data", std::move(models)}})));
  }

  void answer_chat(HttpExchange& exchange, std::size_t record, const json::Value& body) {
    const Answer answer = choose(subject_of(body));
    const auto is_true = [](const json::Value* value) {
      return value != nullptr && value->as_bool().value_or(false);
    };
    const json::Value* stream_options = body.find("stream_options");
    const Completion completion{
        .id = fmt::format("chatcmpl-{:08}", ++counter),
        .model = std::string(text_of(body.find("model"))),
        .prompt_bytes = exchange.request().body.size(),
        .include_usage = stream_options != nullptr && is_true(stream_options->find("include_usage"))};
    if (!exchange.sleep(answer.delay)) return;
    if (answer.raw_body)
      return answer_whole(exchange, record, answer.status, *answer.raw_body, &answer, "text/html");
    if (answer.status != 200) {
      return answer_whole(
          exchange, record, answer.status,
          error_body({.message = answer.error_message, .type = answer.error_type, .code = answer.error_code}),
          &answer);
    }
    if (answer.end == StreamEnd::hang && answer.events_before_end == 0) return exchange.wait_for_leaving();
    if (!is_true(body.find("stream")) || !answer.streams) {
      return answer_whole(exchange, record, 200, whole_answer(completion, answer), &answer);
    }
    note_status(record, 200);
    stream(exchange, completion, answer);
  }

  void stream(HttpExchange& exchange, const Completion& completion, const Answer& answer) {
    if (!exchange.begin_stream(200, common_headers(&answer, "text/event-stream; charset=utf-8"))) return;
    std::vector<std::string> events = stream_events(completion, answer);
    const bool is_whole = answer.end == StreamEnd::done || answer.end == StreamEnd::without_done;
    if (!is_whole) events.resize(std::min(events.size(), answer.events_before_end));
    if (answer.end == StreamEnd::done) events.emplace_back("[DONE]");
    if (answer.end == StreamEnd::error) {
      events.push_back(
          error_body({.message = "The server had an error while processing your request. Sorry about that!",
                      .type = "server_error",
                      .code = "server_error"}));
    }
    for (const std::string& event : events) {
      if (!write_event(exchange, event, answer) || !exchange.sleep(answer.pause)) return;
    }
    if (answer.end == StreamEnd::hang) return exchange.wait_for_leaving();
    if (answer.end == StreamEnd::cut) return exchange.cut();
    exchange.end_stream();
  }

  static bool write_event(HttpExchange& exchange, std::string_view data, const Answer& answer) {
    std::string bytes = answer.with_comments ? ": ping" + answer.line_end + answer.line_end : "";
    bytes += fmt::format("data: {}{}{}", data, answer.line_end, answer.line_end);
    const std::size_t size = answer.split_bytes == 0 ? bytes.size() : answer.split_bytes;
    for (std::string_view rest = bytes; !rest.empty(); rest.remove_prefix(std::min(size, rest.size()))) {
      if (!exchange.write_chunk(rest.substr(0, size))) return false;
    }
    return true;
  }

  Answer choose(const std::string& subject) {
    const std::lock_guard lock(mutex);
    for (auto rule = rules.rbegin(); rule != rules.rend(); ++rule) {
      if (subject.find(rule->words) == std::string::npos) continue;
      const std::size_t at = std::min(rule->next++, rule->answers.size() - 1);
      return rule->answers[at];
    }
    return fallback;
  }

  std::size_t note(const net::Request& request, json::Value body) {
    RecordedRequest recorded{.method = std::string(to_text(request.method)),
                             .path = std::string(request.path()),
                             .headers = {},
                             .body = std::move(body)};
    for (const char* name : {"Authorization", "Content-Type", "Accept", "User-Agent", "OpenAI-Organization",
                             "OpenAI-Project", "X-Stainless-Retry-Count", "X-Extra"}) {
      if (const auto value = request.headers.find(name)) recorded.headers.add(name, std::string(*value));
    }
    const std::lock_guard lock(mutex);
    recorded_requests.push_back(std::move(recorded));
    return recorded_requests.size() - 1;
  }

  void note_status(std::size_t record, int status) {
    const std::lock_guard lock(mutex);
    recorded_requests[record].status = status;
  }

  FakeOpenAiOptions options;
  mutable std::mutex mutex;  // never held across a wait
  std::vector<Rule> rules;
  Answer fallback{.text = "Hello."};
  std::vector<RecordedRequest> recorded_requests;
  std::atomic<int> counter = 0;
  HttpListener listener;  // last: it ends first
};

FakeOpenAi::FakeOpenAi(FakeOpenAiOptions options) : state_(std::make_unique<State>(std::move(options))) {
  state_->listener.start();
}
FakeOpenAi::~FakeOpenAi() = default;

std::uint16_t FakeOpenAi::port() const {
  return state_->listener.port();
}
std::string FakeOpenAi::base_url() const {
  return fmt::format("http://127.0.0.1:{}/v1", port());
}

void FakeOpenAi::on(std::string words, std::vector<Answer> answers) {
  const std::lock_guard lock(state_->mutex);
  state_->rules.push_back({std::move(words), std::move(answers)});
}

void FakeOpenAi::otherwise(Answer answer) {
  const std::lock_guard lock(state_->mutex);
  state_->fallback = std::move(answer);
}

std::vector<RecordedRequest> FakeOpenAi::requests() const {
  const std::lock_guard lock(state_->mutex);
  return state_->recorded_requests;
}

std::vector<json::Value> FakeOpenAi::chats() const {
  std::vector<json::Value> bodies;
  for (RecordedRequest& request : requests()) {
    if (request.path == "/v1/chat/completions") bodies.push_back(std::move(request.body));
  }
  return bodies;
}

}  // namespace trunkline::fakes
