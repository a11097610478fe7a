// Reading a provider's rows: types drift, keys are missing, but what is there must make sense. A failure
// names the place by its JSON Pointer, "/stats/3/billcost: is no amount".
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "warehouse/http/exchange.hpp"
#include "warehouse/normalise.hpp"

namespace trunkline::warehouse {

// Reads the members of one row. The first failure is kept; what is read after it means nothing.
class RowReader {
 public:
  explicit RowReader(const json::Value& row) : row_(row) {}

  const json::Value& row() const { return row_; }
  // There and not empty.
  std::string required(std::string_view key);
  // Nothing when absent, null or empty. A number is its digits.
  std::optional<std::string> text(std::string_view key);
  // To a million million, so that nothing that is computed from it can overflow; amounts as well, and with 18
  // decimals at most.
  std::optional<std::int64_t> integer(std::string_view key);
  std::optional<bool> boolean(std::string_view key);
  std::optional<Decimal> amount(std::string_view key);
  // Cents as dollars.
  std::optional<Decimal> cents(std::string_view key);
  std::optional<Instant> iso_time(std::string_view key);
  std::optional<Instant> milliseconds_time(std::string_view key);
  // ISO 4217 in upper case; another text is a failure.
  std::optional<std::string> currency(std::string_view key);

  void fail_at(std::string_view key, std::string_view what);
  Result<void> result() const;
  // The row, or the failure.
  template <class Row>
  Result<Row> finish(Row row) const {
    if (error_) return fail(*error_);
    return row;
  }

 private:
  // The member when it says something: not null and not an empty text.
  const json::Value* filled(std::string_view key) const;
  template <class T>
  std::optional<T> checked(std::string_view key, std::optional<T> (*read)(const json::Value*),
                           std::string_view what);

  const json::Value& row_;
  std::optional<Error> error_;
};

using ReadRow = std::function<Result<void>(json::Value& row)>;

// Reads each object of the list at `key` of an answer ("" when the answer is the list), after its repairs
// have been noted in it. The number of rows, or provider_malformed with the row's pointer.
Result<std::int64_t> each_row(Answer& answer, std::string_view key, const ReadRow& read);

// raw_data as it is stored: without secrets.
json::Value stored(json::Value row);

}  // namespace trunkline::warehouse
