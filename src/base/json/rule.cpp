#include "base/json/rule.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/json/number.hpp"
#include "base/json/pointer.hpp"
#include "base/json/text.hpp"
#include "base/text.hpp"

namespace trunkline::json {
namespace {

constexpr std::size_t most_problems = 100;
constexpr std::size_t longest_decimal = 40;

void append_place(std::string& pointer, const Place& place) {
  if (place.parent == nullptr) return;
  append_place(pointer, *place.parent);
  append_pointer(pointer, place.key.data() != nullptr ? std::string(place.key) : std::to_string(place.index));
}

template <class T>
void store(void* target, T value) {
  *static_cast<T*>(target) = std::move(value);
}

class TextRule final : public AnyRule {
 public:
  TextRule(std::size_t minimum, std::size_t maximum) : minimum_(minimum), maximum_(maximum) {}

  void read(const Value& value, void* target, const Place& place, Report& report) const override {
    const std::string* text = value.as_text();
    if (text == nullptr) return report.add(place, "must be a string");
    const std::size_t length = count_code_points(*text);
    if (length >= minimum_ && length <= maximum_) return store(target, *text);
    if (text->empty()) return report.add(place, "must not be empty");
    if (minimum_ == maximum_) return report.add(place, fmt::format("must have {} characters", minimum_));
    report.add(place, fmt::format("must have {} to {} characters", minimum_, maximum_));
  }

  Object schema() const override {
    Object schema{{"type", "string"}};
    if (minimum_ > 0) schema.set("minLength", minimum_);
    schema.set("maxLength", maximum_);
    return schema;
  }

 private:
  std::size_t minimum_;
  std::size_t maximum_;
};

class ChoiceRule final : public AnyRule {
 public:
  using Store = void (*)(const void* meanings, std::size_t index, void* target);
  ChoiceRule(std::vector<std::string> names, std::shared_ptr<const void> meanings, Store store)
      : names_(std::move(names)), meanings_(std::move(meanings)), store_(store) {}

  void read(const Value& value, void* target, const Place& place, Report& report) const override {
    const std::string* text = value.as_text();
    const auto found = text == nullptr ? names_.end() : std::ranges::find(names_, *text);
    if (found != names_.end()) {
      return store_(meanings_.get(), static_cast<std::size_t>(found - names_.begin()), target);
    }
    std::string choices;
    for (const std::string& name : names_) {
      if (!choices.empty()) choices += ", ";
      choices += name;
    }
    report.add(place, "must be one of " + choices);
  }

  Object schema() const override {
    return {{"type", "string"}, {"enum", Array(names_.begin(), names_.end())}};
  }

 private:
  std::vector<std::string> names_;
  std::shared_ptr<const void> meanings_;
  Store store_;
};

class IntegerRule final : public AnyRule {
 public:
  IntegerRule(std::int64_t minimum, std::int64_t maximum) : minimum_(minimum), maximum_(maximum) {}

  void read(const Value& value, void* target, const Place& place, Report& report) const override {
    const auto integer = value.as_integer();
    if (integer && *integer >= minimum_ && *integer <= maximum_) return store(target, *integer);
    if (number_form(value.number_text().value_or("")) != NumberForm::integer) {
      return report.add(place, "must be a whole number");
    }
    if (maximum_ == no_maximum && minimum_ != no_minimum) {
      return report.add(place, fmt::format("must be at least {}", minimum_));
    }
    report.add(place, fmt::format("must be between {} and {}", minimum_, maximum_));
  }

  Object schema() const override {
    Object schema{{"type", "integer"}};
    if (minimum_ != no_minimum) schema.set("minimum", minimum_);
    if (maximum_ != no_maximum) schema.set("maximum", maximum_);
    return schema;
  }

 private:
  std::int64_t minimum_;
  std::int64_t maximum_;
};

class NumberRule final : public AnyRule {
 public:
  NumberRule(double minimum, double maximum) : minimum_(minimum), maximum_(maximum) {}

  void read(const Value& value, void* target, const Place& place, Report& report) const override {
    if (!value.is_number()) return report.add(place, "must be a number");
    const auto number = value.as_double();
    if (number && *number >= minimum_ && *number <= maximum_) return store(target, *number);
    report.add(place, fmt::format("must be between {} and {}", minimum_, maximum_));
  }

  Object schema() const override {
    return {{"type", "number"}, {"minimum", minimum_}, {"maximum", maximum_}};
  }

 private:
  double minimum_;
  double maximum_;
};

class DecimalRule final : public AnyRule {
 public:
  void read(const Value& value, void* target, const Place& place, Report& report) const override {
    std::string text = value.as_text() != nullptr ? *value.as_text() : value.number_text().value_or("");
    const bool is_plain = text.size() <= longest_decimal && text.find_first_of("eE") == std::string::npos;
    if (is_plain && number_form(text) != NumberForm::none) return store(target, std::move(text));
    report.add(place, "must be a decimal number, such as 12.50");
  }

  Object schema() const override { return {{"type", array({"number", "string"})}, {"format", "decimal"}}; }
};

class BooleanRule final : public AnyRule {
 public:
  void read(const Value& value, void* target, const Place& place, Report& report) const override {
    const auto truth = value.as_bool();
    if (!truth) return report.add(place, "must be true or false");
    store(target, *truth);
  }

  Object schema() const override { return {{"type", "boolean"}}; }
};

// Any value, or any of one kind.
class AnythingRule final : public AnyRule {
 public:
  AnythingRule() = default;
  AnythingRule(Kind kind, const char* name, const char* problem)
      : kind_(kind), name_(name), problem_(problem) {}

  void read(const Value& value, void* target, const Place& place, Report& report) const override {
    if (kind_ && value.kind() != *kind_) return report.add(place, problem_);
    store(target, value);
  }

  Object schema() const override { return kind_ ? Object{{"type", name_}} : Object{}; }
  bool takes_null() const override { return !kind_; }

 private:
  std::optional<Kind> kind_;
  const char* name_ = "";
  const char* problem_ = "";
};

class ArrayRule final : public AnyRule {
 public:
  ArrayRule(std::shared_ptr<const AnyRule> item, std::size_t maximum, detail::VectorAccess access)
      : item_(std::move(item)), maximum_(maximum), access_(access) {}

  void read(const Value& value, void* target, const Place& place, Report& report) const override {
    const Array* items = value.as_array();
    if (items == nullptr) return report.add(place, "must be an array");
    if (items->size() > maximum_)
      return report.add(place, fmt::format("must have at most {} items", maximum_));
    access_.resize(target, items->size());
    for (std::size_t i = 0; i < items->size(); ++i) {
      item_->read((*items)[i], access_.at(target, i), Place{.parent = &place, .index = i}, report);
    }
  }

  Object schema() const override {
    return {{"type", "array"}, {"items", item_->schema()}, {"maxItems", maximum_}};
  }

 private:
  std::shared_ptr<const AnyRule> item_;
  std::size_t maximum_;
  detail::VectorAccess access_;
};

}  // namespace

void Report::add(const Place& place, std::string_view problem) {
  std::string pointer;
  append_place(pointer, place);
  add(std::move(pointer), problem);
}

void Report::add(std::string pointer, std::string_view problem) {
  if (problems_.size() == most_problems) return;
  shorten(pointer, longest_pointer);
  problems_.emplace_back(std::move(pointer), problem);
}

Error Report::to_error(ErrorCode code, std::string_view root) && {
  const auto& [pointer, problem] = problems_.front();
  const std::string name = pointer.empty() ? std::string(root) : pointer.substr(1) + ":";
  Error error(code, name + " " + problem);
  for (auto& [at, what] : problems_)
    error = Error(std::move(error).with_detail(std::move(at), std::move(what)));
  return error;
}

namespace detail {

std::shared_ptr<const AnyRule> make_array_rule(std::shared_ptr<const AnyRule> item, std::size_t maximum,
                                               VectorAccess access) {
  return std::make_shared<ArrayRule>(std::move(item), maximum, access);
}

std::shared_ptr<const AnyRule> make_choice_rule(std::vector<std::string> names,
                                                std::shared_ptr<const void> meanings,
                                                void (*store)(const void*, std::size_t, void*)) {
  return std::make_shared<ChoiceRule>(std::move(names), std::move(meanings), store);
}

}  // namespace detail

Rule<std::string> text(std::size_t minimum, std::size_t maximum) {
  return Rule<std::string>(std::make_shared<TextRule>(minimum, maximum));
}

Rule<std::string> one_of(std::initializer_list<std::string_view> choices) {
  auto names = std::make_shared<const std::vector<std::string>>(choices.begin(), choices.end());
  const auto store_name = [](const void* all, std::size_t index, void* target) {
    store(target, (*static_cast<const std::vector<std::string>*>(all))[index]);
  };
  return Rule<std::string>(detail::make_choice_rule(*names, names, store_name));
}

Rule<std::int64_t> integer(std::int64_t minimum, std::int64_t maximum) {
  return Rule<std::int64_t>(std::make_shared<IntegerRule>(minimum, maximum));
}

Rule<double> number(double minimum, double maximum) {
  return Rule<double>(std::make_shared<NumberRule>(minimum, maximum));
}

Rule<std::string> decimal() {
  return Rule<std::string>(std::make_shared<DecimalRule>());
}

Rule<bool> boolean() {
  return Rule<bool>(std::make_shared<BooleanRule>());
}

Rule<Value> any_object() {
  return Rule<Value>(std::make_shared<AnythingRule>(Kind::object, "object", "must be an object"));
}

Rule<Value> any_array() {
  return Rule<Value>(std::make_shared<AnythingRule>(Kind::array, "array", "must be an array"));
}

Rule<Value> any_value() {
  return Rule<Value>(std::make_shared<AnythingRule>());
}

}  // namespace trunkline::json
