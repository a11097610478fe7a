// What one value of a request body must be: its type, its limits, how it is read into C++ and how it is
// documented. Rules are made once, inside a Shape (shape.hpp), and shared.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/json/value.hpp"

namespace trunkline::json {

// Where in the body a value stands: a chain on the stack, turned into a JSON Pointer only for a problem.
struct Place {
  const Place* parent = nullptr;  // null for the root
  std::string_view key = {};      // in an object
  std::size_t index = 0;          // in an array, when there is no key
};

// Gathers what is wrong with a body.
class Report {
 public:
  void add(const Place& place, std::string_view problem);
  void add(std::string pointer, std::string_view problem);
  bool empty() const { return problems_.empty(); }
  // The message is the first problem in words ("tools/0/name: is required"; what is wrong with the root is
  // said of `root`); each detail is a JSON Pointer with its problem. Problems beyond the first hundred are
  // left out.
  Error to_error(ErrorCode code, std::string_view root = "the body") &&;

 private:
  std::vector<std::pair<std::string, std::string>> problems_;
};

// A rule without its C++ type. `target` is what the typed Rule says.
class AnyRule {
 public:
  virtual ~AnyRule() = default;
  // Stores the value, or reports what is wrong with it and leaves the target in any state.
  virtual void read(const Value& value, void* target, const Place& place, Report& report) const = 0;
  // As JSON Schema, in the dialect of OpenAPI 3.1; always an object.
  virtual Object schema() const = 0;
  virtual bool takes_null() const { return false; }
};

// A rule whose values become a T.
template <class T>
class Rule {
 public:
  explicit Rule(std::shared_ptr<const AnyRule> rule) : rule_(std::move(rule)) {}
  const std::shared_ptr<const AnyRule>& erased() const { return rule_; }

 private:
  std::shared_ptr<const AnyRule> rule_;
};

inline constexpr std::int64_t no_minimum = std::numeric_limits<std::int64_t>::min();
inline constexpr std::int64_t no_maximum = std::numeric_limits<std::int64_t>::max();

// A string of so many Unicode characters (code points).
Rule<std::string> text(std::size_t minimum, std::size_t maximum);
// One of these strings exactly.
Rule<std::string> one_of(std::initializer_list<std::string_view> choices);
// An integer as JSON writes it: 5.0 is refused.
Rule<std::int64_t> integer(std::int64_t minimum = no_minimum, std::int64_t maximum = no_maximum);
// For measures, never for money.
Rule<double> number(double minimum, double maximum);
// A number, or a string that holds one, without an exponent and of 40 characters at most: its exact text.
Rule<std::string> decimal();
Rule<bool> boolean();
Rule<Value> any_object();
Rule<Value> any_array();
Rule<Value> any_value();  // also null, where the member is required

namespace detail {
struct VectorAccess {
  void (*resize)(void* vector, std::size_t size);
  void* (*at)(void* vector, std::size_t index);
};
std::shared_ptr<const AnyRule> make_array_rule(std::shared_ptr<const AnyRule> item, std::size_t maximum,
                                               VectorAccess access);

std::shared_ptr<const AnyRule> make_choice_rule(std::vector<std::string> names,
                                                std::shared_ptr<const void> meanings,
                                                void (*store)(const void* meanings, std::size_t index,
                                                              void* target));
}  // namespace detail

// At most `maximum` items, each of which keeps to the rule.
template <class T>
Rule<std::vector<T>> array_of(const Rule<T>& item, std::size_t maximum) {
  static_assert(!std::same_as<T, bool>, "vector<bool> has no addressable items");
  using Items = std::vector<T>;
  constexpr detail::VectorAccess access{
      [](void* vector, std::size_t size) { static_cast<Items*>(vector)->resize(size); },
      [](void* vector, std::size_t index) -> void* { return &(*static_cast<Items*>(vector))[index]; }};
  return Rule<Items>(detail::make_array_rule(item.erased(), maximum, access));
}

// An enumeration by its names: one_of<Voice>({{"male", Voice::male}, {"female", Voice::female}}).
template <class T>
Rule<T> one_of(std::initializer_list<std::pair<std::string_view, T>> choices) {
  std::vector<std::string> names;
  auto meanings = std::make_shared<std::vector<T>>();
  for (const auto& [name, meaning] : choices) {
    names.emplace_back(name);
    meanings->push_back(meaning);
  }
  const auto store = [](const void* all, std::size_t index, void* target) {
    *static_cast<T*>(target) = (*static_cast<const std::vector<T>*>(all))[index];
  };
  return Rule<T>(detail::make_choice_rule(std::move(names), std::move(meanings), store));
}

}  // namespace trunkline::json
