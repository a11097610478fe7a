#include "warehouse/store/cell_text.hpp"

#include <array>

namespace trunkline::warehouse::store {
namespace {

// The letter that COPY wants behind a backslash instead of this character; 0 for most, which go out as they
// are. A tab would end the value, a line end the row.
constexpr auto copy_escapes = [] {
  std::array<char, 256> letters{};
  letters['\t'] = 't';
  letters['\n'] = 'n';
  letters['\r'] = 'r';
  letters['\\'] = '\\';
  return letters;
}();

}  // namespace

void append_array_item(std::string& out, const Cell& cell) {
  if (out.size() > 1) out += ',';
  if (!cell) {
    out += "NULL";
    return;
  }
  out += '"';
  for (const char character : *cell) {
    if (character == '"' || character == '\\') out += '\\';
    out += character;
  }
  out += '"';
}

void append_copied(std::string& out, const Cell& cell) {
  if (!cell) {
    out += "\\N";
    return;
  }
  std::size_t plain = 0;
  for (std::size_t at = 0; at < cell->size(); ++at) {
    const char letter = copy_escapes[static_cast<unsigned char>((*cell)[at])];
    if (letter == 0) continue;
    out.append(*cell, plain, at - plain);
    out += '\\';
    out += letter;
    plain = at + 1;
  }
  out.append(*cell, plain);
}

}  // namespace trunkline::warehouse::store
