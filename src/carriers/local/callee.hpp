// Who answers in the phone network in a box, and what they say. Built-in callees have fixed numbers, as
// payment providers have test cards; a scenario file adds more (docs/simulator.md has the format).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/phone_number.hpp"

namespace trunkline::carriers::local {

enum class Answer : std::uint8_t { person, machine, busy, nobody, not_in_service, rejects };

// Something the callee says, and what may follow it.
struct Line {
  std::string label;
  std::string say;
  Duration pause = seconds(1);                   // after the agent has finished
  std::optional<Duration> at = {};               // not before this long after the answer
  std::map<std::string, std::string> keys = {};  // a phone menu: key to label; without it words are expected
  std::map<std::string, std::string> replies =
      {};                 // words in the agent's answer to label; else the next line
  std::string then = {};  // label of the line that follows; "": the next one
  bool hang_up = false;   // after saying it
};

struct Callee {
  PhoneNumber number;
  std::string description;
  Answer answer = Answer::person;
  Duration rings = seconds(4);
  std::optional<Duration> hangs_up_after = {};  // of call time since the answer, whatever is being said
  std::vector<Line> lines = {};

  // The line with the label; nothing when there is none.
  std::optional<std::size_t> find(std::string_view label) const;
};

// What must have come true at the end, for scenarios that test an agent.
struct Expectation {
  std::string status = {};                   // "completed"
  std::vector<std::string> agent_says = {};  // words that occur in what the agent said, in any case
  std::vector<std::string> agent_never_says = {};
  std::vector<std::string> tools_called = {};
  std::optional<Duration> at_most = {};  // of call time
};

// A tool that the simulator answers by itself.
struct ScenarioTool {
  std::string name;
  std::string description;
  std::string input_schema;  // JSON
  std::string result;        // JSON; "" when `error` is set
  std::string error;
};

struct Scenario {
  std::vector<Callee> callees;
  std::vector<ScenarioTool> tools;
  Expectation expectation;
};

namespace error_codes {
inline constexpr ErrorCode scenario_invalid{"scenario_invalid", ErrorKind::invalid};
}  // namespace error_codes

// Reads a scenario in TOML. Fails with `scenario_invalid`, naming the line or the field.
Result<Scenario> parse_scenario(std::string_view toml);

// The text of the built-in callees, in the same format: the example for one's own.
std::string_view builtin_scenario();

// Whom a number reaches: a callee of the scenarios, the later ones first, else the first built-in one.
class Directory {
 public:
  Directory();  // with the built-in callees
  void add(const Scenario& scenario);
  std::shared_ptr<const Callee> reach(const PhoneNumber& number) const;
  std::vector<std::shared_ptr<const Callee>> all() const;

 private:
  std::vector<std::shared_ptr<const Callee>> callees_;
};

}  // namespace trunkline::carriers::local
