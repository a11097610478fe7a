// The account's wall clock: the provider's times have no zone. Knows Sydney, with its two changes a year, and
// UTC; by its own rules, so that it does not agree with the warehouse by using the same code.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace trunkline::fakes::zadarma {

class LocalTime {
 public:
  // "Australia/Sydney" or "UTC". Throws for others.
  explicit LocalTime(std::string_view zone);

  Duration offset_at(Instant instant) const;
  // "2026-04-05 02:30:00"
  std::string write(Instant instant) const;
  // The earliest instant that this wall time can mean, reading it with the larger offset; nothing when the
  // text is no time.
  std::optional<Instant> earliest(std::string_view text) const;

 private:
  bool is_sydney_;
};

}  // namespace trunkline::fakes::zadarma
