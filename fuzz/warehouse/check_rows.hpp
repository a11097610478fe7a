// What must hold of all rows that a provider's bytes became, whatever the bytes were: that they can be
// stored.
#pragma once

#include <cstdlib>

#include "base/json/parse.hpp"
#include "base/json/text.hpp"
#include "warehouse/http/exchange.hpp"
#include "warehouse/http/fields.hpp"
#include "warehouse/normalise.hpp"
#include "warehouse/store/tables.hpp"

namespace trunkline::warehouse::fuzz {

inline void require(bool holds) {
  if (!holds) std::abort();
}

// PostgreSQL takes no NUL and no broken UTF-8; JSON columns take JSON without secrets; amounts fit.
inline void check_record(const store::TableAccess& access, const store::Record& record, std::size_t key) {
  const auto& columns = access.table().columns;
  require(record.size() == columns.size() && record[key].has_value() && !record[key]->empty());
  for (std::size_t i = 0; i < record.size(); ++i) {
    if (!record[i]) continue;
    const std::string& text = *record[i];
    require(json::valid_utf8_size(text) == text.size() && text.find('\0') == std::string::npos);
    if (columns[i].kind == store::ColumnKind::json) {
      auto value = json::parse(text, {.bytes = 64UL << 20U, .depth = 128});
      require(value.has_value() && !strip_secrets(*value));
    }
    if (columns[i].kind == store::ColumnKind::amount) require(store::decimal_in(record[i]).has_value());
    if (columns[i].kind == store::ColumnKind::time) require(store::time_in(record[i]).has_value());
  }
}

inline void check_rows(const RowSet& rows) {
  const store::Stamp stamp{.now = from_microseconds(1'780'272'000'000'000), .feed = "fuzz"};
  const auto check = [&](const store::TableAccess& access, const auto& list) {
    for (const auto& row : list) check_record(access, store::record_of(row, stamp), 0);
  };
  check(store::calls_table, rows.calls);
  check(store::charges_table, rows.charges);
  check(store::recordings_table, rows.recordings);
  check(store::messages_table, rows.messages);
  check(store::billing_table, rows.billing);
  check(store::numbers_table, rows.phone_numbers);
  check(store::agents_table, rows.agents);
  check(store::resources_table, rows.resources);
}

// The rows of a page: the list under a key, or the page itself when it is a list.
template <class Each>
void each_row_of(std::string_view body, std::string_view key, Each each) {
  auto page = read_page_text(body, body.size() + 1);
  if (!page) return;
  Answer answer{.value = std::move(page->value), .is_repaired = page->is_repaired};
  const bool is_list = answer.value.as_array() != nullptr;
  (void)each_row(answer, is_list ? "" : key, [&](json::Value& row) -> Result<void> {
    each(row);
    return {};
  });
}

template <class Row>
void keep(std::vector<Row>& list, Result<Row> row) {
  if (row) {
    list.push_back(std::move(*row));
  } else {
    require(!row.error().message().empty());
  }
}

}  // namespace trunkline::warehouse::fuzz
