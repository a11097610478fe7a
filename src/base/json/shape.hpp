// The shape of a request body, told once: from it the body is read into a struct, checked, and documented.
//
//   const json::Shape<CreateCall>& create_call_shape() {
//     static const json::Shape<CreateCall> shape("CreateCall", "A call to place.", {
//       json::required("to", &CreateCall::to, "Destination, E.164.", json::text(1, 32)),
//       json::optional("country", &CreateCall::country, "ISO 3166-1 alpha-2.", json::text(2, 2)),
//       json::optional("tools", &CreateCall::tools, "Its tools.", json::array_of(tool_shape(), 8))});
//     return shape;
//   }
//   Result<CreateCall> request = create_call_shape().read(body);
#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/json/rule.hpp"
#include "base/json/value.hpp"

namespace trunkline::json {

namespace error_codes {
inline constexpr ErrorCode validation_failed{"validation_failed", ErrorKind::invalid};
}  // namespace error_codes

// What happens to members that the shape does not name.
enum class UnknownMembers : std::uint8_t { ignored, refused };

// One member of a body and where its value goes in the struct.
struct Field {
  std::string name;
  std::string summary;
  bool required;
  std::shared_ptr<const AnyRule> rule;
  std::size_t offset;         // of the struct's member, in bytes
  void* (*target)(void* at);  // what the rule stores into: the member itself, or the inside of an optional
};

// A Field of the struct T.
template <class T>
struct FieldOf : Field {};

// The rule that reads whole objects.
class AnyShape final : public AnyRule {
 public:
  AnyShape(std::string name, std::string summary, std::vector<Field> fields, UnknownMembers unknown)
      : name_(std::move(name)), summary_(std::move(summary)), fields_(std::move(fields)), unknown_(unknown) {}

  const std::string& name() const { return name_; }
  void read(const Value& value, void* target, const Place& place, Report& report) const override;
  Object schema() const override;

 private:
  void refuse_unknown(const Object& members, const Place& place, Report& report) const;

  std::string name_;
  std::string summary_;
  std::vector<Field> fields_;
  UnknownMembers unknown_;
};

// T must have a default constructor; members that are optional and absent keep what it gives them.
template <class T>
class Shape {
 public:
  Shape(std::string name, std::string summary, std::initializer_list<FieldOf<T>> fields,
        UnknownMembers unknown = UnknownMembers::ignored)
      : shape_(std::make_shared<AnyShape>(std::move(name), std::move(summary),
                                          std::vector<Field>(fields.begin(), fields.end()), unknown)) {}

  const std::string& name() const { return shape_->name(); }

  // Refuses with validation_failed, naming everything that is wrong at once (Report::to_error). Null counts
  // as absent.
  Result<T> read(const Value& body) const {
    T result{};
    Report report;
    shape_->read(body, &result, Place{}, report);
    if (!report.empty()) return fail(std::move(report).to_error(error_codes::validation_failed));
    return result;
  }

  // The body's schema for an OpenAPI 3.1 document; shapes inside it are written out.
  Value open_api() const { return shape_->schema(); }

  // So that a shape can stand where a member's rule is asked for.
  operator Rule<T>() const { return Rule<T>(shape_); }

 private:
  std::shared_ptr<const AnyShape> shape_;
};

template <class T>
Rule<std::vector<T>> array_of(const Shape<T>& item, std::size_t maximum) {
  return array_of(Rule<T>(item), maximum);
}

namespace detail {
template <class T, class M>
FieldOf<T> make_field(std::string name, M T::* member, std::string summary, bool required,
                      std::shared_ptr<const AnyRule> rule, void* (*target)(void*)) {
  const T probe{};
  const auto* begin = reinterpret_cast<const char*>(&probe);
  const auto offset = static_cast<std::size_t>(reinterpret_cast<const char*>(&(probe.*member)) - begin);
  return {{std::move(name), std::move(summary), required, std::move(rule), offset, target}};
}

inline void* target_itself(void* at) {
  return at;
}

template <class M>
void* target_inside(void* at) {
  return &static_cast<std::optional<M>*>(at)->emplace();
}
}  // namespace detail

// A member that must be there.
template <class T, class M>
FieldOf<T> required(std::string name, M T::* member, std::string summary,
                    const std::type_identity_t<Rule<M>>& rule) {
  return detail::make_field(std::move(name), member, std::move(summary), true, rule.erased(),
                            detail::target_itself);
}

// A member that may be absent or null.
template <class T, class M>
FieldOf<T> optional(std::string name, M T::* member, std::string summary,
                    const std::type_identity_t<Rule<M>>& rule) {
  return detail::make_field(std::move(name), member, std::move(summary), false, rule.erased(),
                            detail::target_itself);
}
template <class T, class M>
FieldOf<T> optional(std::string name, std::optional<M> T::* member, std::string summary,
                    const std::type_identity_t<Rule<M>>& rule) {
  return detail::make_field(std::move(name), member, std::move(summary), false, rule.erased(),
                            detail::target_inside<M>);
}

}  // namespace trunkline::json
