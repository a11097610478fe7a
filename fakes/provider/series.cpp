#include "fakes/provider/series.hpp"

#include <stdexcept>
#include <string>

#include <fmt/core.h>

namespace trunkline::fakes {
namespace {

constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::int64_t week_hours = 168;

// How busy each hour of a week is, from Thursday 00:00 UTC, the first hour of 1970.
struct WeekProfile {
  std::array<std::int64_t, week_hours> weights{};
  std::array<std::int64_t, week_hours + 1> before{};  // weighted milliseconds before each hour

  WeekProfile() {
    for (std::size_t hour = 0; hour < week_hours; ++hour) {
      const std::size_t day = hour / 24;
      const std::size_t of_day = hour % 24;
      const bool is_weekend = day == 2 || day == 3;
      const bool is_busy = of_day >= 8 && of_day < 18;
      weights[hour] = (is_busy ? 12 : 3) / (is_weekend ? 3 : 1);
      before[hour + 1] = before[hour] + weights[hour] * hour_ms;
    }
  }
  std::int64_t total() const { return before.back(); }
};

const WeekProfile profile;

// Weighted time since 1970, and back. Both rise, so that order is kept.
std::int64_t weigh(Instant instant) {
  const std::int64_t ms = to_microseconds(instant) / 1000;
  const std::int64_t week = ms / (week_hours * hour_ms);
  const std::int64_t in_week = ms % (week_hours * hour_ms);
  const auto hour = static_cast<std::size_t>(in_week / hour_ms);
  return week * profile.total() + profile.before[hour] + in_week % hour_ms * profile.weights[hour];
}

Instant unweigh(std::int64_t weighted) {
  const std::int64_t week = weighted / profile.total();
  const std::int64_t rest = weighted % profile.total();
  const auto above = std::ranges::upper_bound(profile.before, rest);
  const auto hour = static_cast<std::size_t>(above - profile.before.begin()) - 1;
  const std::int64_t ms = (week * week_hours + static_cast<std::int64_t>(hour)) * hour_ms +
                          (rest - profile.before[hour]) / profile.weights[hour];
  return from_microseconds(ms * 1000);
}

}  // namespace

std::uint64_t scatter(std::uint64_t seed, std::int64_t index, std::uint64_t salt) {
  // The finaliser of splitmix64, by Sebastiano Vigna, over all three.
  const auto mix = [](std::uint64_t value) {
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
    return value ^ (value >> 31);
  };
  return mix(mix(seed + salt * 0x9e3779b97f4a7c15ULL) + static_cast<std::uint64_t>(index));
}

std::int64_t scatter_between(std::uint64_t seed, std::int64_t index, std::uint64_t salt, std::int64_t least,
                             std::int64_t most) {
  const auto width = static_cast<std::uint64_t>(most - least) + 1;
  return least + static_cast<std::int64_t>(scatter(seed, index, salt) % width);
}

std::string scatter_hex(std::uint64_t seed, std::int64_t index, std::uint64_t salt, std::size_t digits) {
  std::string text;
  for (std::uint64_t part = 0; text.size() < digits; ++part) {
    text += fmt::format("{:016x}", scatter(seed, index, salt * 16 + part));
  }
  text.resize(digits);
  return text;
}

std::string scatter_uuid(std::uint64_t seed, std::int64_t index, std::uint64_t salt) {
  const std::string hex = scatter_hex(seed, index, salt, 32);
  return fmt::format("{}-{}-4{}-8{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(13, 3),
                     hex.substr(17, 3), hex.substr(20));
}

Series::Series(std::uint64_t seed, Instant begin, Instant end, std::int64_t count)
    : seed_(seed),
      begin_(std::chrono::floor<milliseconds>(begin)),
      end_(std::chrono::floor<milliseconds>(end)),
      count_(count) {
  if (count < 0 || end_ < begin_) throw std::invalid_argument("a series needs a count and a period");
  if (count == 0) return;
  slot_ = (weigh(end_) - weigh(begin_)) / count;
  // An hour weighs 12 at most, so that events a slot apart are at least a millisecond apart.
  if (slot_ < 24) throw std::invalid_argument("a series has at most one event in two milliseconds");
}

Instant Series::start_of(std::int64_t index) const {
  const std::int64_t half = slot_ / 2;
  const auto jitter = static_cast<std::int64_t>(scatter(seed_, index, 1) % static_cast<std::uint64_t>(half));
  return unweigh(weigh(begin_) + index * slot_ + jitter);
}

std::int64_t Series::first_from(Instant instant) const {
  if (count_ == 0 || instant <= begin_) return 0;
  if (instant >= end_) return count_;
  std::int64_t index = std::clamp<std::int64_t>((weigh(instant) - weigh(begin_)) / slot_ - 1, 0, count_);
  while (index < count_ && start_of(index) < instant) ++index;
  return index;
}

RowPattern::RowPattern(std::initializer_list<int> rows) : rows_(rows), before_{0} {
  for (const int count : rows) before_.push_back(before_.back() + count);
}

int RowPattern::rows_of(std::int64_t event) const {
  return rows_[static_cast<std::size_t>(event) % rows_.size()];
}

std::int64_t RowPattern::before(std::int64_t event) const {
  const auto length = static_cast<std::int64_t>(rows_.size());
  return event / length * before_.back() + before_[static_cast<std::size_t>(event % length)];
}

RowPattern::Place RowPattern::at(std::int64_t row) const {
  const auto length = static_cast<std::int64_t>(rows_.size());
  const std::int64_t in_repetition = row % before_.back();
  const auto above = std::ranges::upper_bound(before_, in_repetition);
  const std::int64_t event = above - before_.begin() - 1;
  return {row / before_.back() * length + event,
          static_cast<int>(in_repetition - before_[static_cast<std::size_t>(event)])};
}

EventRange events_of(const Series& series, Instant from, Instant to, Duration margin, Instant now,
                     Duration settling) {
  EventRange range{};
  range.from = series.first_from(from - margin);
  range.to = std::max(range.from, series.first_from(std::min(to, now) + margin));
  const std::int64_t settled = series.first_from(now - settling);
  range.middle_from = std::clamp(series.first_from(from + margin), range.from, range.to);
  range.middle_to =
      std::clamp(std::min(series.first_from(to - margin), settled), range.middle_from, range.to);
  return range;
}

RowPattern::Place FeedRows::at(std::int64_t position) const {
  const auto early = static_cast<std::int64_t>(early_.size());
  if (position < early) return early_[static_cast<std::size_t>(position)];
  if (position < early + middle_rows_) return pattern_.at(first_middle_row_ + position - early);
  return late_[static_cast<std::size_t>(position - early - middle_rows_)];
}

}  // namespace trunkline::fakes
