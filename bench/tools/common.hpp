// What the benchmark's tools share: options, sockets, time.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

// "--name value" pairs; a name may come again.
class Options {
 public:
  Options(int argument_count, char** arguments);  // ends the process for an argument without a value
  std::string text(const std::string& name, std::string fallback = "") const;
  std::int64_t number(const std::string& name, std::int64_t fallback) const;
  std::vector<std::string> all(const std::string& name) const;

 private:
  std::multimap<std::string, std::string> values_;
};

// Prints why and ends the process: a tool of a benchmark has nobody to report to.
[[noreturn]] void give_up(const std::string& what);

// A non-blocking socket that listens on every local address.
int listen_on(std::uint16_t port);
// A non-blocking socket that is being connected to 127.0.0.1.
int connect_to(std::uint16_t port);
// The next connection that waits, non-blocking and without Nagle's delay; -1 when none waits.
int accept_next(int listener);

// From an arbitrary point in the past.
std::int64_t now_microseconds();
// Since 1970, to be compared with what another process wrote down.
std::int64_t wall_microseconds();

// The value at a share from 0 to 1 of sorted values; 0 when there is none.
std::uint32_t percentile(const std::vector<std::uint32_t>& sorted, double share);

}  // namespace bench
