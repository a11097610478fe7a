#include "warehouse/http/known_rows.hpp"

#include <algorithm>
#include <cstring>

#include "base/crypto/hash.hpp"
#include "base/json/text.hpp"

namespace trunkline::warehouse {
namespace {

bool is_space(char character) {
  return character == ' ' || character == '\n' || character == '\r' || character == '\t';
}

// Walks over JSON text by its brackets and quotes alone. It may take what is no JSON; what it finds is only
// used where the same bytes were read before, or is parsed afterwards.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::size_t at() const { return at_; }

  bool take(char wanted) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }

  // What is between the quotes, with its escapes as they are.
  std::optional<std::string_view> take_string() {
    if (!take('"')) return std::nullopt;
    const std::size_t begin = at_;
    while (true) {
      at_ += json::plain_size(text_.substr(at_));
      if (at_ >= text_.size()) return std::nullopt;
      if (text_[at_] == '"') return text_.substr(begin, at_++ - begin);
      at_ = std::min(at_ + (text_[at_] == '\\' ? 2U : 1U), text_.size());
    }
  }

  bool skip_value() {
    skip_space();
    std::size_t depth = 0;
    while (at_ < text_.size()) {
      switch (text_[at_]) {
        case '"':
          if (!take_string()) return false;
          break;
        case '{':
        case '[':
          ++depth;
          ++at_;
          break;
        case '}':
        case ']':
          if (depth == 0) return true;
          --depth;
          ++at_;
          break;
        case ',':
          if (depth == 0) return true;
          ++at_;
          break;
        default:
          ++at_;
          continue;
      }
      if (depth == 0 && text_[at_ - 1] != ',') return true;
    }
    return false;
  }

  std::optional<std::string_view> take_object() {
    skip_space();
    const std::size_t begin = at_;
    if (begin >= text_.size() || text_[begin] != '{' || !skip_value() || text_[at_ - 1] != '}')
      return std::nullopt;
    return text_.substr(begin, at_ - begin);
  }

 private:
  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// To the first byte behind the bracket that opens the list.
bool find_list(Scanner& scanner, std::string_view key) {
  if (!scanner.take('{')) return false;
  do {
    const auto name = scanner.take_string();
    if (!name || !scanner.take(':')) return false;
    if (*name == key) return scanner.take('[');
    if (!scanner.skip_value()) return false;
  } while (scanner.take(','));
  return false;
}

}  // namespace

std::int64_t fingerprint(std::string_view context, std::string_view row) {
  std::string text;
  text.reserve(context.size() + row.size());
  text.append(context).append(row);
  const crypto::Sha256 digest = crypto::sha256(text);
  std::int64_t bits = 0;
  std::memcpy(&bits, digest.data(), sizeof bits);
  return bits;
}

std::optional<SkimmedPage> skim(std::string_view body, std::string_view key, const KnownRows& known) {
  Scanner scanner(body);
  if (!find_list(scanner, key)) return std::nullopt;
  SkimmedPage page;
  page.text.append(body.substr(0, scanner.at()));
  if (!scanner.take(']')) {
    do {
      const auto row = scanner.take_object();
      if (!row) return std::nullopt;
      const std::int64_t print = fingerprint(known.context, *row);
      if (known.rows.contains(print)) {
        page.known.push_back(print);
        continue;
      }
      if (!page.others.empty()) page.text += ',';
      page.text.append(*row);
      page.others.push_back(print);
    } while (scanner.take(','));
    if (!scanner.take(']')) return std::nullopt;
  }
  page.text.append(body.substr(scanner.at() - 1));
  return page;
}

}  // namespace trunkline::warehouse
