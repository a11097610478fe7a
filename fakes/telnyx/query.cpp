#include "fakes/telnyx/query.hpp"

#include <charconv>

namespace trunkline::fakes::telnyx {
namespace {

std::pair<Instant, Instant> named_range(std::string_view name, Instant now) {
  const Instant today = std::chrono::floor<days>(now);
  const Instant always = today + days(365'000);
  if (name == "today") return {today, today + days(1)};
  if (name == "yesterday") return {today - days(1), today};
  if (name == "this_month") return {month_of(now).begin(), month_of(now).end()};
  if (name == "last_month") {
    const Month last = month_of(month_of(now).begin() - days(1));
    return {last.begin(), last.end()};
  }
  std::int64_t count = 0;
  if (name.starts_with("last_") && name.ends_with("_days"))
    std::from_chars(name.data() + 5, name.data() + name.size() - 5, count);
  return count > 0 ? std::pair(today - days(count), always) : std::pair(Instant(), always);
}

}  // namespace

Query::Query(const net::Request& request) {
  for (auto& [name, value] : net::parse_query(request.query())) parameters_.emplace(name, value);
}

std::string Query::text(const std::string& name) const {
  const auto found = parameters_.find(name);
  return found == parameters_.end() ? "" : found->second;
}

std::int64_t Query::number(const std::string& name, std::int64_t otherwise) const {
  const std::string value = text(name);
  std::int64_t number = otherwise;
  std::from_chars(value.data(), value.data() + value.size(), number);
  return number;
}

bool Query::is_repeated(const std::string& name) const {
  return parameters_.count(name) > 1;
}

std::pair<Instant, Instant> Query::window(const std::string& field, Instant now) const {
  auto [from, to] = named_range(text("filter[date_range]"), now);
  const auto bound = [&](std::string_view comparison) {
    return parse_instant(text("filter[" + field + "][" + std::string(comparison) + "]"));
  };
  if (const auto at = bound("gte")) from = std::max(from, *at);
  if (const auto at = bound("gt")) from = std::max(from, *at + microseconds(1));
  if (const auto at = bound("lt")) to = std::min(to, *at);
  if (const auto at = bound("lte")) to = std::min(to, *at + microseconds(1));
  return {from, std::max(from, to)};
}

bool Query::matches(const std::string& field, const std::string& value) const {
  const std::string name = "filter[" + field + "]";
  const auto is = [&](const std::string& key, auto test) {
    const std::string wanted = text(key);
    return wanted.empty() || test(wanted);
  };
  return is(name, [&](const std::string& wanted) { return value == wanted; }) &&
         is(name + "[eq]", [&](const std::string& wanted) { return value == wanted; }) &&
         is(name + "[starts_with]", [&](const std::string& wanted) { return value.starts_with(wanted); }) &&
         is(name + "[ends_with]", [&](const std::string& wanted) { return value.ends_with(wanted); }) &&
         is(name + "[contains]",
            [&](const std::string& wanted) { return value.find(wanted) != std::string::npos; });
}

std::vector<std::string> Query::filtered_fields() const {
  std::vector<std::string> fields;
  for (const auto& [name, value] : parameters_) {
    if (!name.starts_with("filter[")) continue;
    fields.push_back(name.substr(7, name.find(']') - 7));
  }
  return fields;
}

}  // namespace trunkline::fakes::telnyx
