#include "dialogue/openai_responder.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/json/parse.hpp"
#include "base/json/text.hpp"
#include "base/text.hpp"
#include "dialogue/hearing.hpp"
#include "dialogue/language.hpp"
#include "dialogue/phrases.hpp"
#include "dialogue/plain_speech.hpp"
#include "dialogue/reply_from_model.hpp"
#include "dialogue/sentences.hpp"
#include "dialogue/sse_parser.hpp"

namespace trunkline::dialogue {
namespace {

using runtime::SteadyTime;

// Some two minutes of speech: nobody listens longer to one answer.
constexpr std::size_t spoken_bytes_max = 2UL * 1024;
constexpr std::size_t summary_bytes_max = 2UL * 1024;
// How long the end of a finished stream is waited for, so that its connection can be used again.
constexpr Duration closing_time = milliseconds(20);

std::int64_t estimated_tokens(std::size_t bytes) {
  return static_cast<std::int64_t>((bytes + 3) / 4);
}

// One answer of the model while it comes in.
class Answer {
 public:
  Answer(const ChatBudgets& budgets, const SentenceSink& sink) : budgets_(budgets), sink_(sink) {}

  // Suspends until the model has finished.
  Result<void> receive(net::ClientStream& stream) {
    const auto type = stream.headers().find("Content-Type");
    is_whole_ = type && ascii_lower(*type).starts_with("application/json");
    while (!is_over()) {
      auto chunk = next_chunk(stream);
      if (!chunk) return fail(std::move(chunk.error()));
      if (auto taken = *chunk ? take(**chunk) : take_end(); !taken) return taken;
      if (!*chunk) return {};
    }
    speak_rest();
    const runtime::DeadlineScope deadline(closing_time);
    while (auto chunk = stream.next_chunk()) {
      if (!*chunk) break;
    }
    return {};
  }

  const ChatStream& chat() const { return chat_; }
  const std::string& text() const { return text_; }

  void say(const std::string& sentence) {
    if (sentence.empty()) return;
    text_ += sentence;
    last_said_ = runtime::steady_now();
    if (sink_.say) sink_.say(sentence);
    last_token_ = runtime::steady_now();  // the sink may have taken its time
  }

  TokenUsage usage(std::size_t request_bytes) const {
    if (chat_.usage()) return *chat_.usage();
    std::size_t answer_bytes = model_bytes_;
    for (const ModelCall& call : chat_.calls()) answer_bytes += call.name.size() + call.arguments.size();
    return {.prompt_tokens = estimated_tokens(request_bytes),
            .completion_tokens = estimated_tokens(answer_bytes)};
  }

 private:
  bool is_over() const { return chat_.is_done() || model_bytes_ > spoken_bytes_max; }

  // What is waited for now, and until when.
  std::pair<std::string_view, Duration> budget() const {
    if (chat_.tokens() == 0) return {"first token", budgets_.first_token};
    return {"further token", text_.empty() ? budgets_.next_token_in_silence : budgets_.next_token};
  }

  Result<std::optional<std::string>> next_chunk(net::ClientStream& stream) {
    const auto [what, budget_for_it] = budget();
    const auto left = std::chrono::ceil<Duration>(last_token_ + budget_for_it - runtime::steady_now());
    if (left <= Duration::zero()) return fail(too_slow(what, budget_for_it));
    const SteadyTime whole = runtime::current_deadline();
    const runtime::DeadlineScope deadline(left);
    auto chunk = stream.next_chunk();
    if (chunk) return chunk;
    if (chunk.error().code() != net::response_timed_out) {
      return fail(
          Error(error_codes::responder_failed, "its answer broke off").caused_by(std::move(chunk.error())));
    }
    if (runtime::steady_now() >= whole) return fail(too_slow("complete answer", budgets_.total));
    return fail(too_slow(what, budget_for_it));
  }

  Result<void> take(std::string_view bytes) {
    if (is_whole_) {
      whole_ += bytes;
      return {};
    }
    auto events = parser_.feed(bytes);
    if (!events)
      return fail(Error(error_codes::responder_failed, "its answer is too large").caused_by(events.error()));
    for (const SseEvent& event : *events) {
      if (auto taken = take_event(event.data); !taken) return taken;
      if (is_over()) break;
    }
    // A model that writes slowly is spoken slowly.
    if (runtime::steady_now() - last_said_ >= budgets_.words_after) say(splitter_.take_words());
    return {};
  }

  Result<void> take_event(std::string_view data) {
    const std::size_t before = chat_.tokens();
    const Result<std::string> words = chat_.take(data);
    if (!words) return fail(words.error());
    if (chat_.tokens() != before) last_token_ = runtime::steady_now();
    model_bytes_ += words->size();
    for (const std::string& sentence : splitter_.feed(speech_.feed(*words))) say(sentence);
    return {};
  }

  // The body has ended without [DONE]: other servers do that. It is an end when the model said so or its
  // words are whole.
  Result<void> take_end() {
    if (is_whole_) {
      if (auto taken = take_event(whole_); !taken) return taken;
    } else if (const auto event = parser_.finish()) {
      if (auto taken = take_event(event->data); !taken) return taken;
    }
    const bool is_end = is_over() || !chat_.finish_reason().empty() ||
                        (chat_.tokens() > 0 && chat_.calls().empty() && splitter_.is_at_end());
    if (!is_end) return fail(error_codes::responder_failed, "its answer broke off");
    speak_rest();
    return {};
  }

  // Half a sentence at the limit is left out when there is a whole one before it.
  void speak_rest() {
    const bool is_cut = chat_.finish_reason() == "length" || chat_.finish_reason() == "content_filter" ||
                        model_bytes_ > spoken_bytes_max;
    const bool is_half = is_cut && !splitter_.is_at_end();
    const std::string rest = splitter_.finish();
    if (!is_half || text_.empty()) say(rest);
  }

  const ChatBudgets& budgets_;
  const SentenceSink& sink_;
  SseParser parser_;
  ChatStream chat_;
  PlainSpeech speech_;
  SentenceSplitter splitter_;
  std::string text_;  // that was said
  std::size_t model_bytes_ = 0;
  bool is_whole_ = false;  // the server does not stream
  std::string whole_;
  SteadyTime last_token_ = runtime::steady_now();
  SteadyTime last_said_ = runtime::steady_now();
};

bool has_said_goodbye(const Conversation& conversation) {
  for (auto entry = conversation.history.rbegin(); entry != conversation.history.rend(); ++entry) {
    const auto* said = std::get_if<Utterance>(&*entry);
    if (said != nullptr && said->speaker == Speaker::agent)
      return classify(said->text, "", false) == Heard::goodbye;
  }
  return false;
}

Error with_usage(Error error, const TokenUsage& usage) {
  return std::move(error)
      .with_detail("prompt_tokens", usage.prompt_tokens)
      .with_detail("completion_tokens", usage.completion_tokens);
}

// The text of a summary, from {"summary": …} or from words.
std::string summary_in(const std::string& content) {
  std::string text = content;
  if (const auto parsed = json::parse(trim(content)); parsed && parsed->find("summary") != nullptr) {
    const std::string* summary = parsed->find("summary")->as_text();
    text = summary == nullptr ? "" : *summary;
  }
  text = plain_speech(text);
  json::shorten(text, summary_bytes_max);
  return text;
}

}  // namespace

Result<Reply> OpenAiResponder::respond(const Conversation& conversation, const SentenceSink& sink) {
  const runtime::DeadlineScope deadline(client_.budgets().total);
  const ToolNames names(conversation);
  std::string request = reply_request(conversation, names, settings_);
  const std::size_t request_bytes = request.size();
  Answer answer(client_.budgets(), sink);
  auto stream = client_.open(std::move(request));
  if (!stream) return fail(std::move(stream.error()));
  const Result<void> received = answer.receive(*stream);
  const TokenUsage usage = answer.usage(request_bytes);
  if (!received) return fail(with_usage(received.error(), usage));

  Reply reply = moves_of(answer.chat().calls(), names);
  // A call does not end without a word.
  if (reply.hang_up && answer.text().empty() && !has_said_goodbye(conversation)) {
    answer.say(std::string(phrases(language_of(conversation)).goodbye));
  }
  reply.text = answer.text();
  if (reply.text.empty() && reply.digits.empty() && !reply.tool && !reply.hang_up) {
    const bool is_filtered = answer.chat().finish_reason() == "content_filter";
    return fail(with_usage(
        Error(error_codes::responder_failed, is_filtered ? "its content filter stopped the answer"
                                                         : "there was nothing of use in its answer"),
        usage));
  }
  reply.responder = "openai:" + settings_.model;
  reply.usage = usage;
  return reply;
}

Result<std::string> OpenAiResponder::summarise(const Conversation& conversation) {
  const runtime::DeadlineScope deadline(client_.budgets().total);
  Result<std::string> body = client_.send(summary_request(conversation, settings_, true));
  const auto is_refused = [](const Error& error) {
    return std::ranges::any_of(error.details(), [](const Error::Detail& detail) {
      const auto* status = std::get_if<std::int64_t>(&detail.second);
      return detail.first == "status" && status != nullptr && (*status == 400 || *status == 422);
    });
  };
  // Not every server knows response_format.
  if (!body && is_refused(body.error())) body = client_.send(summary_request(conversation, settings_, false));
  if (!body) return fail(std::move(body.error()));
  ChatStream chat;
  const Result<std::string> content = chat.take(*body);
  if (!content) return fail(content.error());
  std::string summary = summary_in(*content);
  if (summary.empty()) return fail(error_codes::responder_failed, "there was no summary in its answer");
  return summary;
}

}  // namespace trunkline::dialogue
