#include "base/json/canonical.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "base/json/number.hpp"
#include "base/json/parse.hpp"
#include "base/json/text.hpp"
#include "base/text.hpp"

namespace trunkline::json {
namespace {

// The number that a JavaScript object takes a key for: digits without a leading zero, below 2^32 - 1
// (ECMA-262, sections 6.1.7 "array index" and 10.1.11 OrdinaryOwnPropertyKeys).
std::optional<std::uint32_t> array_index(std::string_view key) {
  if (key.empty() || key.size() > 10 || (key.front() == '0' && key.size() > 1)) return std::nullopt;
  std::uint32_t index = 0;
  const auto end = std::from_chars(key.data(), key.data() + key.size(), index);
  if (end.ec != std::errc() || end.ptr != key.data() + key.size() || index == UINT32_MAX) return std::nullopt;
  return index;
}

// UTF-8 sorts as code points do. UTF-16 differs in one thing: surrogates, which stand for what takes four
// bytes in UTF-8, sort below U+E000, whose first byte is 0xEE.
bool utf16_less(std::string_view left, std::string_view right) {
  const auto [one, other] = std::ranges::mismatch(left, right);
  if (one == left.end() || other == right.end()) return left.size() < right.size();
  const auto first = static_cast<std::uint8_t>(*one);
  const auto second = static_cast<std::uint8_t>(*other);
  if (first >= 0xf0 && second < 0xf0) return second >= 0xee;
  if (second >= 0xf0 && first < 0xf0) return first < 0xee;
  return first < second;
}

bool javascript_less(const Member* left, const Member* right) {
  const auto left_index = array_index(left->key);
  const auto right_index = array_index(right->key);
  if (left_index && right_index) return *left_index < *right_index;
  if (left_index || right_index) return left_index.has_value();
  return utf16_less(left->key, right->key);
}

bool python_less(const Member* left, const Member* right) {
  return left->key < right->key;
}

// What most bodies fit into.
constexpr std::size_t usual_size = 768;

class Canonical {
 public:
  explicit Canonical(SignatureStyle style) : style_(style) { out_.reserve(usual_size); }

  Result<void> append(const Value& value) {
    if (const Object* members = value.as_object()) return append_object(*members);
    if (const Array* items = value.as_array()) return append_array(*items);
    if (const std::string* text = value.as_text()) return append_text(*text);
    if (value.is_number()) return append_number(value);
    const auto truth = value.as_bool();
    out_ += !truth ? "null" : *truth ? "true" : "false";
    return {};
  }

  std::string take() { return std::move(out_); }

 private:
  std::string_view comma() const { return style_ == SignatureStyle::spaced ? ", " : ","; }
  std::string_view colon() const { return style_ == SignatureStyle::spaced ? ": " : ":"; }

  Result<void> append_object(const Object& object) {
    std::vector<const Member*> members;
    members.reserve(object.size());
    for (const Member& member : object) members.push_back(&member);
    std::ranges::sort(members, style_ == SignatureStyle::utf8 ? javascript_less : python_less);

    out_ += '{';
    for (const Member* member : members) {
      if (member != members.front()) out_ += comma();
      if (auto done = append_text(member->key); !done) return done;
      out_ += colon();
      if (auto done = append(member->value); !done) return done;
    }
    out_ += '}';
    return {};
  }

  Result<void> append_array(const Array& items) {
    out_ += '[';
    for (const Value& item : items) {
      if (&item != &items.front()) out_ += comma();
      if (auto done = append(item); !done) return done;
    }
    out_ += ']';
    return {};
  }

  Result<void> append_text(std::string_view text) {
    // What Python's ensure_ascii leaves as it is; all of it, nearly always.
    std::size_t plain = plain_ascii_size(text);
    if (!is_utf8(text.substr(plain)))
      return fail(error_codes::json_bad_text, "a text to be signed must be UTF-8");
    if (style_ == SignatureStyle::utf8) {
      append_quoted(out_, text);
      return {};
    }
    out_ += '"';
    while (true) {
      out_.append(text, 0, plain);
      if (plain == text.size()) break;
      append_ascii(*take_code_point(text, plain));
      text.remove_prefix(plain);
      plain = plain_ascii_size(text);
    }
    out_ += '"';
    return {};
  }

  void append_ascii(std::uint32_t code_point) {
    if (code_point < 0x7f) {
      append_escape(out_, static_cast<char>(code_point));
    } else {
      append_unicode_escape(out_, code_point);
    }
  }

  Result<void> append_number(const Value& value) {
    std::string text = *value.number_text();
    const bool as_written = style_ != SignatureStyle::utf8 && number_form(text) == NumberForm::integer;
    if (!as_written) {
      const auto number = value.as_double();
      if (!number) {
        return fail(error_codes::json_number_range,
                    "a number to be signed must be within the range of a double");
      }
      text = style_ == SignatureStyle::utf8 ? ecmascript_text(*number) : python_text(*number);
    }
    out_ += text;
    return {};
  }

  SignatureStyle style_;
  std::string out_;
};

}  // namespace

Result<std::string> canonical(const Value& value, SignatureStyle style) {
  Canonical writer(style);
  if (auto done = writer.append(value); !done) return fail(std::move(done).error());
  return writer.take();
}

}  // namespace trunkline::json
