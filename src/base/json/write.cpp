#include "base/json/write.hpp"

#include <charconv>

#include "base/json/text.hpp"

namespace trunkline::json {
namespace {

void append_integer(std::string& out, std::int64_t number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number);
  out.append(digits, end.ptr);
}

// Everything but arrays and objects.
void append_scalar(std::string& out, const Value& value) {
  if (const std::string* text = value.as_text()) {
    append_quoted(out, *text);
  } else if (const auto integer = value.as_integer()) {
    append_integer(out, *integer);
  } else if (const auto truth = value.as_bool()) {
    out += *truth ? "true" : "false";
  } else if (const auto number = value.number_text()) {
    out += *number;
  } else {
    out += "null";
  }
}

void append_line(std::string& out, std::size_t depth) {
  out += '\n';
  out.append(2 * depth, ' ');
}

void append_pretty(std::string& out, const Value& value, std::size_t depth) {
  if (const Array* items = value.as_array(); items != nullptr && !items->empty()) {
    char before = '[';
    for (const Value& item : *items) {
      out += before;
      append_line(out, depth + 1);
      append_pretty(out, item, depth + 1);
      before = ',';
    }
    append_line(out, depth);
    out += ']';
  } else if (const Object* members = value.as_object(); members != nullptr && !members->empty()) {
    char before = '{';
    for (const Member& member : *members) {
      out += before;
      append_line(out, depth + 1);
      append_quoted(out, member.key);
      out += ": ";
      append_pretty(out, member.value, depth + 1);
      before = ',';
    }
    append_line(out, depth);
    out += '}';
  } else {
    write_to(out, value);
  }
}

}  // namespace

void write_to(std::string& out, const Value& value) {
  if (const Object* members = value.as_object()) {
    char before = '{';
    for (const Member& member : *members) {
      out += before;
      append_quoted(out, member.key);
      out += ':';
      write_to(out, member.value);
      before = ',';
    }
    out += members->empty() ? "{}" : "}";
  } else if (const Array* items = value.as_array()) {
    char before = '[';
    for (const Value& item : *items) {
      out += before;
      write_to(out, item);
      before = ',';
    }
    out += items->empty() ? "[]" : "]";
  } else {
    append_scalar(out, value);
  }
}

std::string write(const Value& value) {
  std::string out;
  out.reserve(512);
  write_to(out, value);
  return out;
}

std::string write_pretty(const Value& value) {
  std::string out;
  append_pretty(out, value, 0);
  return out;
}

Writer& Writer::key(const Name& name) {
  if (name.literal_size_ > 0) {
    const std::size_t comma = after_value_ ? 0 : 1;
    out_.append(name.literal_ + comma, name.literal_size_ - comma);
  } else {
    separate();
    append_quoted(out_, name.text_);
    out_ += ':';
  }
  after_value_ = false;
  return *this;
}

Writer& Writer::value(double number) {
  return value(Value(number));
}

Writer& Writer::value(std::string_view text) {
  append_quoted(out_, text, after_value_ ? "," : "");
  after_value_ = true;
  return *this;
}

Writer& Writer::value(Instant instant) {
  separate();
  out_ += '"';
  append_rfc3339(out_, instant);
  out_ += '"';
  return *this;
}

Writer& Writer::value(const Value& tree) {
  separate();
  write_to(out_, tree);
  return *this;
}

Writer& Writer::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

Writer& Writer::integer(std::int64_t number) {
  separate();
  append_integer(out_, number);
  return *this;
}

Writer& Writer::open(char bracket) {
  separate();
  out_ += bracket;
  after_value_ = false;
  return *this;
}

Writer& Writer::close(char bracket) {
  out_ += bracket;
  after_value_ = true;
  return *this;
}

// The comma before a value or key that follows another value.
void Writer::separate() {
  if (after_value_) out_ += ',';
  after_value_ = true;
}

}  // namespace trunkline::json
