// The regular expressions of JSON Schema, evaluated by RE2: in time linear in the text and on little stack.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace trunkline::json {

class SchemaPattern {
 public:
  // Takes ECMA-262's notation as far as RE2 has it: no look-around and no back-references. What is wrong
  // otherwise.
  static std::expected<SchemaPattern, std::string> compile(std::string_view pattern);

  // Whether the pattern matches anywhere in the text.
  bool matches(std::string_view text) const;
  const std::string& text() const { return text_; }

 private:
  SchemaPattern(std::string text, std::shared_ptr<const re2::RE2> compiled)
      : text_(std::move(text)), compiled_(std::move(compiled)) {}

  std::string text_;
  std::shared_ptr<const re2::RE2> compiled_;
};

}  // namespace trunkline::json
