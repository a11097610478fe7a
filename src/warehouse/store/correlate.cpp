#include "warehouse/store/correlate.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "base/json/parse.hpp"
#include "base/json/write.hpp"
#include "warehouse/normalise.hpp"

namespace trunkline::warehouse::store {
namespace {

constexpr std::string_view exchange_feed = "pbx";

struct Pair {
  Duration apart;
  Record* exchange;
  Record* other;
};

const std::string& id_of(const Record& call) {
  return *call[call_columns.external_call_id];
}

std::size_t remote_column(const Record& call) {
  return call[call_columns.direction] == "inbound" ? call_columns.from_number : call_columns.to_number;
}
std::size_t own_column(const Record& call) {
  return call[call_columns.direction] == "inbound" ? call_columns.to_number : call_columns.from_number;
}

bool is_candidate(const Record& call) {
  const Cell& direction = call[call_columns.direction];
  return (direction == "inbound" || direction == "outbound") && call[remote_column(call)] &&
         is_e164(*call[remote_column(call)]) && call[call_columns.started_at];
}

bool leads(const Record& left, const Record& right) {
  const auto left_cost = decimal_in(left[call_columns.cost]);
  const auto right_cost = decimal_in(right[call_columns.cost]);
  if (left_cost.has_value() != right_cost.has_value()) return left_cost.has_value();
  if (left_cost && *left_cost != *right_cost) return *left_cost > *right_cost;
  const auto faces_us = [](const Record& call) {
    return call[call_columns.leg_direction] &&
           call[call_columns.leg_direction] == call[call_columns.direction];
  };
  if (faces_us(left) != faces_us(right)) return faces_us(left);
  return id_of(left) < id_of(right);
}

constexpr std::array<std::string_view, 5> sent_names{"cost", "currency", "billable_seconds", "from_number",
                                                     "to_number"};

void remember_as_sent(Record& call) {
  json::Object sent;
  for (const std::string_view name : sent_names) {
    const Cell& value = call[calls_table.table().position(name)];
    sent.set(std::string(name), value ? json::Value(*value) : json::Value());
  }
  call[call_columns.as_sent] = json::write(sent);
}

void set_cost(Record& call, const Cell& cost) {
  call[call_columns.cost] = cost;
  call[call_columns.cost_units] = units_cell(decimal_in(cost));
}

}  // namespace

void choose_primary(std::vector<Record*>& legs) {
  if (legs.empty()) return;
  Record* const primary = *std::ranges::min_element(
      legs, [](const Record* left, const Record* right) { return leads(*left, *right); });
  for (Record* leg : legs) (*leg)[call_columns.is_primary] = cell(leg == primary);
}

std::vector<Shadow> find_shadows(const std::vector<Record*>& calls) {
  std::vector<std::pair<Instant, Record*>> exchange;
  std::vector<std::pair<Instant, Record*>> others;
  for (Record* call : calls) {
    if (!is_candidate(*call)) continue;
    auto& side = (*call)[call_columns.feed] == exchange_feed ? exchange : others;
    side.emplace_back(*time_in((*call)[call_columns.started_at]), call);
  }
  std::ranges::sort(others);
  std::vector<Pair> pairs;
  for (const auto& [start, call] : exchange) {
    auto other =
        std::ranges::lower_bound(others, start - same_call_within, {}, &std::pair<Instant, Record*>::first);
    for (; other != others.end() && other->first <= start + same_call_within; ++other) {
      const Record& candidate = *other->second;
      if (candidate[call_columns.direction] != (*call)[call_columns.direction] ||
          candidate[remote_column(candidate)] != (*call)[remote_column(*call)]) {
        continue;
      }
      pairs.push_back({std::chrono::abs(other->first - start), call, other->second});
    }
  }
  std::ranges::sort(pairs, [](const Pair& left, const Pair& right) {
    return std::tie(left.apart, id_of(*left.exchange), id_of(*left.other)) <
           std::tie(right.apart, id_of(*right.exchange), id_of(*right.other));
  });
  std::vector<Shadow> found;
  std::set<const Record*> used;
  for (const Pair& pair : pairs) {
    if (used.contains(pair.exchange) || used.contains(pair.other)) continue;
    used.insert({pair.exchange, pair.other});
    found.push_back({pair.exchange, pair.other});
  }
  return found;
}

void join_shadow(const Shadow& pair) {
  Record& exchange = *pair.exchange;
  Record& shadow = *pair.shadow;
  remember_as_sent(exchange);
  remember_as_sent(shadow);
  set_cost(exchange, shadow[call_columns.cost]);
  exchange[call_columns.currency] = shadow[call_columns.currency];
  exchange[call_columns.billable_seconds] = shadow[call_columns.billable_seconds];
  const Cell& own = shadow[own_column(shadow)];
  if (own && is_e164(*own)) exchange[own_column(exchange)] = own;
  exchange[call_columns.is_primary] = cell(true);
  shadow[call_columns.is_primary] = cell(false);
  shadow[call_columns.shadow_of] = id_of(exchange);
  set_cost(shadow, std::nullopt);
}

void restore_as_sent(Record& call) {
  const Cell sent = std::exchange(call[call_columns.as_sent], std::nullopt);
  call[call_columns.shadow_of].reset();
  if (!sent) return;
  call[call_columns.is_primary] = cell(true);
  const auto values = json::parse(*sent);
  if (!values) return;
  for (const std::string_view name : sent_names) {
    const json::Value* value = values->find(name);
    const std::string* text = value == nullptr ? nullptr : value->as_text();
    call[calls_table.table().position(name)] = text == nullptr ? Cell() : Cell(*text);
  }
  set_cost(call, Cell(call[call_columns.cost]));
}

}  // namespace trunkline::warehouse::store
