// What a fake provider does wrong, and when: switches that a test, a flag or the admin path throws.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/json/value.hpp"

namespace trunkline::fakes {

enum class FaultKind : std::uint8_t {
  // Instead of the answer.
  rate_limited,  // 429 with the provider's headers and envelope
  server_error,  // 500 in the provider's envelope
  bad_gateway,   // 502 with HTML, as a gateway writes it
  cut,           // the connection ends without an answer
  hang,          // nothing comes until the client leaves
  // To the bytes of the answer.
  truncated,  // it breaks off in the middle, and so does the connection
  malformed,  // the JSON ends in the middle, in a body that is whole
  not_json,   // 200 with HTML
  slow,       // it comes after `delay`
  // To what a listing says.
  shifting,     // rows are added while it is read: `rows` with each of `times` requests
  duplicates,   // every tenth row comes twice
  lying_total,  // the total is another one with each request
  cursor_loop,  // the last page points back to the first
  odd_types,    // numbers as text, text as numbers, keys nobody declared
};

std::string_view to_text(FaultKind kind);  // "rate_limited"

struct Fault {
  FaultKind kind;
  std::string path = {};   // requests whose path begins so; "" is all of them
  std::int64_t every = 1;  // each n-th of these
  std::int64_t skip = 0;   // after so many
  std::int64_t times = 1 << 30;
  Duration delay = seconds(1);
  std::int64_t rows = 1;
};

// {"kind": "malformed", "path": "/v1/statistics/", "every": 3, "skip": 1, "times": 2, "delay_ms": 5, "rows":
// 1} Error: invalid_argument.
Result<Fault> parse_fault(const json::Value& value);

// The faults that strike one request.
struct FaultHits {
  std::vector<Fault> faults;
  std::int64_t hidden_rows = 0;  // by `shifting`: that many of the first rows are not there yet

  const Fault* find(FaultKind kind) const;
  bool has(FaultKind kind) const { return find(kind) != nullptr; }
};

// Safe on any thread.
class FaultBoard {
 public:
  void add(Fault fault);
  void clear();
  // Counts a request and says what strikes it.
  FaultHits take(std::string_view path);

 private:
  struct Switch {
    Fault fault;
    std::int64_t seen = 0;
    std::int64_t struck = 0;
  };
  std::mutex mutex_;
  std::vector<Switch> switches_;
};

}  // namespace trunkline::fakes
