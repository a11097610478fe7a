// Errors as values. Every operation that can fail for a reason outside the program returns a Result; the
// Error in it has a stable code for machines, a message for people that says how to mend it, and the cause
// below it.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/time.hpp"

namespace trunkline {

// What kind of failure it is, in terms a door can turn into a status and a command into an exit code.
enum class ErrorKind : std::uint8_t {
  invalid,          // the request is wrong and stays wrong when repeated
  unauthenticated,  // nobody, or somebody we do not believe
  forbidden,        // known, but not allowed
  not_found,        // there is no such thing for this caller
  conflict,         // it clashes with what is there
  too_large,        // over a limit in size
  rate_limited,     // too often; retry later
  unavailable,      // something we need does not answer; a retry may help
  timed_out,        // the deadline passed; the effect is unknown unless the code says otherwise
  internal,         // a defect of ours
};

std::string_view to_text(ErrorKind kind);

// A stable name with its kind. Slices define theirs as constants; two codes are equal when their names are.
struct ErrorCode {
  std::string_view name;  // static storage; lower case with underscores
  ErrorKind kind;

  friend bool operator==(const ErrorCode& left, const ErrorCode& right) { return left.name == right.name; }
};

class Error {
 public:
  using Detail = std::pair<std::string, std::variant<std::int64_t, std::string>>;

  Error(ErrorCode error_code, std::string error_message)
      : code_(error_code), message_(std::move(error_message)) {}

  const ErrorCode& code() const { return code_; }
  ErrorKind kind() const { return code_.kind; }
  // Whether the same may succeed later: something did not answer, or not in time.
  bool may_pass() const { return kind() == ErrorKind::unavailable || kind() == ErrorKind::timed_out; }
  const std::string& message() const { return message_; }
  const std::vector<Detail>& details() const { return details_; }
  const Error* cause() const { return cause_.get(); }
  std::optional<Duration> retry_after() const { return retry_after_; }

  // Fluent additions, for use where the error is made.
  Error&& with_detail(std::string name, std::variant<std::int64_t, std::string> value) &&;
  Error&& caused_by(Error cause) &&;
  Error&& after(Duration wait) &&;

  // The whole chain on one line, for logs: "message (code): cause (code)".
  std::string describe() const;

 private:
  ErrorCode code_;
  std::string message_;
  std::vector<Detail> details_;
  std::shared_ptr<const Error> cause_;
  std::optional<Duration> retry_after_;
};

template <class T = void>
using Result = std::expected<T, Error>;

// Makes the failing side of a Result.
inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
  return std::unexpected(Error(code, std::move(message)));
}
inline std::unexpected<Error> fail(Error error) {
  return std::unexpected(std::move(error));
}

namespace error_codes {
inline constexpr ErrorCode invalid_argument{"invalid_argument", ErrorKind::invalid};
inline constexpr ErrorCode not_found{"not_found", ErrorKind::not_found};
inline constexpr ErrorCode unavailable{"unavailable", ErrorKind::unavailable};
inline constexpr ErrorCode deadline_exceeded{"deadline_exceeded", ErrorKind::timed_out};
inline constexpr ErrorCode internal{"internal", ErrorKind::internal};
}  // namespace error_codes

}  // namespace trunkline
