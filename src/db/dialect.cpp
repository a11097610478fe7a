#include "db/dialect.hpp"

#include <array>
#include <utility>

#include "base/text.hpp"

namespace trunkline::db {
namespace {

bool is_word(char character) {
  return is_letter_or_digit(character) || character == '_';
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
  static constexpr std::string_view unless = "IF NOT EXISTS ";
  if (!statement.starts_with(start)) return {};
  statement.remove_prefix(start.size());
  if (statement.starts_with(unless)) statement.remove_prefix(unless.size());
  return statement.substr(0, statement.find_first_of(" ("));
}

bool has_composite_key(std::string_view statement) {
  const std::size_t key = statement.find("PRIMARY KEY (");
  return key != std::string_view::npos;
}

// The end of the type name of a cast, "::numeric(18, 8)" or "::text[]", that begins at `at`.
std::size_t end_of_cast(std::string_view sql, std::size_t at) {
  std::size_t end = at + 2;
  while (end < sql.size() && is_word(sql[end])) ++end;
  if (end < sql.size() && sql[end] == '(') end = std::min(sql.find(')', end), sql.size() - 1) + 1;
  if (sql.substr(end).starts_with("[]")) end += 2;
  return end;
}

// An integer of 10^-8 units as a decimal text with eight places: SQLite has no exact decimals.
std::string money_for_sqlite(std::string_view units) {
  return "(CASE WHEN (" + std::string(units) + ") IS NULL THEN NULL ELSE printf('%s%d.%08d', CASE WHEN (" +
         std::string(units) + ") < 0 THEN '-' ELSE '' END, abs(" + std::string(units) +
         ") / 100000000, abs(" + std::string(units) + ") % 100000000) END)";
}

// The position of the bracket that closes the one at `open`.
std::size_t closing_bracket(std::string_view sql, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < sql.size(); ++i) {
    if (sql[i] == '(') ++depth;
    if (sql[i] == ')' && --depth == 0) return i;
  }
  return sql.size() - 1;
}

// The schema `telco` and its types in SQLite's words: `telco.calls` is `telco_calls`, casts are dropped,
// since columns keep the texts they are given, and telco.money() is written out.
std::string without_telco(std::string_view sql) {
  static constexpr std::string_view schema = "telco.";
  static constexpr std::string_view money = "telco.money(";
  std::string result;
  result.reserve(sql.size());
  bool quoted = false;
  for (std::size_t i = 0; i < sql.size();) {
    if (sql[i] == '\'') quoted = !quoted;
    const std::string_view rest = sql.substr(i);
    const bool word_begins = i == 0 || !is_word(sql[i - 1]);
    if (!quoted && word_begins && rest.starts_with(money)) {
      const std::size_t open = i + money.size() - 1;
      const std::size_t close = closing_bracket(sql, open);
      result += money_for_sqlite(without_telco(sql.substr(open + 1, close - open - 1)));
      i = close + 1;
    } else if (!quoted && word_begins && rest.starts_with(schema)) {
      result += "telco_";
      i += schema.size();
    } else if (!quoted && rest.starts_with("::")) {
      i = end_of_cast(sql, i);
    } else {
      result += sql[i++];
    }
  }
  return result;
}

// Whether a statement is for this engine: one of the comment lines before it may say "-- @sqlite" or
// "-- @postgresql".
bool is_for(std::string_view engine, std::string_view statement) {
  static constexpr std::string_view mark = "-- @";
  while (true) {
    statement = statement.substr(std::min(statement.find_first_not_of(" \n"), statement.size()));
    if (!statement.starts_with("--")) return true;
    const std::string_view line = statement.substr(0, statement.find('\n'));
    if (line.starts_with(mark)) return line.substr(mark.size()) == engine;
    statement.remove_prefix(std::min(line.size() + 1, statement.size()));
  }
}

// The statements of a script with their comments.
std::vector<std::string> split_with_comments(std::string_view script) {
  std::vector<std::string> statements(1);
  bool quoted = false;
  for (std::size_t i = 0; i < script.size(); ++i) {
    if (!quoted && script.substr(i).starts_with("--")) {
      const std::size_t end = std::min(script.find('\n', i), script.size() - 1);
      statements.back() += script.substr(i, end - i + 1);
      i = end;
      continue;
    }
    if (script[i] == '\'') quoted = !quoted;
    statements.back() += script[i];
    if (!quoted && script[i] == ';') statements.emplace_back();
  }
  return statements;
}

// The script without what is for the other engine.
std::string only_for(std::string_view engine, std::string_view script) {
  std::string result;
  for (const std::string& statement : split_with_comments(script)) {
    if (is_for(engine, statement)) result += statement;
  }
  return result;
}

}  // namespace

std::string statement_for_sqlite(std::string_view sql) {
  std::string result;
  result.reserve(sql.size());
  bool quoted = false;
  const std::string neutral = without_telco(sql);
  for (const char character : neutral) {
    if (character == '\'') quoted = !quoted;
    result += !quoted && character == '$' ? '?' : character;
  }
  for (const std::string_view lock : {" FOR UPDATE SKIP LOCKED", " FOR UPDATE", " FOR KEY SHARE"}) {
    for (std::size_t at = result.find(lock); at != std::string::npos; at = result.find(lock)) {
      result.erase(at, lock.size());
    }
  }
  return result;
}

std::string script_for_sqlite(std::string_view script) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> types{
      {{"uuid", "blob"},
       {"bytea", "blob"},
       {"bigint", "integer"},
       {"boolean", "integer"},
       {"timestamptz", "text"},
       {"date", "text"},
       {"jsonb", "text"},
       {"numeric", "text"}}};
  static constexpr std::string_view identity = "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY";
  std::string result;
  for (std::string statement : split_script(only_for("sqlite", script))) {
    for (std::size_t at = statement.find(identity); at != std::string::npos; at = statement.find(identity)) {
      statement.replace(at, identity.size(), "integer PRIMARY KEY");
    }
    statement = without_telco(statement);
    static constexpr std::string_view replacing = "CREATE OR REPLACE VIEW";
    if (statement.starts_with(replacing)) statement.replace(0, replacing.size(), "CREATE VIEW IF NOT EXISTS");
    result += replace_words(statement, types);
    if (!created_table(statement).empty() && has_composite_key(statement)) result += " WITHOUT ROWID";
    result += ";\n";
  }
  return result;
}

std::string script_for_postgres(std::string_view script) {
  std::string result;
  for (const std::string& statement : split_script(only_for("postgresql", script))) {
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

std::string in_schema(std::string_view sql, std::string_view schema) {
  static constexpr std::string_view usual = "telco";
  if (schema == usual) return std::string(sql);
  std::string result;
  bool quoted = false;
  for (std::size_t i = 0; i < sql.size();) {
    if (sql[i] == '\'') quoted = !quoted;
    const std::string_view rest = sql.substr(i);
    const bool is_whole_word = (i == 0 || !is_word(sql[i - 1])) && rest.starts_with(usual) &&
                               (rest.size() == usual.size() || !is_word(rest[usual.size()]));
    if (!quoted && is_whole_word) {
      result += schema;
      i += usual.size();
    } else {
      result += sql[i++];
    }
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
