#include "fakes/openai/chat_check.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "base/json/write.hpp"
#include "base/text.hpp"
#include "fakes/openai/members.hpp"

namespace trunkline::fakes {
namespace {

using Objection = std::optional<ApiRefusal>;

constexpr std::array<std::string_view, 24> known_fields{"model",
                                                        "messages",
                                                        "temperature",
                                                        "max_completion_tokens",
                                                        "max_tokens",
                                                        "presence_penalty",
                                                        "frequency_penalty",
                                                        "tools",
                                                        "tool_choice",
                                                        "parallel_tool_calls",
                                                        "response_format",
                                                        "stream",
                                                        "stream_options",
                                                        "stop",
                                                        "seed",
                                                        "user",
                                                        "safety_identifier",
                                                        "metadata",
                                                        "store",
                                                        "service_tier",
                                                        "reasoning_effort",
                                                        "verbosity",
                                                        "top_p",
                                                        "n"};

ApiRefusal refuse(std::string message, std::string param = "", std::string code = "") {
  return {.message = std::move(message), .param = std::move(param), .code = std::move(code)};
}

Objection check_fields(const json::Object& body) {
  for (const auto& [key, value] : body) {
    if (std::ranges::find(known_fields, key) == known_fields.end()) {
      return refuse(fmt::format("Unrecognized request argument supplied: {}", key));
    }
  }
  return std::nullopt;
}

Objection check_model(const json::Value& body, const std::vector<std::string>& models) {
  const std::string_view model = text_of(body.find("model"));
  if (model.empty()) return refuse("you must provide a model parameter");
  if (std::ranges::find(models, model) != models.end()) return std::nullopt;
  ApiRefusal refusal =
      refuse(fmt::format("The model `{}` does not exist or you do not have access to it.", model), "",
             "model_not_found");
  refusal.status = 404;
  return refusal;
}

bool is_reasoning_model(std::string_view model) {
  return model.starts_with("o1") || model.starts_with("o3") || model.starts_with("o4") ||
         model.starts_with("gpt-5");
}

Objection check_limits(const json::Value& body) {
  const bool has_old = body.find("max_tokens") != nullptr;
  if (has_old && body.find("max_completion_tokens") != nullptr) {
    return refuse("Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
                  "max_tokens", "invalid_parameter_combination");
  }
  if (has_old && is_reasoning_model(text_of(body.find("model")))) {
    return refuse(
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' "
        "instead.",
        "max_tokens", "unsupported_parameter");
  }
  const json::Value* stream = body.find("stream");
  const bool streams = stream != nullptr && stream->as_bool().value_or(false);
  if (body.find("stream_options") != nullptr && !streams) {
    return refuse("The 'stream_options' parameter is only allowed when 'stream' is enabled.",
                  "stream_options");
  }
  return std::nullopt;
}

bool is_function_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 &&
         std::ranges::all_of(name, [](char c) { return is_letter_or_digit(c) || c == '_' || c == '-'; });
}

Objection check_tools(const json::Value& body) {
  const json::Value* tools = body.find("tools");
  if (tools == nullptr) return std::nullopt;
  if (tools->as_array() == nullptr || tools->as_array()->empty()) {
    return refuse("[] is too short - 'tools'", "tools", "empty_array");
  }
  std::size_t at = 0;
  for (const json::Value& tool : *tools->as_array()) {
    const std::string place = fmt::format("tools[{}].function", at++);
    const json::Value* function = tool.find("function");
    if (text_of(tool.find("type")) != "function" || function == nullptr) {
      return refuse(fmt::format("Missing required parameter: '{}'.", place), place,
                    "missing_required_parameter");
    }
    if (!is_function_name(text_of(function->find("name")))) {
      return refuse(
          fmt::format("Invalid '{}.name': string does not match pattern. Expected a string that matches the "
                      "pattern '^[a-zA-Z0-9_-]+$'.",
                      place),
          place + ".name", "invalid_value");
    }
    const json::Value* parameters = function->find("parameters");
    if (parameters != nullptr && text_of(parameters->find("type")) != "object") {
      return refuse(
          fmt::format("Invalid schema for function '{}': schema must be a JSON Schema of 'type: \"object\"'.",
                      text_of(function->find("name"))),
          place + ".parameters", "invalid_function_parameters");
    }
  }
  return std::nullopt;
}

// Goes through the messages in order and keeps the tool calls that have no answer yet.
class MessageCheck {
 public:
  Objection check(const json::Value* messages) {
    if (messages == nullptr || messages->as_array() == nullptr) {
      return refuse("Missing required parameter: 'messages'.", "messages", "missing_required_parameter");
    }
    if (messages->as_array()->empty()) {
      return refuse("Invalid 'messages': empty array. Expected an array with minimum length 1.", "messages",
                    "empty_array");
    }
    for (const json::Value& message : *messages->as_array()) {
      place_ = fmt::format("messages.[{}]", at_++);
      if (auto objection = check_one(message)) return objection;
    }
    return check_answered();
  }

 private:
  Objection check_one(const json::Value& message) {
    const std::string_view role = text_of(message.find("role"));
    if (role == "tool") return check_tool(message);
    if (auto objection = check_answered()) return objection;
    if (role == "assistant") return check_assistant(message);
    if (role == "system" || role == "developer" || role == "user") return check_content(message);
    return refuse(
        fmt::format("Invalid value: '{}'. Supported values are: 'system', 'assistant', 'user', 'function', "
                    "'tool', and 'developer'.",
                    role),
        place_ + ".role", "invalid_value");
  }

  Objection check_content(const json::Value& message) const {
    const json::Value* content = message.find("content");
    const bool is_content =
        content != nullptr && (content->as_text() != nullptr || content->as_array() != nullptr);
    if (is_content) return std::nullopt;
    return refuse(
        fmt::format("Invalid value for 'content': expected a string, got null. - '{}.content'", place_),
        place_ + ".content");
  }

  Objection check_assistant(const json::Value& message) {
    const json::Value* calls = message.find("tool_calls");
    if (calls == nullptr) return check_content(message);
    if (calls->as_array() == nullptr || calls->as_array()->empty()) {
      return refuse(fmt::format("[] is too short - '{}.tool_calls'", place_), place_ + ".tool_calls",
                    "empty_array");
    }
    for (const json::Value& call : *calls->as_array()) {
      const json::Value* function = call.find("function");
      const bool is_whole = function != nullptr && function->find("arguments") != nullptr &&
                            function->find("arguments")->as_text() != nullptr &&
                            is_function_name(text_of(function->find("name"))) &&
                            !text_of(call.find("id")).empty();
      if (!is_whole)
        return refuse(fmt::format("Invalid '{}.tool_calls'.", place_), place_ + ".tool_calls",
                      "invalid_value");
      open_.emplace_back(text_of(call.find("id")));
    }
    return std::nullopt;
  }

  Objection check_tool(const json::Value& message) {
    const auto call = std::ranges::find(open_, text_of(message.find("tool_call_id")));
    if (call == open_.end()) {
      // The real message misspells "preceding".
      return refuse(
          "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with "
          "'tool_calls'.",
          place_ + ".role");
    }
    open_.erase(call);
    return check_content(message);
  }

  Objection check_answered() const {
    if (open_.empty()) return std::nullopt;
    return refuse(
        fmt::format(
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
            "'tool_call_id'. The following tool_call_ids did not have response messages: {}",
            join(open_, ", ")),
        place_ + ".role");
  }

  std::vector<std::string> open_;
  std::string place_;
  std::size_t at_ = 0;
};

}  // namespace

std::string error_body(const ApiRefusal& refusal) {
  return json::write(json::object({{"error", json::object({{"message", refusal.message},
                                                           {"type", refusal.type},
                                                           {"param", unless_empty(refusal.param)},
                                                           {"code", unless_empty(refusal.code)}})}}));
}

std::optional<ApiRefusal> objection_to(const json::Value& body, const std::vector<std::string>& models) {
  if (body.as_object() == nullptr) return refuse("We could not parse the JSON body of your request.");
  if (auto objection = check_fields(*body.as_object())) return objection;
  if (auto objection = check_model(body, models)) return objection;
  if (auto objection = check_limits(body)) return objection;
  if (auto objection = MessageCheck().check(body.find("messages"))) return objection;
  return check_tools(body);
}

}  // namespace trunkline::fakes
