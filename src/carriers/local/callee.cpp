#include "carriers/local/callee.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/core.h>
#include <toml++/toml.h>

#include "base/json/parse.hpp"
#include "base/text.hpp"

namespace trunkline::carriers::local {
namespace {

// Collects the first thing that is wrong, so that the reading functions stay simple.
class Reader {
 public:
  const std::optional<Error>& problem() const { return problem_; }

  void refuse(const std::string& message) {
    if (!problem_) problem_ = Error(error_codes::scenario_invalid, message);
  }

  void only_known(const toml::table& table, std::string_view where,
                  std::initializer_list<std::string_view> known) {
    for (const auto& [key, value] : table) {
      if (std::ranges::find(known, key.str()) != known.end()) continue;
      const auto suggestion = closest(key.str(), std::vector<std::string_view>(known));
      refuse(fmt::format("{}: '{}' is not a field{}", where, key.str(),
                         suggestion ? fmt::format("; did you mean '{}'?", *suggestion) : "."));
    }
  }

  std::string text(const toml::table& table, std::string_view name, std::string fallback = "") {
    const toml::node* node = table.get(name);
    if (node == nullptr) return fallback;
    if (const auto* value = node->as_string()) return value->get();
    refuse(fmt::format("'{}' must be a text.", name));
    return fallback;
  }

  std::optional<Duration> duration(const toml::table& table, std::string_view name) {
    if (table.get(name) == nullptr) return std::nullopt;
    const auto value = parse_duration(text(table, name));
    if (!value) refuse(fmt::format("'{}' must be a duration such as \"30s\" or \"2m\".", name));
    return value;
  }

  bool flag(const toml::table& table, std::string_view name) {
    const toml::node* node = table.get(name);
    if (node == nullptr) return false;
    if (const auto* value = node->as_boolean()) return value->get();
    refuse(fmt::format("'{}' must be true or false.", name));
    return false;
  }

  std::vector<std::string> texts(const toml::table& table, std::string_view name) {
    std::vector<std::string> result;
    const toml::node* node = table.get(name);
    if (node == nullptr) return result;
    if (const auto* one = node->as_string()) return {one->get()};
    const auto* list = node->as_array();
    if (list == nullptr) {
      refuse(fmt::format("'{}' must be a list of texts.", name));
      return result;
    }
    for (const toml::node& item : *list) {
      if (const auto* value = item.as_string()) {
        result.push_back(value->get());
      } else {
        refuse(fmt::format("'{}' must be a list of texts.", name));
      }
    }
    return result;
  }

  std::map<std::string, std::string> texts_by_name(const toml::table& table, std::string_view name) {
    std::map<std::string, std::string> result;
    const toml::node* node = table.get(name);
    if (node == nullptr) return result;
    const auto* entries = node->as_table();
    if (entries == nullptr) refuse(fmt::format("'{}' must be a table such as {{ 1 = \"hours\" }}.", name));
    for (const auto& [key, value] : entries == nullptr ? toml::table() : *entries) {
      const auto* label = value.as_string();
      if (label == nullptr) refuse(fmt::format("'{}' must lead to labels.", name));
      result.emplace(std::string(key.str()), label == nullptr ? "" : label->get());
    }
    return result;
  }

 private:
  std::optional<Error> problem_;
};

std::optional<Answer> parse_answer(std::string_view text) {
  static const std::map<std::string_view, Answer> answers{
      {"", Answer::person},        {"person", Answer::person}, {"machine", Answer::machine},
      {"busy", Answer::busy},      {"nobody", Answer::nobody}, {"not_in_service", Answer::not_in_service},
      {"rejects", Answer::rejects}};
  const auto found = answers.find(text);
  if (found == answers.end()) return std::nullopt;
  return found->second;
}

Line read_line(Reader& reader, const toml::table& table) {
  reader.only_known(table, "[[callee.line]]",
                    {"label", "say", "pause", "at", "keys", "replies", "then", "hang_up"});
  Line line{.label = reader.text(table, "label"), .say = reader.text(table, "say")};
  if (line.say.empty()) reader.refuse("a [[callee.line]] needs 'say', the words.");
  line.pause = reader.duration(table, "pause").value_or(line.pause);
  line.at = reader.duration(table, "at");
  line.keys = reader.texts_by_name(table, "keys");
  line.replies = reader.texts_by_name(table, "replies");
  line.then = reader.text(table, "then");
  line.hang_up = reader.flag(table, "hang_up");
  return line;
}

void check_labels(Reader& reader, const Callee& callee) {
  const auto check = [&](const std::string& label) {
    if (!label.empty() && !callee.find(label)) {
      reader.refuse(fmt::format("{}: no line has the label '{}'.", callee.number.text(), label));
    }
  };
  for (const Line& line : callee.lines) {
    check(line.then);
    for (const auto& [key, label] : line.keys) check(label);
    for (const auto& [words, label] : line.replies) check(label);
  }
}

Callee read_callee(Reader& reader, const toml::table& table) {
  reader.only_known(table, "[[callee]]",
                    {"number", "description", "answer", "rings", "hangs_up_after", "line"});
  Callee callee;
  const std::string number = reader.text(table, "number");
  if (const auto parsed = PhoneNumber::parse_e164(number)) {
    callee.number = *parsed;
  } else {
    reader.refuse(
        fmt::format("'number' must be in E.164 form such as \"+12025550201\", not \"{}\".", number));
  }
  callee.description = reader.text(table, "description");
  const auto answer = parse_answer(reader.text(table, "answer"));
  if (!answer) reader.refuse("'answer' is one of person, machine, busy, nobody, not_in_service, rejects.");
  callee.answer = answer.value_or(Answer::person);
  callee.rings = reader.duration(table, "rings").value_or(callee.rings);
  callee.hangs_up_after = reader.duration(table, "hangs_up_after");
  if (const toml::array* lines = table["line"].as_array()) {
    for (const toml::node& line : *lines) {
      if (const auto* entry = line.as_table()) callee.lines.push_back(read_line(reader, *entry));
    }
  }
  check_labels(reader, callee);
  return callee;
}

ScenarioTool read_tool(Reader& reader, const toml::table& table) {
  reader.only_known(table, "[[tool]]", {"name", "description", "input_schema", "result", "error"});
  ScenarioTool tool{.name = reader.text(table, "name"),
                    .description = reader.text(table, "description"),
                    .input_schema = reader.text(table, "input_schema", R"({"type":"object"})"),
                    .result = reader.text(table, "result"),
                    .error = reader.text(table, "error")};
  if (tool.name.empty()) reader.refuse("a [[tool]] needs a 'name'.");
  if (tool.result.empty() == tool.error.empty())
    reader.refuse("a [[tool]] has either 'result', as JSON, or 'error'.");
  for (const std::string& text : {tool.input_schema, tool.result}) {
    if (!text.empty() && !json::parse(text))
      reader.refuse(fmt::format("tool {}: '{}' is not JSON.", tool.name, text));
  }
  return tool;
}

Expectation read_expectation(Reader& reader, const toml::table& table) {
  reader.only_known(table, "[expect]",
                    {"status", "agent_says", "agent_never_says", "tools_called", "at_most"});
  return {.status = reader.text(table, "status"),
          .agent_says = reader.texts(table, "agent_says"),
          .agent_never_says = reader.texts(table, "agent_never_says"),
          .tools_called = reader.texts(table, "tools_called"),
          .at_most = reader.duration(table, "at_most")};
}

}  // namespace

std::optional<std::size_t> Callee::find(std::string_view label) const {
  const auto line = std::ranges::find(lines, label, &Line::label);
  if (label.empty() || line == lines.end()) return std::nullopt;
  return static_cast<std::size_t>(line - lines.begin());
}

Result<Scenario> parse_scenario(std::string_view text) {
  toml::table table;
  try {
    table = toml::parse(text);
  } catch (const toml::parse_error& error) {
    return fail(error_codes::scenario_invalid, fmt::format("The scenario is not valid TOML, line {}: {}.",
                                                           error.source().begin.line, error.description()));
  }
  Reader reader;
  Scenario scenario;
  reader.only_known(table, "the scenario", {"callee", "tool", "expect"});
  if (const toml::array* callees = table["callee"].as_array()) {
    for (const toml::node& callee : *callees) {
      if (const auto* entry = callee.as_table()) scenario.callees.push_back(read_callee(reader, *entry));
    }
  }
  if (const toml::array* tools = table["tool"].as_array()) {
    for (const toml::node& tool : *tools) {
      if (const auto* entry = tool.as_table()) scenario.tools.push_back(read_tool(reader, *entry));
    }
  }
  if (const toml::table* expect = table["expect"].as_table())
    scenario.expectation = read_expectation(reader, *expect);
  if (reader.problem()) return fail(*reader.problem());
  return scenario;
}

Directory::Directory() {
  const Result<Scenario> builtin = parse_scenario(builtin_scenario());
  if (!builtin) throw std::logic_error(builtin.error().describe());
  for (const Callee& callee : builtin->callees) callees_.push_back(std::make_shared<const Callee>(callee));
}

void Directory::add(const Scenario& scenario) {
  for (const Callee& callee : scenario.callees) callees_.push_back(std::make_shared<const Callee>(callee));
}

std::shared_ptr<const Callee> Directory::reach(const PhoneNumber& number) const {
  for (auto callee = callees_.rbegin(); callee != callees_.rend(); ++callee) {
    if ((*callee)->number == number) return *callee;
  }
  return callees_.front();
}

std::vector<std::shared_ptr<const Callee>> Directory::all() const {
  return callees_;
}

}  // namespace trunkline::carriers::local
