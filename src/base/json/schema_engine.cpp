#include "base/json/schema_engine.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <span>

#include <fmt/core.h>
#include <valijson/constraint_builder.hpp>
#include <valijson/internal/basic_adapter.hpp>
#include <valijson/internal/frozen_value.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "base/json/canonical.hpp"
#include "base/json/schema_format.hpp"
#include "base/json/schema_problem.hpp"

namespace trunkline::json {
namespace {

using valijson::adapters::Adapter;

// How valijson sees a Value: the five classes that its adapters consist of. Its names are its own.
class TreeAdapter;
using TreeMember = std::pair<std::string, TreeAdapter>;

template <class Item, class Result>
class TreeIterator {
 public:
  explicit TreeIterator(const Item* at) : at_(at) {}
  Result operator*() const;
  valijson::adapters::DerefProxy<Result> operator->() const {
    return valijson::adapters::DerefProxy<Result>(**this);
  }
  bool operator==(const TreeIterator&) const = default;
  TreeIterator& operator++() {
    ++at_;
    return *this;
  }
  TreeIterator operator++(int) { return TreeIterator(at_++); }
  TreeIterator& operator--() {
    --at_;
    return *this;
  }
  void advance(std::ptrdiff_t count) { at_ += count; }

 private:
  const Item* at_;
};

class TreeArray {
 public:
  using const_iterator = TreeIterator<Value, TreeAdapter>;

  TreeArray() = default;
  explicit TreeArray(const Array& items) : items_(items) {}
  const_iterator begin() const { return const_iterator(items_.data()); }
  const_iterator end() const { return const_iterator(items_.data() + items_.size()); }
  std::size_t size() const { return items_.size(); }

 private:
  std::span<const Value> items_;
};

class TreeObject {
 public:
  using const_iterator = TreeIterator<Member, TreeMember>;

  TreeObject() = default;
  explicit TreeObject(const Object& members) : members_(members.begin(), members.end()) {}
  const_iterator begin() const { return const_iterator(members_.data()); }
  const_iterator end() const { return const_iterator(members_.data() + members_.size()); }
  std::size_t size() const { return members_.size(); }
  const_iterator find(const std::string& key) const {
    return const_iterator(std::to_address(std::ranges::find(members_, key, &Member::key)));
  }

 private:
  std::span<const Member> members_;
};

class TreeValue {
 public:
  explicit TreeValue(const Value& value) : value_(&value) {}

  bool isArray() const { return value_->as_array() != nullptr; }
  bool isBool() const { return value_->kind() == Kind::boolean; }
  bool isDouble() const { return value_->is_number() && !isInteger(); }
  bool isInteger() const { return integer().has_value(); }
  bool isNull() const { return value_->is_null(); }
  bool isNumber() const { return value_->is_number(); }
  bool isObject() const { return value_->as_object() != nullptr; }
  bool isString() const { return value_->as_text() != nullptr; }
  static bool hasStrictTypes() { return true; }

  bool getBool(bool& result) const { return store(value_->as_bool(), result); }
  bool getDouble(double& result) const { return store(number(), result); }
  bool getInteger(std::int64_t& result) const { return store(integer(), result); }
  bool getString(std::string& result) const {
    return isString() && store(std::optional(*value_->as_text()), result);
  }
  bool getArraySize(std::size_t& result) const {
    return isArray() && store(std::optional(value_->as_array()->size()), result);
  }
  bool getObjectSize(std::size_t& result) const {
    return isObject() && store(std::optional(value_->as_object()->size()), result);
  }
  opt::optional<TreeArray> getArrayOptional() const {
    return isArray() ? opt::make_optional(TreeArray(*value_->as_array())) : opt::nullopt;
  }
  opt::optional<TreeObject> getObjectOptional() const {
    return isObject() ? opt::make_optional(TreeObject(*value_->as_object())) : opt::nullopt;
  }
  valijson::adapters::FrozenValue* freeze() const;

 private:
  template <class T>
  static bool store(std::optional<T> value, T& result) {
    if (!value) return false;
    result = *std::move(value);
    return true;
  }

  // An integer beyond the range of a double counts as the largest one.
  std::optional<double> number() const {
    if (!value_->is_number()) return std::nullopt;
    constexpr double largest = std::numeric_limits<double>::max();
    return value_->as_double().value_or(value_->number_text()->starts_with('-') ? -largest : largest);
  }

  // A number with an integral value is an integer, as draft 6 and later count it.
  std::optional<std::int64_t> integer() const {
    if (const auto integer = value_->as_integer()) return integer;
    const auto nearest = number();
    if (!nearest || *nearest != std::trunc(*nearest) || std::abs(*nearest) >= 0x1p63) return std::nullopt;
    return static_cast<std::int64_t>(*nearest);
  }

  const Value* value_;
};

class TreeAdapter final
    : public valijson::adapters::BasicAdapter<TreeAdapter, TreeArray, TreeMember, TreeObject, TreeValue> {
 public:
  explicit TreeAdapter(const Value& value) : BasicAdapter(TreeValue(value)), value_(&value) {}
  const Value& value() const { return *value_; }

 private:
  const Value* value_;
};

template <>
TreeAdapter TreeIterator<Value, TreeAdapter>::operator*() const {
  return TreeAdapter(*at_);
}

template <>
TreeMember TreeIterator<Member, TreeMember>::operator*() const {
  return {at_->key, TreeAdapter(at_->value)};
}

// A value of the schema itself, for `enum` and `const`.
class TreeFrozen final : public valijson::adapters::FrozenValue {
 public:
  explicit TreeFrozen(Value value) : value_(std::move(value)) {}
  valijson::adapters::FrozenValue* clone() const override { return new TreeFrozen(value_); }
  bool equalTo(const Adapter& other, bool strict) const override {
    return TreeAdapter(value_).equalTo(other, strict);
  }

 private:
  Value value_;
};

valijson::adapters::FrozenValue* TreeValue::freeze() const {
  return new TreeFrozen(*value_);
}

struct TooCostly {};

// valijson has no room for state of the caller, so the thread holds what is left of a run; nothing waits
// inside.
thread_local SchemaWork* current_work = nullptr;

void charge(std::size_t work) {
  if (work > current_work->most) throw TooCostly();
  current_work->most -= work;
}

bool is_multiple(const Adapter& target, const Value& divisor) {
  const auto whole = divisor.as_integer();
  if (whole && target.isInteger()) return target.getInteger() % *whole == 0;
  const double quotient = target.getNumber() / *divisor.as_double();
  const double distance = std::abs(quotient - std::round(quotient));
  return distance <= 1e-9 * std::max(1.0, std::abs(quotient));
}

bool has_unique_items(const Array& items) {
  std::set<std::string> seen;
  for (const Value& item : items) {
    std::string text = canonical(item, SignatureStyle::compact).value_or("");
    charge(1 + text.size() / 64);
    if (!seen.insert(std::move(text)).second) return false;
  }
  return true;
}

// The keywords of a node that are ours. It also counts the visit.
class Check final : public valijson::constraints::PolyConstraint {
 public:
  explicit Check(const SchemaNode& node) : node_(node) {}

  bool validate(const Adapter& target, const std::vector<std::string>& context,
                valijson::ValidationResults* results) const override {
    const std::size_t keys = node_.pattern_properties.empty() ? 0 : current_work->keys;
    charge((node_.weight + keys) * current_work->visit);
    const std::string problem = find_problem(target);
    if (!problem.empty() && results != nullptr) results->pushError(context, problem);
    return problem.empty();
  }

 private:
  std::string find_problem(const Adapter& target) const {
    if ((node_.pattern || !node_.format.empty()) && target.isString()) {
      const std::string text = target.getString();
      if (node_.pattern && !node_.pattern->matches(text)) return "does not match " + node_.pattern->text();
      if (!has_format(text, node_.format)) return fmt::format("is not a valid {}", node_.format);
    }
    if (node_.whole_numbers && target.isDouble() && target.getDouble() != std::trunc(target.getDouble())) {
      return "must be a whole number";
    }
    if (node_.multiple_of && target.isNumber() && !is_multiple(target, *node_.multiple_of)) {
      return "is not a multiple of " + *node_.multiple_of->number_text();
    }
    // Only the names of properties come in another adapter, and they are texts.
    if (node_.unique_items && target.isArray()) {
      const auto& tree = dynamic_cast<const TreeAdapter&>(target);
      if (!has_unique_items(*tree.value().as_array())) return "has the same item twice";
    }
    return "";
  }

  valijson::constraints::Constraint* cloneInto(void* memory) const override {
    return new (memory) Check(*this);
  }
  std::size_t sizeOf() const override { return sizeof(Check); }

  const SchemaNode& node_;
};

class CheckBuilder final : public valijson::ConstraintBuilder {
 public:
  explicit CheckBuilder(const SchemaPlan& plan) : plan_(plan) {}
  valijson::constraints::Constraint* make(const Adapter& number) const override {
    return new Check(plan_.nodes[static_cast<std::size_t>(number.getInteger())]);
  }

 private:
  const SchemaPlan& plan_;
};

SchemaAnswer run(const valijson::Schema& schema, const Value& value, SchemaWork work,
                 valijson::ValidationResults* results) {
  struct Scope {
    explicit Scope(SchemaWork& work) { current_work = &work; }
    ~Scope() { current_work = nullptr; }
  } scope(work);
  try {
    const bool holds = valijson::Validator().validate(schema, TreeAdapter(value), results);
    return holds ? SchemaAnswer::holds : SchemaAnswer::mismatch;
  } catch (const TooCostly&) {
    return SchemaAnswer::too_costly;
  }
}

}  // namespace
}  // namespace trunkline::json

template <>
struct valijson::adapters::AdapterTraits<trunkline::json::TreeAdapter> {
  using DocumentType = trunkline::json::Value;
};

namespace trunkline::json {

SchemaEngine::SchemaEngine(const SchemaPlan& plan, const std::vector<std::string>& keys) {
  const Value document = plan.document(keys);
  auto schema = std::make_unique<valijson::Schema>();
  valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
  parser.addConstraintBuilder(check_keyword, new CheckBuilder(plan));  // the parser takes it
  parser.populateSchema(TreeAdapter(document), *schema);
  schema_ = std::move(schema);
}

SchemaEngine::SchemaEngine(SchemaEngine&&) noexcept = default;
SchemaEngine& SchemaEngine::operator=(SchemaEngine&&) noexcept = default;
SchemaEngine::~SchemaEngine() = default;

SchemaAnswer SchemaEngine::check(const Value& value, SchemaWork work) const {
  return run(*schema_, value, work, nullptr);
}

Report SchemaEngine::explain(const Value& value, SchemaWork work) const {
  valijson::ValidationResults results;
  run(*schema_, value, work, &results);  // when it is given up, the first problems are enough
  Report report;
  for (const auto& result : results) add_problem(report, result.context, result.description);
  if (report.empty()) report.add("", "does not match the schema");
  return report;
}

}  // namespace trunkline::json
