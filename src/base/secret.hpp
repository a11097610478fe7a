// A text that must not be shown: keys, tokens, passwords. It does not print, log or compare by accident;
// `reveal` is the one way to the text, and easy to search for.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace trunkline {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}

  std::string_view reveal() const { return text_; }
  bool empty() const { return text_.empty(); }

 private:
  std::string text_;
};

}  // namespace trunkline
