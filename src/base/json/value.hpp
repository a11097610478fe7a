// A JSON value in memory (RFC 8259). Numbers that an int64 cannot hold keep the text they came in, so that
// integers of any length survive and exact decimals can be read from fractions; objects keep the order of
// their members and cannot hold a key twice. Reading is in parse.hpp, writing in write.hpp.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace trunkline::json {

class Value;
struct Member;
class NewMember;
using Array = std::vector<Value>;

// The C++ types that become an integer; characters and bool are not numbers.
template <class T>
concept Integer =
    std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> && !std::same_as<T, wchar_t> &&
    !std::same_as<T, char8_t> && !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

// Members in the order in which they came. Look-up is linear, which is fastest for the sizes that bodies
// have.
class Object {
 public:
  Object() noexcept;
  Object(const Object& other);
  Object(Object&& other) noexcept;
  Object& operator=(const Object& other);
  Object& operator=(Object&& other) noexcept;
  ~Object();

  // A key that comes again replaces the value before it.
  Object(std::initializer_list<NewMember> members);

  // Takes the members as they are, in O(n log n). Gives a key back instead when two members have it.
  static std::expected<Object, std::string> of(std::vector<Member> members);

  const Value* find(std::string_view key) const;
  Value* find(std::string_view key);
  // Adds a member, or replaces the value of the one that has this key and leaves it where it is.
  Value& set(std::string key, Value value);
  // False when there was no such key.
  bool remove(std::string_view key);

  std::size_t size() const;
  bool empty() const { return size() == 0; }
  const Member* begin() const;
  const Member* end() const;

  // The order of the members does not matter.
  friend bool operator==(const Object& left, const Object& right);

 private:
  std::vector<Member> members_;
};

enum class Kind : std::uint8_t { null, boolean, number, text, array, object };

class Value {
 public:
  Value() = default;
  Value(std::nullptr_t) {}
  template <std::same_as<bool> T>
  Value(T truth) : held_(truth) {}
  template <Integer T>
  Value(T number) : held_(hold(number)) {}
  // The shortest text that reads back as the same double ("0.1", "1.0"). NaN and the infinities, for which
  // JSON has no text, become null.
  Value(double number);
  Value(std::string text) : held_(std::move(text)) {}
  Value(std::string_view text) : held_(std::string(text)) {}
  Value(const char* text) : held_(std::string(text)) {}
  // Nothing becomes null.
  Value(std::optional<std::string> text) {
    if (text) held_ = std::move(*text);
  }
  Value(std::optional<std::string_view> text) {
    if (text) held_ = std::string(*text);
  }
  Value(Array items) : held_(std::move(items)) {}
  Value(Object members) : held_(std::move(members)) {}

  // A number from its exact JSON text, for instance "12.50". Nothing when the text is not a JSON number, or
  // when it is a fraction or has an exponent and is beyond the range of a double.
  static std::optional<Value> number(std::string_view text);

  Kind kind() const;
  bool is_null() const { return kind() == Kind::null; }
  bool is_number() const { return kind() == Kind::number; }

  // Each gives nothing, or a null pointer, when the value is of another kind.
  std::optional<bool> as_bool() const;
  // Only what is written as an integer and fits: 5.0 and 1e3 are not integers here.
  std::optional<std::int64_t> as_integer() const;
  // The nearest double; nothing also for an integer that is beyond a double's range.
  std::optional<double> as_double() const;
  // The exact text of a number: as it was read, except that -0 is 0.
  std::optional<std::string> number_text() const;
  const std::string* as_text() const { return std::get_if<std::string>(&held_); }
  const Array* as_array() const { return std::get_if<Array>(&held_); }
  const Object* as_object() const { return std::get_if<Object>(&held_); }
  std::string* as_text() { return std::get_if<std::string>(&held_); }
  Array* as_array() { return std::get_if<Array>(&held_); }
  Object* as_object() { return std::get_if<Object>(&held_); }

  // The member's value; null when this is not an object or has no such key.
  const Value* find(std::string_view key) const;

  // Numbers are equal when they are written the same: 1.0 is not 1.
  friend bool operator==(const Value& left, const Value& right) { return left.held_ == right.held_; }

 private:
  // The text of a number that is not an int64, or not written as one.
  struct NumberText {
    std::string text;
    bool operator==(const NumberText&) const = default;
  };
  using Held = std::variant<std::monostate, bool, std::int64_t, NumberText, std::string, Array, Object>;

  explicit Value(NumberText number) : held_(std::move(number)) {}

  template <Integer T>
  static Held hold(T number) {
    if (std::in_range<std::int64_t>(number)) return static_cast<std::int64_t>(number);
    return NumberText{std::to_string(number)};
  }

  Held held_;
};

struct Member {
  std::string key;
  Value value;

  friend bool operator==(const Member&, const Member&) = default;
};

// A member of an Object that is written out: an initializer_list holds constants, and this one is moved out
// of it all the same.
class NewMember {
 public:
  NewMember(std::string key, Value value) : member_{std::move(key), std::move(value)} {}
  Member take() const { return std::move(member_); }

 private:
  mutable Member member_;
};

// Object's members may be named only where Member is complete.
inline Object::Object() noexcept = default;
inline Object::Object(const Object&) = default;
inline Object::Object(Object&&) noexcept = default;
inline Object& Object::operator=(const Object&) = default;
inline Object& Object::operator=(Object&&) noexcept = default;
inline Object::~Object() = default;
inline std::size_t Object::size() const {
  return members_.size();
}
inline const Member* Object::begin() const {
  return members_.data();
}
inline const Member* Object::end() const {
  return members_.data() + members_.size();
}

// json::object({{"id", id}, {"tries", 3}}) and json::array({1, "two", nullptr}).
inline Value object(std::initializer_list<NewMember> members) {
  return Object(members);
}
inline Value array(std::initializer_list<Value> items) {
  return Array(items);
}

}  // namespace trunkline::json
