#include "warehouse/telnyx/csv.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "warehouse/http/exchange.hpp"

namespace trunkline::warehouse::telnyx {
namespace {

struct Reader {
  std::string_view text;
  std::size_t at = 0;
  std::int64_t line = 1;

  bool at_end() const { return at >= text.size(); }

  Result<std::string> quoted() {
    std::string field;
    for (++at; !at_end(); ++at) {
      if (text[at] == '\n') ++line;
      if (text[at] != '"') {
        field += text[at];
      } else if (at + 1 < text.size() && text[at + 1] == '"') {
        field += '"';
        ++at;
      } else {
        ++at;
        return field;
      }
    }
    return fail(malformed_at(fmt::format("line {}", line), "a quote has no end"));
  }

  // One record, and the line end behind it.
  Result<std::vector<std::string>> record() {
    std::vector<std::string> fields;
    while (true) {
      if (!at_end() && text[at] == '"') {
        Result<std::string> field = quoted();
        if (!field) return fail(field.error());
        fields.push_back(std::move(*field));
      } else {
        const std::size_t end = std::min(text.find_first_of(",\r\n", at), text.size());
        fields.emplace_back(text.substr(at, end - at));
        at = end;
      }
      if (at_end() || text[at] != ',') break;
      ++at;
    }
    if (!at_end() && text[at] == '\r') ++at;
    if (!at_end() && text[at] == '\n') {
      ++at;
    } else if (!at_end()) {
      return fail(malformed_at(fmt::format("line {}", line), "text behind a quoted field"));
    }
    ++line;
    return fields;
  }
};

}  // namespace

Result<json::Array> read_csv(std::string_view text) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  Reader reader{.text = text};
  json::Array rows;
  if (reader.at_end()) return rows;
  const Result<std::vector<std::string>> names = reader.record();
  if (!names) return fail(names.error());
  while (!reader.at_end()) {
    const std::int64_t line = reader.line;
    const Result<std::vector<std::string>> fields = reader.record();
    if (!fields) return fail(fields.error());
    if (fields->size() == 1 && fields->front().empty()) continue;
    if (fields->size() > names->size())
      return fail(malformed_at(fmt::format("line {}", line), "has more fields than there are names"));
    json::Object row;
    for (std::size_t field = 0; field < fields->size(); ++field) row.set((*names)[field], (*fields)[field]);
    rows.emplace_back(std::move(row));
  }
  return rows;
}

}  // namespace trunkline::warehouse::telnyx
