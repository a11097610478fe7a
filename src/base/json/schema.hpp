// JSON Schema for what users describe themselves, the arguments of their tools: draft 7, with `$defs`,
// `prefixItems` and keywords beside `$ref` as later drafts have them. Keywords of other drafts that would
// change what is accepted are refused; those that are not known are ignored.
//
// Schemas and values come from outside, so neither may cost much: references stay inside the document,
// regular expressions are RE2's (no look-around, no back-references), and both size and work are limited. Of
// the formats, date, time, date-time, email, uuid and uri are checked. Numbers are compared as doubles when
// they are not integers of 64 bits; for `uniqueItems`, 1 and 1.0 are two.
//
// Compiling and validating recurse: call them on a pool thread with at least 2 MiB of stack, never on a
// fiber.
#pragma once

#include <memory>

#include "base/error.hpp"
#include "base/json/value.hpp"

namespace trunkline::json {

namespace error_codes {
// The schema is malformed, not supported, or over a limit.
inline constexpr ErrorCode schema_invalid{"schema_invalid", ErrorKind::invalid};
// The value does not keep to the schema.
inline constexpr ErrorCode schema_mismatch{"schema_mismatch", ErrorKind::invalid};
// The value and the schema together would take too long to check.
inline constexpr ErrorCode schema_too_costly{"schema_too_costly", ErrorKind::invalid};
}  // namespace error_codes

// The most that a schema may have.
namespace schema_limits {
inline constexpr std::size_t bytes = 64 * 1024;  // written compactly
inline constexpr std::size_t depth = 32;
inline constexpr std::size_t subschemas = 200;
inline constexpr std::size_t patterns = 64;
inline constexpr std::size_t nested_at_one_place = 16;  // allOf, anyOf, $ref and the like inside each other
}  // namespace schema_limits

// A schema that has been checked. Cheap to copy; safe to use from many threads.
class Schema {
 public:
  // Refuses with schema_invalid; the detail "pointer" says where in the schema, the message why.
  static Result<Schema> compile(const Value& schema);

  // Refuses with schema_mismatch, whose details are JSON Pointers into the value with what is wrong there, or
  // with schema_too_costly.
  Result<void> validate(const Value& value) const;

 private:
  struct Compiled;
  explicit Schema(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}

  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace trunkline::json
