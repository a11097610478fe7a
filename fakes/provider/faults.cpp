#include "fakes/provider/faults.hpp"

#include <fmt/core.h>

namespace trunkline::fakes {
namespace {

constexpr std::array<std::pair<FaultKind, std::string_view>, 14> names{{
    {FaultKind::rate_limited, "rate_limited"},
    {FaultKind::server_error, "server_error"},
    {FaultKind::bad_gateway, "bad_gateway"},
    {FaultKind::cut, "cut"},
    {FaultKind::hang, "hang"},
    {FaultKind::truncated, "truncated"},
    {FaultKind::malformed, "malformed"},
    {FaultKind::not_json, "not_json"},
    {FaultKind::slow, "slow"},
    {FaultKind::shifting, "shifting"},
    {FaultKind::duplicates, "duplicates"},
    {FaultKind::lying_total, "lying_total"},
    {FaultKind::cursor_loop, "cursor_loop"},
    {FaultKind::odd_types, "odd_types"},
}};

}  // namespace

std::string_view to_text(FaultKind kind) {
  return std::ranges::find(names, kind, &std::pair<FaultKind, std::string_view>::first)->second;
}

Result<Fault> parse_fault(const json::Value& value) {
  const json::Value* kind = value.find("kind");
  const std::string* name = kind == nullptr ? nullptr : kind->as_text();
  if (name == nullptr) return fail(error_codes::invalid_argument, "a fault is an object with a kind");
  const auto known = std::ranges::find(names, *name, &std::pair<FaultKind, std::string_view>::second);
  if (known == names.end())
    return fail(error_codes::invalid_argument, fmt::format("no fault is called {}", *name));
  Fault fault{.kind = known->first};
  const auto number = [&](std::string_view key, std::int64_t otherwise) {
    const json::Value* member = value.find(key);
    return member == nullptr ? otherwise : member->as_integer().value_or(otherwise);
  };
  if (const json::Value* path = value.find("path"); path != nullptr && path->as_text() != nullptr)
    fault.path = *path->as_text();
  fault.every = std::max<std::int64_t>(1, number("every", fault.every));
  fault.skip = number("skip", fault.skip);
  fault.times = number("times", fault.times);
  fault.delay = milliseconds(number("delay_ms", 1000));
  fault.rows = number("rows", fault.rows);
  return fault;
}

const Fault* FaultHits::find(FaultKind kind) const {
  const auto found = std::ranges::find(faults, kind, &Fault::kind);
  return found == faults.end() ? nullptr : &*found;
}

void FaultBoard::add(Fault fault) {
  const std::lock_guard lock(mutex_);
  switches_.push_back({.fault = std::move(fault)});
}

void FaultBoard::clear() {
  const std::lock_guard lock(mutex_);
  switches_.clear();
}

FaultHits FaultBoard::take(std::string_view path) {
  const std::lock_guard lock(mutex_);
  FaultHits hits;
  for (Switch& each : switches_) {
    if (!path.starts_with(each.fault.path)) continue;
    const std::int64_t number = each.seen++ - each.fault.skip;
    if (number < 0 || number % each.fault.every != 0 || each.struck >= each.fault.times) continue;
    ++each.struck;
    if (each.fault.kind == FaultKind::shifting)
      hits.hidden_rows += each.fault.rows * (each.fault.times - each.struck);
    hits.faults.push_back(each.fault);
  }
  return hits;
}

}  // namespace trunkline::fakes
