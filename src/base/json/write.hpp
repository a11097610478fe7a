// Writes JSON: compact, UTF-8 as it is, and only the escapes that RFC 8259 requires. Texts must be UTF-8
// already.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json/value.hpp"
#include "base/time.hpp"

namespace trunkline::json {

std::string write(const Value& value);
void write_to(std::string& out, const Value& value);

// For people: indented by two spaces, without a line end after the last bracket.
std::string write_pretty(const Value& value);

// The name of an object's member. A literal becomes JSON when the program is built.
class Name {
 public:
  template <std::size_t size>
  consteval Name(const char (&literal)[size]) : literal_size_(size + 3) {
    static_assert(size + 3 <= literal_max, "longer names are given as string_view");
    literal_[0] = ',';
    literal_[1] = '"';
    for (std::size_t i = 0; i + 1 < size; ++i) {
      const char character = literal[i];
      if (character < ' ' || character == '"' || character == '\\') throw "such a name needs escapes";
      literal_[i + 2] = character;
    }
    literal_[size + 1] = '"';
    literal_[size + 2] = ':';
  }
  Name(std::string_view text) : text_(text) {}
  Name(const std::string& text) : text_(text) {}

 private:
  friend class Writer;
  static constexpr std::size_t literal_max = 48;

  std::string_view text_;  // of a name that is not a literal
  std::size_t literal_size_ = 0;
  char literal_[literal_max]{};  // ,"name":
};

// Appends JSON to a text piece by piece, without building a Value; it places the commas and colons.
//
//   Writer(body).begin_object().member("id", id).key("items").raw(items).end_object();
//
// The caller keeps to the grammar: a key before each value in an object, and every begin has its end. The
// text must outlive the Writer and may be appended to in between.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  Writer& begin_object() { return open('{'); }
  Writer& end_object() { return close('}'); }
  Writer& begin_array() { return open('['); }
  Writer& end_array() { return close(']'); }
  Writer& key(const Name& name);

  Writer& value(std::nullptr_t) { return raw("null"); }
  template <std::same_as<bool> T>
  Writer& value(T truth) {
    return raw(truth ? "true" : "false");
  }
  template <Integer T>
  Writer& value(T number) {
    if (std::in_range<std::int64_t>(number)) return integer(static_cast<std::int64_t>(number));
    return raw(std::to_string(number));
  }
  Writer& value(double number);  // as Value(double): NaN and the infinities become null
  Writer& value(std::string_view text);
  Writer& value(const std::string& text) { return value(std::string_view(text)); }
  Writer& value(const char* text) { return value(std::string_view(text)); }
  Writer& value(const Value& tree);
  Writer& value(Instant instant);  // as RFC 3339 (format_rfc3339)
  // Nothing becomes null.
  template <class T>
  Writer& value(const std::optional<T>& maybe) {
    return maybe ? value(*maybe) : value(nullptr);
  }
  // A value that is JSON text already.
  Writer& raw(std::string_view json);

  template <class T>
  Writer& member(const Name& name, const T& content) {
    return key(name).value(content);
  }

 private:
  Writer& open(char bracket);
  Writer& close(char bracket);
  Writer& integer(std::int64_t number);
  void separate();

  std::string& out_;
  bool after_value_ = false;
};

}  // namespace trunkline::json
