#include "net/admission.hpp"

namespace trunkline::net {
namespace {

// Long enough to see some commits of the writer, short enough to follow what changes.
constexpr Duration measured_for = milliseconds(50);

}  // namespace

Admission::Verdict Admission::ask(Priority priority, std::size_t bytes, runtime::SteadyTime now,
                                  runtime::Task& begin) {
  const std::size_t share = priority == Priority::background ? 2 : 1;
  const bool has_room = line_.empty() && running_ < limits_.running_max / share;
  if (priority == Priority::live_call || has_room) {
    ++running_;
    return Verdict::begins;
  }
  if (line_is_too_long(share, bytes, now)) return Verdict::refused;
  if (line_.empty()) {
    measured_from_ = now;
    begun_ = 0;
  }
  line_.push_back({.begin = std::move(begin), .bytes = bytes, .since = now});
  waiting_bytes_ += bytes;
  return Verdict::waits;
}

// By what it holds, by how long its first has waited already, and by how long its last would have to.
bool Admission::line_is_too_long(std::size_t share, std::size_t bytes, runtime::SteadyTime now) const {
  if (line_.size() >= limits_.waiting_max / share || waiting_bytes_ + bytes > limits_.waiting_bytes_max)
    return true;
  const Duration wait_max = limits_.wait_max / static_cast<int>(share);
  if (line_.empty()) return wait_max == Duration::zero();
  return now - line_.front().since > wait_max || pace_ * static_cast<double>(line_.size()) > wait_max;
}

std::optional<runtime::Task> Admission::next(runtime::SteadyTime now) {
  if (line_.empty() || running_ >= limits_.running_max) return std::nullopt;
  ++running_;
  ++begun_;
  measure_pace(now);
  waiting_bytes_ -= line_.front().bytes;
  runtime::Task begin = std::move(line_.front().begin);
  line_.pop_front();
  return begin;
}

void Admission::measure_pace(runtime::SteadyTime now) {
  if (now - measured_from_ < measured_for) return;
  pace_ = (now - measured_from_) / static_cast<double>(begun_);
  measured_from_ = now;
  begun_ = 0;
}

}  // namespace trunkline::net
