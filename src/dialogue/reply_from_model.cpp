#include "dialogue/reply_from_model.hpp"

#include "base/json/parse.hpp"
#include "base/text.hpp"

namespace trunkline::dialogue {
namespace {

constexpr std::size_t digits_max = 32;
constexpr std::size_t argument_depth_max = 16;

// An object; nothing for anything else. Models write nothing at all when there are no arguments.
std::optional<json::Value> read_arguments(const ModelCall& call) {
  if (call.is_too_large) return std::nullopt;
  if (trim(call.arguments).empty()) return json::Value(json::Object());
  Result<json::Value> arguments =
      json::parse(call.arguments, {.bytes = ChatStream::argument_bytes_max, .depth = argument_depth_max});
  if (!arguments || arguments->as_object() == nullptr) return std::nullopt;
  return std::move(*arguments);
}

// "1", "1 2 3" or the number 5; "" when it is no sequence of keys.
std::string read_digits(const json::Value& arguments) {
  const json::Value* given = arguments.find("digits");
  if (given == nullptr) return "";
  std::string digits;
  const std::string text =
      given->as_text() != nullptr ? *given->as_text() : given->number_text().value_or("");
  for (const char key : text) {
    const bool is_separator = key == ' ' || key == '-' || key == ',';
    if (is_separator) continue;
    if (std::string_view("0123456789*#").find(key) == std::string_view::npos || digits.size() == digits_max)
      return "";
    digits += key;
  }
  return digits;
}

}  // namespace

Reply moves_of(std::span<const ModelCall> calls, const ToolNames& names) {
  Reply reply;
  for (const ModelCall& call : calls) {
    auto arguments = read_arguments(call);
    if (call.name == end_call_function) {
      reply.hang_up = true;  // there is nothing in its arguments that could be wrong
      return reply;
    }
    if (!arguments) continue;
    if (call.name == press_keys_function) {
      reply.digits = read_digits(*arguments);
      if (!reply.digits.empty()) return reply;
    } else if (auto tool = names.tool_for(call.name)) {
      reply.tool = ToolCall{.name = std::move(*tool), .arguments = std::move(*arguments)};
      return reply;
    }
  }
  return reply;
}

}  // namespace trunkline::dialogue
