#include "dialogue/fallback_chain.hpp"

#include <exception>

#include <fmt/core.h>

#include "base/log.hpp"
#include "dialogue/language.hpp"
#include "dialogue/phrases.hpp"
#include "runtime/semaphore.hpp"

namespace trunkline::dialogue {
namespace {

using runtime::SteadyTime;

std::int64_t detail(const Error& error, std::string_view name) {
  for (const auto& [each, value] : error.details()) {
    const auto* number = std::get_if<std::int64_t>(&value);
    if (each == name && number != nullptr) return *number;
  }
  return 0;
}

// A defect in one responder must not end the call: the next one takes over, and the log has it.
template <class Ask>
auto guarded(std::string_view name, const Ask& ask) -> decltype(ask()) {
  try {
    return ask();
  } catch (const std::exception& defect) {
    log::error("a responder failed by a defect", {{"responder", name}, {"what", defect.what()}});
    return fail(error_codes::responder_failed, "it failed by a defect");
  }
}

}  // namespace

// One reply, from the first model asked to the last.
class FallbackChain::Turn {
 public:
  Turn(FallbackChain& chain, const Conversation& conversation, const SentenceSink& sink)
      : chain_(chain), conversation_(conversation), sink_(sink), language_(language_of(conversation)) {}

  Reply take() {
    for (Model& model : chain_.models_) {
      if (!model.breaker.allows(chain_.clock_.now())) {
        note(model.named.name, "it is resting after several failures in a row");
        continue;
      }
      Result<Reply> reply = ask(model.named);
      if (reply) {
        model.breaker.succeeded();
        return finish(std::move(*reply));
      }
      model.breaker.failed(chain_.clock_.now());
      if (filled_at_) fill_at_ = std::min(fill_at_, *filled_at_ + chain_.options_.filler_after_failure);
      note(model.named.name, reply.error().message());
      log::warning("a model failed", {{"model", model.named.name}, {"error", reply.error()}});
      usage_.prompt_tokens += detail(reply.error(), "prompt_tokens");
      usage_.completion_tokens += detail(reply.error(), "completion_tokens");
    }
    return finish(
        *chain_.script_.respond(so_far(), {.say = [&](std::string_view words) { say(words); }, .fill = {}}));
  }

 private:
  void note(std::string_view name, std::string_view reason) {
    notes_.push_back(fmt::format("{}: {}", name, reason));
  }

  // The conversation as the next responder must see it: what was said of this reply is said.
  Conversation so_far() const {
    Conversation conversation = conversation_;
    if (!said_.empty()) conversation.history.emplace_back(Utterance{Speaker::agent, said_});
    return conversation;
  }

  // What a model is asked and has answered so far. Shared with its fiber, which may outlast an exception of
  // the sink.
  struct Question {
    Conversation conversation;
    std::vector<std::string> sentences = {};
    std::optional<Result<Reply>> reply = {};
    runtime::Bell bell = {};
  };

  // The model works on a fiber of its own; here its sentences are passed on, and fillers when there are none.
  Result<Reply> ask(NamedResponder& model) {
    const auto question = std::make_shared<Question>(so_far());
    std::optional<Duration> time;
    if (const SteadyTime end = runtime::current_deadline(); end != SteadyTime::max()) {
      time = std::chrono::ceil<Duration>(end - runtime::steady_now());
    }
    runtime::EventLoop::current()->spawn("responder",
                                         [question, time, &model] { answer(*question, time, model); });
    bool has_spoken = false;
    while (!question->reply || !question->sentences.empty()) {
      if (question->sentences.empty()) {
        wait_or_fill(question->bell);
        continue;
      }
      has_spoken = true;
      for (const std::string& sentence : std::exchange(question->sentences, {})) say(sentence);
    }
    Result<Reply>& reply = *question->reply;
    if (reply && !has_spoken && !reply->text.empty()) say(reply->text);
    return std::move(reply);
  }

  static void answer(Question& question, std::optional<Duration> time, NamedResponder& model) {
    const SentenceSink sink{.say =
                                [&](std::string_view sentence) {
                                  question.sentences.emplace_back(sentence);
                                  question.bell.ring();
                                },
                            .fill = {}};
    std::optional<runtime::DeadlineScope> deadline;
    if (time) deadline.emplace(*time);
    question.reply.emplace(
        guarded(model.name, [&] { return model.responder->respond(question.conversation, sink); }));
    question.bell.ring();
  }

  void wait_or_fill(runtime::Bell& bell) {
    const auto left = std::chrono::ceil<Duration>(fill_at_ - runtime::steady_now());
    if (left > Duration::zero() && bell.wait_for(left)) return;
    if (runtime::steady_now() < fill_at_) return;
    const auto& fillers = phrases(language_).fillers;
    if (sink_.fill) sink_.fill(fillers[(conversation_.history.size() + fills_++) % fillers.size()]);
    filled_at_ = runtime::steady_now();
    fill_at_ = *filled_at_ + chain_.options_.filler_again_after;
  }

  void say(std::string_view sentence) {
    // Two models' words are two words.
    const bool needs_space = !said_.empty() && !said_.ends_with(' ') && !sentence.starts_with(' ');
    const std::string words = needs_space ? " " + std::string(sentence) : std::string(sentence);
    said_ += words;
    if (sink_.say) sink_.say(words);
    filled_at_.reset();
    fill_at_ = runtime::steady_now() + chain_.options_.filler_after;
  }

  Reply finish(Reply reply) {
    reply.text = std::move(said_);
    reply.usage.prompt_tokens += usage_.prompt_tokens;
    reply.usage.completion_tokens += usage_.completion_tokens;
    reply.fallbacks = std::move(notes_);
    return reply;
  }

  FallbackChain& chain_;
  const Conversation& conversation_;
  const SentenceSink& sink_;
  Language language_;
  std::string said_;
  TokenUsage usage_;
  std::vector<std::string> notes_;
  std::size_t fills_ = 0;
  std::optional<SteadyTime> filled_at_;  // nothing has been said since
  SteadyTime fill_at_ = runtime::steady_now() + chain_.options_.filler_after;
};

FallbackChain::FallbackChain(std::vector<NamedResponder> models, const Clock& clock, FallbackOptions options)
    : clock_(clock), options_(options) {
  for (NamedResponder& model : models) models_.push_back({std::move(model), Breaker(options_.breaker)});
}

Result<Reply> FallbackChain::respond(const Conversation& conversation, const SentenceSink& sink) {
  return Turn(*this, conversation, sink).take();
}

Result<std::string> FallbackChain::summarise(const Conversation& conversation) {
  for (Model& model : models_) {
    if (!model.breaker.allows(clock_.now())) continue;
    auto summary = guarded(model.named.name, [&] { return model.named.responder->summarise(conversation); });
    if (summary) {
      model.breaker.succeeded();
      return summary;
    }
    model.breaker.failed(clock_.now());
    log::warning("a model failed to summarise", {{"model", model.named.name}, {"error", summary.error()}});
  }
  return script_.summarise(conversation);
}

}  // namespace trunkline::dialogue
