#include "dialogue/chat_request.hpp"

#include <fmt/core.h>

#include "base/json/write.hpp"
#include "dialogue/prompt.hpp"

namespace trunkline::dialogue {
namespace {

constexpr std::size_t entries_max = 120;  // of the history; a model needs no more of a long talk
constexpr Duration time_worth_telling = seconds(60);

json::Value text_message(const char* role, std::string content) {
  return json::object({{"role", role}, {"content", std::move(content)}});
}

// Turns the history into messages. Neighbours of the same role become one, since some servers want them to
// alternate.
class Messages {
 public:
  Messages(const Conversation& conversation, const ToolNames& names)
      : conversation_(conversation), names_(names) {}

  json::Array make() {
    messages_.push_back(text_message("system", system_prompt(conversation_.brief)));
    add_record(answered_record(conversation_.answered_by));
    const auto& history = conversation_.history;
    const std::size_t skipped = history.size() > entries_max ? history.size() - entries_max : 0;
    if (skipped > 0) add_record(left_out_record());
    for (std::size_t i = skipped; i < history.size(); ++i)
      std::visit([&](const auto& entry) { add(entry); }, history[i]);
    if (is_broken_off()) add_record(broken_off_record());
    const Duration left = conversation_.time_left;
    if (left > Duration::zero() && left < time_worth_telling) add_record(time_record(left));
    return std::move(messages_);
  }

 private:
  // The agent was speaking when another model failed.
  bool is_broken_off() const {
    if (conversation_.history.empty()) return false;
    const auto* last = std::get_if<Utterance>(&conversation_.history.back());
    return last != nullptr && last->speaker == Speaker::agent;
  }

  bool last_is(std::string_view role) const { return *messages_.back().find("role")->as_text() == role; }
  json::Object& last() { return *messages_.back().as_object(); }

  void add_record(const std::string& record) {
    if (!last_is("user")) {
      messages_.push_back(text_message("user", record));
    } else {
      *last().find("content")->as_text() += "\n" + record;
    }
  }

  void add(const Utterance& utterance) {
    if (utterance.speaker == Speaker::callee) return add_record(heard_record(utterance.text));
    if (last_is("assistant")) {
      *last().find("content")->as_text() += " " + utterance.text;
    } else {
      messages_.push_back(text_message("assistant", utterance.text));
    }
  }

  void add(const Silence&) { add_record(silence_record()); }

  void add(const KeyPress& press) {
    add_call(std::string(press_keys_function), json::write(json::object({{"digits", press.digits}})),
             json::write(json::object({{"result", "pressed"}})));
  }

  void add(const ToolUse& use) {
    add_call(names_.shown(use.name), json::write(use.arguments), tool_record(use));
  }

  void add_call(std::string name, std::string arguments, std::string result) {
    const std::string id = fmt::format("call_{}", ++calls_);
    json::Value call = json::object(
        {{"id", id},
         {"type", "function"},
         {"function", json::object({{"name", std::move(name)}, {"arguments", std::move(arguments)}})}});
    // What the agent said before it is part of the same message.
    if (!last_is("assistant"))
      messages_.push_back(json::object({{"role", "assistant"}, {"content", nullptr}}));
    last().set("tool_calls", json::array({std::move(call)}));
    messages_.push_back(
        json::object({{"role", "tool"}, {"tool_call_id", id}, {"content", std::move(result)}}));
  }

  const Conversation& conversation_;
  const ToolNames& names_;
  json::Array messages_;
  int calls_ = 0;
};

json::Value function(std::string name, std::string description, json::Value parameters) {
  return json::object({{"type", "function"},
                       {"function", json::object({{"name", std::move(name)},
                                                  {"description", std::move(description)},
                                                  {"parameters", std::move(parameters)}})}});
}

// A schema must be an object of type object.
json::Value parameters_of(const json::Value& schema) {
  json::Object parameters = schema.as_object() == nullptr ? json::Object() : *schema.as_object();
  if (parameters.find("type") == nullptr) parameters.set("type", "object");
  if (parameters.find("properties") == nullptr) parameters.set("properties", json::Object());
  return parameters;
}

json::Array functions(const Conversation& conversation, const ToolNames& names) {
  const json::Value digits =
      json::object({{"type", "string"}, {"description", "One or more of 0-9, * and #."}});
  json::Array list{
      function(std::string(press_keys_function), "Presses keys of the telephone, for phone menus.",
               json::object({{"type", "object"},
                             {"properties", json::object({{"digits", digits}})},
                             {"required", json::array({"digits"})}})),
      function(std::string(end_call_function), "Hangs up after your words of this turn have been spoken.",
               json::object({{"type", "object"}, {"properties", json::Object()}})),
  };
  for (const Tool& tool : conversation.tools) {
    list.push_back(function(names.shown(tool.name), tool.description, parameters_of(tool.input_schema)));
  }
  return list;
}

json::Object begin_request(const ChatSettings& settings, json::Array messages) {
  json::Object body{{"model", settings.model},
                    {"messages", std::move(messages)},
                    {settings.max_tokens_field, settings.max_tokens}};
  if (settings.temperature) body.set("temperature", *settings.temperature);
  return body;
}

}  // namespace

std::string reply_request(const Conversation& conversation, const ToolNames& names,
                          const ChatSettings& settings) {
  json::Object body = begin_request(settings, Messages(conversation, names).make());
  body.set("tools", functions(conversation, names));
  body.set("stream", true);
  body.set("stream_options", json::object({{"include_usage", true}}));
  return json::write(body);
}

std::string summary_request(const Conversation& conversation, const ChatSettings& settings,
                            bool with_schema) {
  json::Object body = begin_request(settings, {text_message("system", summary_prompt(conversation.brief)),
                                               text_message("user", summary_records(conversation))});
  if (with_schema) {
    const json::Value schema =
        json::object({{"type", "object"},
                      {"properties", json::object({{"summary", json::object({{"type", "string"}})}})},
                      {"required", json::array({"summary"})},
                      {"additionalProperties", false}});
    body.set(
        "response_format",
        json::object({{"type", "json_schema"},
                      {"json_schema",
                       json::object({{"name", "call_summary"}, {"schema", schema}, {"strict", true}})}}));
  }
  return json::write(body);
}

}  // namespace trunkline::dialogue
