#include "dialogue/chat_stream.hpp"

#include "base/json/parse.hpp"
#include "base/text.hpp"
#include "dialogue/openai_error.hpp"

namespace trunkline::dialogue {
namespace {

// More than any model can use: what is beyond is a lie or a defect.
constexpr std::int64_t tokens_max = 100'000'000;

// The text of a member; "" when it is null, absent or something else.
std::string_view text_of(const json::Value* value) {
  if (value == nullptr || value->as_text() == nullptr) return "";
  return *value->as_text();
}

std::int64_t count_of(const json::Value* value) {
  if (value == nullptr) return 0;
  return std::clamp<std::int64_t>(value->as_integer().value_or(0), 0, tokens_max);
}

}  // namespace

Result<std::string> ChatStream::take(std::string_view data) {
  const std::string_view text = trim(data);
  if (text.empty()) return "";
  if (text == "[DONE]") {
    is_done_ = true;
    return "";
  }
  const Result<json::Value> chunk = json::parse(text, {.bytes = answer_bytes_max});
  if (!chunk) {
    // Half of a surrogate pair: some servers cut between the two. The character is lost, the rest is fine.
    if (chunk.error().code() == json::error_codes::json_bad_text) return "";
    return fail(Error(error_codes::responder_failed, "its answer is not JSON").caused_by(chunk.error()));
  }
  if (const json::Value* error = chunk->find("error"); error != nullptr && !error->is_null()) {
    return fail(error_codes::responder_failed, describe_failure(read_api_error(*chunk)));
  }
  if (const json::Value* usage = chunk->find("usage")) take_usage(*usage);
  const json::Value* choices = chunk->find("choices");
  if (choices == nullptr || choices->as_array() == nullptr || choices->as_array()->empty()) return "";
  return take_choice(choices->as_array()->front());
}

std::string ChatStream::take_choice(const json::Value& choice) {
  if (const std::string_view reason = text_of(choice.find("finish_reason")); !reason.empty())
    finish_reason_ = reason;
  const json::Value* delta = choice.find("delta");
  if (delta == nullptr) delta = choice.find("message");
  if (delta == nullptr) return "";
  if (const json::Value* pieces = delta->find("tool_calls")) take_calls(*pieces);
  std::string words(text_of(delta->find("content")));
  words += text_of(delta->find("refusal"));  // the model declines, in words
  if (!words.empty()) ++tokens_;
  return words;
}

void ChatStream::take_calls(const json::Value& pieces) {
  if (pieces.as_array() == nullptr) return;
  std::int64_t position = 0;
  for (const json::Value& piece : *pieces.as_array()) {
    const json::Value* given = piece.find("index");
    std::int64_t index = given == nullptr ? position : given->as_integer().value_or(position);
    ++position;
    const std::string_view id = text_of(piece.find("id"));
    // Without an index a new id begins a new call.
    if (given == nullptr && !calls_.empty()) {
      const std::int64_t last = calls_.rbegin()->first;
      index = id.empty() || ids_[last] == id ? last : last + 1;
    }
    if (!calls_.contains(index) && calls_.size() >= calls_max) continue;
    ModelCall& call = calls_[index];
    if (!id.empty()) ids_[index] = id;
    ++tokens_;
    const json::Value* function = piece.find("function");
    if (function == nullptr) continue;
    if (call.name.empty()) call.name = text_of(function->find("name"));
    const std::string_view more = text_of(function->find("arguments"));
    call.is_too_large = call.is_too_large || call.arguments.size() + more.size() > argument_bytes_max;
    if (!call.is_too_large) call.arguments += more;
  }
}

void ChatStream::take_usage(const json::Value& usage) {
  if (usage.as_object() == nullptr) return;
  usage_ = TokenUsage{.prompt_tokens = count_of(usage.find("prompt_tokens")),
                      .completion_tokens = count_of(usage.find("completion_tokens"))};
}

std::vector<ModelCall> ChatStream::calls() const {
  std::vector<ModelCall> calls;
  calls.reserve(calls_.size());
  for (const auto& [index, call] : calls_) calls.push_back(call);
  return calls;
}

}  // namespace trunkline::dialogue
