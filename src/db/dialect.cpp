#include "db/dialect.hpp"

#include <array>
#include <utility>

#include "base/text.hpp"

namespace trunkline::db {
namespace {

bool is_word(char character) {
  return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
         (character >= '0' && character <= '9') || character == '_';
}

// Replaces whole words outside quotes.
std::string replace_words(std::string_view text,
                          std::span<const std::pair<std::string_view, std::string_view>> replacements) {
  std::string result;
  result.reserve(text.size());
  bool quoted = false;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '\'') quoted = !quoted;
    if (quoted || !is_word(text[i])) {
      result += text[i++];
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && is_word(text[end])) ++end;
    std::string_view word = text.substr(i, end - i);
    for (const auto& [from, to] : replacements) {
      if (word == from) {
        word = to;
        break;
      }
    }
    result += word;
    i = end;
  }
  return result;
}

// "CREATE TABLE name (" gives the name.
std::string_view created_table(std::string_view statement) {
  static constexpr std::string_view start = "CREATE TABLE ";
  if (!statement.starts_with(start)) return {};
  statement.remove_prefix(start.size());
  return statement.substr(0, statement.find_first_of(" ("));
}

bool has_composite_key(std::string_view statement) {
  const std::size_t key = statement.find("PRIMARY KEY (");
  return key != std::string_view::npos;
}

}  // namespace

std::string statement_for_sqlite(std::string_view sql) {
  std::string result;
  result.reserve(sql.size());
  bool quoted = false;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    if (sql[i] == '\'') quoted = !quoted;
    result += !quoted && sql[i] == '$' ? '?' : sql[i];
  }
  for (const std::string_view lock : {" FOR UPDATE SKIP LOCKED", " FOR UPDATE", " FOR KEY SHARE"}) {
    for (std::size_t at = result.find(lock); at != std::string::npos; at = result.find(lock)) {
      result.erase(at, lock.size());
    }
  }
  return result;
}

std::string script_for_sqlite(std::string_view script) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> types{
      {{"uuid", "blob"}, {"bytea", "blob"}, {"bigint", "integer"}, {"boolean", "integer"}}};
  std::string result;
  for (const std::string& statement : split_script(script)) {
    result += replace_words(statement, types);
    if (!created_table(statement).empty() && has_composite_key(statement)) result += " WITHOUT ROWID";
    result += ";\n";
  }
  return result;
}

std::string script_for_postgres(std::string_view script) {
  std::string result;
  for (const std::string& statement : split_script(script)) {
    result += statement + ";\n";
    const std::string table(created_table(statement));
    if (table.empty() || statement.find("account_id uuid NOT NULL") == std::string::npos) continue;
    result += "ALTER TABLE " + table + " ENABLE ROW LEVEL SECURITY;\n";
    result += "ALTER TABLE " + table + " FORCE ROW LEVEL SECURITY;\n";
    // The scope is read in a sub-select, which runs once a statement instead of once a row.
    result += "CREATE POLICY tenant ON " + table +
              " USING (account_id = (SELECT nullif(current_setting('trunkline.scope', true), '')::uuid)"
              " OR (SELECT nullif(current_setting('trunkline.scope', true), '')::uuid) ="
              " '00000000-0000-0000-0000-000000000000');\n";
  }
  return result;
}

std::vector<std::string> split_script(std::string_view script) {
  std::vector<std::string> statements;
  std::string current;
  bool quoted = false;
  for (std::size_t i = 0; i < script.size(); ++i) {
    if (!quoted && script.substr(i).starts_with("--")) {
      i = std::min(script.find('\n', i), script.size() - 1);
      current += '\n';
      continue;
    }
    if (script[i] == '\'') quoted = !quoted;
    if (!quoted && script[i] == ';') {
      if (!trim(current).empty()) statements.emplace_back(trim(current));
      current.clear();
      continue;
    }
    current += script[i];
  }
  if (!trim(current).empty()) statements.emplace_back(trim(current));
  return statements;
}

}  // namespace trunkline::db
