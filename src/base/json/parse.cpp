#include "base/json/parse.hpp"

#include <charconv>

#include <fmt/core.h>
#include <simdjson.h>

#include "base/json/locate.hpp"
#include "base/json/number.hpp"
#include "base/json/pointer.hpp"
#include "base/json/text.hpp"
#include "base/text.hpp"

namespace trunkline::json {
namespace {

// simdjson's first stage finds where tokens begin and checks that the text is UTF-8 and its strings are
// closed and free of control characters. The walk over the tokens is ours, because its front ends lose what
// must be kept: the text of numbers, repeated keys, lone surrogates and the place of an error.
using Scanner = std::unique_ptr<simdjson::internal::dom_parser_implementation>;

// Texts up to here share a scanner per thread; larger ones bring their own, so that threads do not hoard
// memory.
constexpr std::size_t shared_scanner_bytes = 65'536;

struct Refusal {
  ErrorCode code;
  std::string message;
  std::size_t offset;
  std::string key = {};  // of the member at fault, when the offset is that of its object
};

class Walk {
 public:
  // `starts` is where each token begins, followed by the size of the text.
  Walk(std::string_view text, const std::uint32_t* starts, std::size_t depth)
      : text_(text), next_(starts), max_depth_(depth) {}

  // The only value of the text, or false and a refusal.
  bool read_text(Value& value) {
    return read_value(value) && (at_end() || refuse("the text goes on after the value"));
  }

  const Refusal& refusal() const { return *refusal_; }

 private:
  bool at_end() const { return *next_ == text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[*next_]; }

  bool take_if(char expected) {
    if (peek() != expected) return false;
    ++next_;
    return true;
  }

  // From here to the next token, without the space between.
  std::string_view take_token() {
    const std::size_t begin = *next_++;
    std::string_view token = text_.substr(begin, *next_ - begin);
    while (token.back() == ' ' || token.back() == '\n' || token.back() == '\r' || token.back() == '\t') {
      token.remove_suffix(1);
    }
    return token;
  }

  bool refuse(ErrorCode code, std::string_view message, std::size_t offset, std::string_view key = {}) {
    refusal_ = Refusal{code, std::string(message), offset, std::string(key)};
    return false;
  }
  bool refuse(std::string_view message) { return refuse(error_codes::json_syntax, message, *next_); }

  bool read_value(Value& value);
  bool read_object(Value& value);
  bool read_array(Value& value);
  bool read_scalar(Value& value);
  bool read_string(std::string& text);
  bool enter();
  std::vector<Member>& gathered();

  std::string_view text_;
  const std::uint32_t* next_;
  std::size_t max_depth_;
  std::size_t depth_ = 0;
  // The members of the object that is being read, by its depth: gathered here, an object's own list is made
  // once, of the size that it has in the end.
  std::vector<std::vector<Member>> gathered_;
  std::optional<Refusal> refusal_;
};

bool Walk::read_value(Value& value) {
  switch (peek()) {
    case '{':
      return read_object(value);
    case '[':
      return read_array(value);
    default:
      return read_scalar(value);
  }
}

// Apart from read_value so that its locals do not add to the stack of every level.
bool Walk::read_scalar(Value& value) {
  if (at_end()) return refuse("the text ends where a value is expected");
  if (peek() == '"') {
    std::string text;
    if (!read_string(text)) return false;
    value = std::move(text);
    return true;
  }
  const std::size_t begin = *next_;
  const std::string_view token = take_token();
  if (token == "true") {
    value = true;
  } else if (token == "false") {
    value = false;
  } else if (auto number = Value::number(token)) {
    value = *std::move(number);
  } else if (token != "null") {
    if (number_form(token) != NumberForm::none) {
      return refuse(error_codes::json_number_range, "the number is beyond the range of a double", begin);
    }
    const bool is_like_number = token.front() == '-' || is_digit(token.front());
    return refuse(error_codes::json_syntax,
                  is_like_number ? "this is not a JSON number" : "a value is expected", begin);
  }
  return true;
}

// The bracket that opens an array or object.
bool Walk::enter() {
  if (depth_ == max_depth_) {
    return refuse(error_codes::json_too_deep,
                  fmt::format("more than {} arrays and objects inside each other", max_depth_), *next_);
  }
  ++depth_;
  ++next_;
  return true;
}

std::vector<Member>& Walk::gathered() {
  if (gathered_.size() < depth_) gathered_.resize(depth_);
  return gathered_[depth_ - 1];
}

bool Walk::read_object(Value& value) {
  const std::size_t begin = *next_;
  if (!enter()) return false;
  std::vector<Member> members;
  if (!take_if('}')) {
    do {
      if (peek() != '"') return refuse("a key in quotes is expected");
      // What is inside may make room for a greater depth, which moves the lists but not their members.
      Member& member = gathered().emplace_back();
      if (!read_string(member.key)) return false;
      if (!take_if(':')) return refuse("':' is expected after a key");
      if (!read_value(member.value)) return false;
    } while (take_if(','));
    if (!take_if('}')) return refuse("',' or '}' is expected");
    std::vector<Member>& read = gathered();
    members.assign(std::make_move_iterator(read.begin()), std::make_move_iterator(read.end()));
    read.clear();
  }
  auto object = Object::of(std::move(members));
  if (!object) {
    return refuse(error_codes::json_duplicate_key, "the key appears twice", begin, object.error());
  }
  value = *std::move(object);
  --depth_;
  return true;
}

bool Walk::read_array(Value& value) {
  if (!enter()) return false;
  Array items;
  if (!take_if(']')) {
    do {
      if (!read_value(items.emplace_back())) return false;
    } while (take_if(','));
    if (!take_if(']')) return refuse("',' or ']' is expected");
  }
  value = std::move(items);
  --depth_;
  return true;
}

bool Walk::read_string(std::string& text) {
  const std::size_t begin = *next_;
  const std::string_view token = take_token();
  if (token.size() < 2 || token.back() != '"') {
    return refuse(error_codes::json_syntax, "a quote is expected", begin);
  }
  const std::string_view quoted = token.substr(1, token.size() - 2);
  if (quoted.find('\\') == std::string_view::npos) {
    text = quoted;
    return true;
  }
  text.reserve(quoted.size());
  const auto bad = append_unescaped(text, quoted);
  if (!bad) return true;
  return refuse(bad->is_text ? error_codes::json_bad_text : error_codes::json_syntax, bad->message,
                begin + 1 + bad->at);
}

Error to_error(std::string_view text, const Refusal& refusal) {
  std::string pointer = pointer_at(text, refusal.offset);
  if (refusal.code == error_codes::json_duplicate_key) append_pointer(pointer, refusal.key);
  std::string message = fmt::format("{} (at byte {})", refusal.message, refusal.offset);
  if (!pointer.empty()) message = fmt::format("{}: {}", pointer, message);
  return Error(refusal.code, std::move(message))
      .with_detail("pointer", std::move(pointer))
      .with_detail("offset", static_cast<std::int64_t>(refusal.offset));
}

// What the first stage found, with the place, which it does not tell.
Refusal explain(std::string_view text, simdjson::error_code found) {
  using error_codes::json_bad_text;
  using error_codes::json_syntax;
  const std::size_t valid = valid_utf8_size(text);
  if (valid < text.size()) return {json_bad_text, "the text is not UTF-8", valid};
  const auto fault = find_string_fault(text);
  if (!fault) return {json_syntax, found == simdjson::EMPTY ? "the text is empty" : "this is not JSON", 0};
  const std::size_t at = fault->second;
  switch (fault->first) {
    case StringFault::unclosed:
      return {json_syntax, "the string is not closed", at};
    case StringFault::stray_backslash:
      return {json_syntax, "a backslash is allowed only in a string", at};
    case StringFault::control_character:
      if (text[at] == '\0') return {json_bad_text, "the character NUL is not allowed", at};
      return {json_syntax, "a control character in a string must be escaped", at};
  }
  return {json_syntax, "this is not JSON", at};
}

Scanner make_scanner(std::size_t bytes) {
  Scanner scanner;
  if (simdjson::get_active_implementation()->create_dom_parser_implementation(bytes, 1, scanner) != 0) {
    throw std::bad_alloc();
  }
  return scanner;
}

Result<Value> parse_with(simdjson::internal::dom_parser_implementation& scanner, std::string_view text,
                         std::size_t depth) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto found = scanner.stage1(bytes, text.size(), simdjson::stage1_mode::regular);
  if (found != simdjson::SUCCESS) return fail(to_error(text, explain(text, found)));

  Value value;
  Walk walk(text, scanner.structural_indexes.get(), depth);
  if (!walk.read_text(value)) return fail(to_error(text, walk.refusal()));
  return value;
}

}  // namespace

Result<Value> parse(std::string_view text, const ParseLimits& limits) {
  if (text.size() > limits.bytes) {
    return fail(
        Error(error_codes::json_too_large, fmt::format("the text is longer than {} bytes", limits.bytes))
            .with_detail("pointer", "")
            .with_detail("offset", static_cast<std::int64_t>(limits.bytes)));
  }
  if (text.empty()) return fail(to_error(text, {error_codes::json_syntax, "the text is empty", 0}));
  if (text.starts_with("\xEF\xBB\xBF")) {
    return fail(
        to_error(text, {error_codes::json_syntax, "the text must not begin with a byte order mark", 0}));
  }
  if (text.size() > shared_scanner_bytes) return parse_with(*make_scanner(text.size()), text, limits.depth);
  thread_local const Scanner scanner = make_scanner(shared_scanner_bytes);
  return parse_with(*scanner, text, limits.depth);
}

}  // namespace trunkline::json
