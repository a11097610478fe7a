// The filter_criteria of version 3 (contracts/retell.md, section 2): typed filter objects, all of which must
// hold.
#pragma once

#include "base/error.hpp"
#include "base/json/value.hpp"
#include "base/time.hpp"

namespace trunkline::fakes::retell {

struct CallFilter {
  Instant from{};  // of start_timestamp, both included
  Instant to = from_microseconds(253'402'300'799'000'000);
  json::Object others;  // the other conditions, checked

  bool is_only_about_time() const { return others.empty(); }
  bool holds(const json::Value& call) const;
};

// Error: invalid_argument, for what the real one refuses: unknown fields, lists in the manner of version 2.
Result<CallFilter> parse_filter(const json::Value* criteria);

}  // namespace trunkline::fakes::retell
