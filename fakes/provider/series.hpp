// A year of events that is never stored: event n of a series is computed when somebody asks for it, so that a
// million of them cost no memory, and the same seed gives the same ones for ever.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "base/time.hpp"

namespace trunkline::fakes {

// A number that depends on the three and on nothing else, and looks like chance.
std::uint64_t scatter(std::uint64_t seed, std::int64_t index, std::uint64_t salt);
// From `least` to `most`, both included, in the same way.
std::int64_t scatter_between(std::uint64_t seed, std::int64_t index, std::uint64_t salt, std::int64_t least,
                             std::int64_t most);
// So many hexadecimal digits, lower case.
std::string scatter_hex(std::uint64_t seed, std::int64_t index, std::uint64_t salt, std::size_t digits);
// In the form of a UUID.
std::string scatter_uuid(std::uint64_t seed, std::int64_t index, std::uint64_t salt);

// The starts of `count` events between two instants, in ascending order, busy by day and on weekdays, quiet
// at night. Both directions, from index to time and back, take constant time.
class Series {
 public:
  // Throws when the count is negative or larger than the number of milliseconds there are.
  Series(std::uint64_t seed, Instant begin, Instant end, std::int64_t count);

  std::int64_t count() const { return count_; }
  Instant begin() const { return begin_; }
  Instant end() const { return end_; }
  Instant start_of(std::int64_t index) const;  // to the millisecond
  // The first event that starts then or later; `count` when there is none.
  std::int64_t first_from(Instant instant) const;

 private:
  std::uint64_t seed_;
  Instant begin_;
  Instant end_;
  std::int64_t count_;
  std::int64_t slot_ = 0;  // of weighted time, for each event
};

// How many rows each event of a series has in one feed: the numbers repeat, event n has those at n modulo
// their count. Turns row numbers into events and back in constant time.
class RowPattern {
 public:
  RowPattern(std::initializer_list<int> rows);

  int rows_of(std::int64_t event) const;
  std::int64_t before(std::int64_t event) const;  // rows of all events before this one

  struct Place {
    std::int64_t event;
    int row;  // of that event, from 0
  };
  Place at(std::int64_t row) const;

 private:
  std::vector<int> rows_;
  std::vector<std::int64_t> before_;  // within one repetition; the last is the sum
};

// A range of events in ascending order: those in the middle are wholly in a window, and their rows are not
// looked at one by one; those at its two ends are asked for.
struct EventRange {
  std::int64_t from;
  std::int64_t middle_from;
  std::int64_t middle_to;
  std::int64_t to;
};

// The events of a window at a moment. Rows of an event lie at most `margin` after its start, or before it;
// events older than `settling` are wholly visible.
EventRange events_of(const Series& series, Instant from, Instant to, Duration margin, Instant now,
                     Duration settling);

// The rows of a feed in such a range, oldest event first.
class FeedRows {
 public:
  template <class IsIncluded>
  FeedRows(const RowPattern& pattern, const EventRange& range, const IsIncluded& is_included)
      : pattern_(pattern), first_middle_row_(pattern.before(range.middle_from)) {
    const auto gather = [&](std::int64_t from, std::int64_t to, std::vector<RowPattern::Place>& places) {
      for (std::int64_t event = from; event < to; ++event) {
        for (int row = 0; row < pattern.rows_of(event); ++row) {
          if (is_included(event, row)) places.push_back({event, row});
        }
      }
    };
    gather(range.from, range.middle_from, early_);
    middle_rows_ = pattern.before(range.middle_to) - first_middle_row_;
    gather(range.middle_to, range.to, late_);
  }

  std::int64_t size() const {
    return static_cast<std::int64_t>(early_.size()) + middle_rows_ + static_cast<std::int64_t>(late_.size());
  }
  RowPattern::Place at(std::int64_t position) const;

 private:
  const RowPattern& pattern_;
  std::int64_t first_middle_row_;
  std::int64_t middle_rows_ = 0;
  std::vector<RowPattern::Place> early_;
  std::vector<RowPattern::Place> late_;
};

}  // namespace trunkline::fakes
