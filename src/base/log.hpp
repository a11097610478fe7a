// Structured logs: one line an event, JSON for machines or plain for a terminal. What may be logged is
// decided by type: phone numbers come out as their last four digits, a Secret does not compile, and there is
// no way to log a transcript.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "base/error.hpp"
#include "base/id.hpp"
#include "base/phone_number.hpp"
#include "base/secret.hpp"

namespace trunkline::log {

enum class Level : std::uint8_t { debug, info, warning, error, off };
enum class Format : std::uint8_t { json, pretty };

std::optional<Level> parse_level(std::string_view text);

struct Options {
  Level level = Level::info;
  Format format = Format::json;
};

// Starts the writer thread; lines go to standard error. Before this, and after `shut_down`, nothing is
// written.
void initialise(const Options& options);
void shut_down();

class Value {
 public:
  Value(std::string_view text) : value_(std::string(text)) {}
  Value(const std::string& text) : value_(text) {}
  Value(const char* text) : value_(std::string(text)) {}
  template <std::integral Integer>
  Value(Integer number) : value_(static_cast<std::int64_t>(number)) {}
  Value(bool flag) : value_(flag) {}
  Value(Duration duration) : value_(static_cast<std::int64_t>(duration.count())) {}  // microseconds
  Value(const PhoneNumber& number) : value_(number.masked()) {}
  Value(const Error& error) : value_(error.describe()) {}
  template <class Tag>
  Value(const Id<Tag>& id) : value_(id.text()) {}
  Value(const Secret&) = delete;

  const std::variant<std::string, std::int64_t, bool>& value() const { return value_; }

 private:
  std::variant<std::string, std::int64_t, bool> value_;
};

struct Field {
  std::string_view name;  // a stable name with its unit: "duration_us"
  Value value;
};
using Fields = std::initializer_list<Field>;

// `event` is a stable short sentence: "call ended". Never blocks: when lines come faster than they can be
// written, the oldest waiting ones are dropped.
void debug(std::string_view event, Fields fields = {});
void info(std::string_view event, Fields fields = {});
void warning(std::string_view event, Fields fields = {});
void error(std::string_view event, Fields fields = {});

// Whether a level is written at all, to save the work of making its fields.
bool enabled(Level level);

// The line without its end, as it is written (tests use it).
std::string format_line(Format format, Instant now, Level level, std::string_view event, Fields fields);

}  // namespace trunkline::log
