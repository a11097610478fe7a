// What commands print: JSON for machines, tables and sentences for people. Results go to standard output,
// everything else to standard error; colour only where a person looks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json/parse.hpp"
#include "base/json/value.hpp"
#include "base/json/write.hpp"

namespace trunkline::cli {

enum class Colour : std::uint8_t { none, dim, bold, red, green, yellow, blue };

class Output {
 public:
  // Asks the terminals whether they are any, and NO_COLOR whether colour is wanted.
  Output();

  void use_json(bool json) { json_ = json; }
  bool json() const { return json_; }
  bool is_terminal() const { return out_is_terminal_; }

  // The result of a command: `value` with --json, else `text`.
  void result(const json::Value& value, std::string_view text);
  void line(std::string_view text);     // standard output
  void note(std::string_view text);     // standard error
  void problem(std::string_view text);  // standard error, red
  void raw(std::string_view text);

  // One line that is written over while something takes long; nothing where no person looks.
  void progress(std::string_view text);
  void end_progress();

  std::string paint(std::string_view text, Colour colour) const;

 private:
  bool json_ = false;
  bool out_is_terminal_ = false;
  bool error_is_terminal_ = false;
  bool colour_ = false;
  bool progress_shown_ = false;
};

// Columns as wide as what is in them. The first row is the heading.
std::string table(const std::vector<std::vector<std::string>>& rows);

// "2026-03-02 09:15:04", for people; "-" for none.
std::string shown_time(std::int64_t microseconds_since_epoch);

// What `write` gives to a json::Writer, as a value.
template <class Write>
json::Value written(Write write) {
  std::string text;
  json::Writer writer(text);
  write(writer);
  return *json::parse(text);
}

}  // namespace trunkline::cli
