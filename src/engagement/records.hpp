// Imported files, record by record: CSV (RFC 4180, with a heading) and JSON Lines.
#pragma once

#include <istream>
#include <memory>

#include "engagement/batch.hpp"

namespace trunkline::engagement {

enum class FileFormat : std::uint8_t { csv, jsonl };

// By the name's ending; nothing for another one.
std::optional<FileFormat> format_of(std::string_view path);

// A record of a file: an item to take in, or why it is none.
struct FileRecord {
  std::int64_t line = 0;  // where it begins, from 1
  BatchItem item;
};

class RecordReader {
 public:
  virtual ~RecordReader() = default;
  // The next record; nothing at the end. Empty lines are skipped.
  virtual std::optional<FileRecord> next(Instant now) = 0;
};

// Of CSV, columns customer_id, name, email, phone (of actions action_name, action_value, timestamp) are what
// they say, and all others are properties; a file with a column action_name is one of actions. Fails with
// import_invalid when the heading has no customer_id. The stream must outlive the reader.
Result<std::unique_ptr<RecordReader>> make_record_reader(std::istream& file, FileFormat format);

// One CSV cell, quoted where it must be. What a spreadsheet would take for a formula gets an apostrophe in
// front (control C14 of docs/security.md).
std::string csv_cell(std::string_view text);

namespace error_codes {
inline constexpr ErrorCode import_invalid{"import_invalid", ErrorKind::invalid};
}  // namespace error_codes

}  // namespace trunkline::engagement
