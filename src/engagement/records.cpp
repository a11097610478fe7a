#include "engagement/records.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/core.h>

#include "base/json/parse.hpp"
#include "base/text.hpp"

namespace trunkline::engagement {
namespace {

constexpr std::size_t record_bytes_max = 1024UL * 1024;
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

BatchItem refused(std::string reason) {
  return {Error(error_codes::import_invalid, std::move(reason))};
}

class JsonLines final : public RecordReader {
 public:
  explicit JsonLines(std::istream& file) : file_(file) {}

  std::optional<FileRecord> next(Instant now) override {
    std::string line;
    while (std::getline(file_, line)) {
      ++line_;
      if (line_ == 1 && line.starts_with(byte_order_mark)) line.erase(0, byte_order_mark.size());
      if (trim(line).empty()) continue;
      return FileRecord{.line = line_, .item = read(line, now)};
    }
    return std::nullopt;
  }

 private:
  static BatchItem read(std::string_view line, Instant now) {
    const auto body = json::parse(line);
    if (!body) return {body.error()};
    return BatchItem::read(*body, now);
  }

  std::istream& file_;
  std::int64_t line_ = 0;
};

// Fields of one record; quotes may hold commas, line ends and doubled quotes.
class CsvFields {
 public:
  explicit CsvFields(std::istream& file) : file_(file) {}

  // Nothing at the end of the file; a problem when the quotes do not end.
  std::optional<std::vector<std::string>> next(std::string& problem) {
    problem.clear();
    std::vector<std::string> fields(1);
    bool quoted = false;
    bool any = false;
    started_at_ = line_ + 1;
    std::size_t bytes = 0;
    for (int c = file_.get(); c != std::istream::traits_type::eof(); c = file_.get()) {
      any = true;
      if (++bytes > record_bytes_max) problem = "the record is larger than 1048576 bytes";
      std::string& field = fields.back();
      if (c == '\n') ++line_;
      if (quoted) {
        if (c != '"') {
          if (problem.empty()) field += static_cast<char>(c);
        } else if (file_.peek() == '"') {
          field += static_cast<char>(file_.get());
        } else {
          quoted = false;
        }
        continue;
      }
      if (c == '\n') return fields;
      if (c == '"' && field.empty()) {
        quoted = true;
      } else if (c == ',') {
        fields.emplace_back();
      } else if (c != '\r' && problem.empty()) {
        field += static_cast<char>(c);
      }
    }
    if (!any) return std::nullopt;
    ++line_;
    if (quoted) problem = "a quote does not end";
    return fields;
  }

  std::int64_t started_at() const { return started_at_; }

 private:
  std::istream& file_;
  std::int64_t line_ = 0;
  std::int64_t started_at_ = 0;
};

// A number, true or false as such; all else is text.
json::Value value_of(const std::string& text) {
  if (const auto parsed = json::parse(text);
      parsed && (parsed->kind() == json::Kind::number || parsed->kind() == json::Kind::boolean)) {
    return *parsed;
  }
  return text;
}

class Csv final : public RecordReader {
 public:
  Csv(CsvFields fields, std::vector<std::string> columns)
      : fields_(fields),
        columns_(std::move(columns)),
        actions_(std::ranges::find(columns_, "action_name") != columns_.end()) {}

  std::optional<FileRecord> next(Instant now) override {
    std::string problem;
    while (auto fields = fields_.next(problem)) {
      if (fields->size() == 1 && trim(fields->front()).empty() && problem.empty()) continue;
      return FileRecord{.line = fields_.started_at(), .item = read(*fields, problem, now)};
    }
    return std::nullopt;
  }

 private:
  BatchItem read(const std::vector<std::string>& fields, const std::string& problem, Instant now) const {
    if (!problem.empty()) return refused(problem);
    if (fields.size() != columns_.size()) {
      return refused(
          fmt::format("there are {} fields where the heading has {}", fields.size(), columns_.size()));
    }
    json::Object body;
    json::Object properties;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (!is_utf8(fields[i])) return refused(columns_[i] + ": is not UTF-8");
      if (fields[i].empty()) continue;
      if (columns_[i] == "action_value") {
        body.set(columns_[i], value_of(fields[i]));
      } else if (is_field(columns_[i])) {
        body.set(columns_[i], fields[i]);
      } else {
        properties.set(columns_[i], value_of(fields[i]));
      }
    }
    body.set("type", actions_ ? "action" : "customer");
    if (!properties.empty()) body.set(actions_ ? "action_properties" : "properties", std::move(properties));
    return BatchItem::read(body, now);
  }

  bool is_field(std::string_view column) const {
    static constexpr std::array<std::string_view, 4> of_customers{"customer_id", "name", "email", "phone"};
    static constexpr std::array<std::string_view, 3> of_actions{"customer_id", "action_name", "timestamp"};
    return actions_ ? std::ranges::find(of_actions, column) != of_actions.end()
                    : std::ranges::find(of_customers, column) != of_customers.end();
  }

  CsvFields fields_;
  std::vector<std::string> columns_;
  bool actions_;
};

}  // namespace

std::optional<FileFormat> format_of(std::string_view path) {
  const std::string lower = ascii_lower(path);
  if (lower.ends_with(".csv")) return FileFormat::csv;
  if (lower.ends_with(".jsonl") || lower.ends_with(".ndjson")) return FileFormat::jsonl;
  return std::nullopt;
}

Result<std::unique_ptr<RecordReader>> make_record_reader(std::istream& file, FileFormat format) {
  if (format == FileFormat::jsonl) return std::make_unique<JsonLines>(file);
  CsvFields fields(file);
  std::string problem;
  auto columns = fields.next(problem);
  if (columns && columns->front().starts_with(byte_order_mark))
    columns->front().erase(0, byte_order_mark.size());
  const bool named = columns && std::ranges::find(*columns, "customer_id") != columns->end();
  if (!named || !problem.empty()) {
    return fail(
        error_codes::import_invalid,
        "The first line must name the columns, customer_id among them: customer_id,name,email,phone,…");
  }
  return std::make_unique<Csv>(fields, std::move(*columns));
}

std::string csv_cell(std::string_view text) {
  std::string cell;
  // A number with its plus is harmless; anything else that begins so could be a formula.
  const bool number =
      text.starts_with('+') && text.find_first_not_of("0123456789", 1) == std::string_view::npos;
  if (!text.empty() && !number && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos)
    cell += '\'';
  cell += text;
  if (cell.find_first_of(",\"\n\r") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (const char c : cell) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace trunkline::engagement
