#include "fakes/retell/filter.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace trunkline::fakes::retell {
namespace {

constexpr std::array<std::string_view, 25> known_fields{"agent",
                                                        "agent_tag",
                                                        "batch_call_id",
                                                        "call_id",
                                                        "call_status",
                                                        "call_successful",
                                                        "call_type",
                                                        "combined_cost",
                                                        "custom_analysis_data",
                                                        "custom_attributes",
                                                        "data_storage_setting",
                                                        "direction",
                                                        "disconnection_reason",
                                                        "duration_ms",
                                                        "dynamic_variables",
                                                        "e2e_latency_p50",
                                                        "end_timestamp",
                                                        "from_number",
                                                        "in_voicemail",
                                                        "metadata",
                                                        "start_timestamp",
                                                        "to_number",
                                                        "tool_calls",
                                                        "user_sentiment",
                                                        "transfer_destination"};

std::string_view text_in(const json::Value& value, std::string_view key) {
  const json::Value* member = value.find(key);
  return member == nullptr || member->as_text() == nullptr ? std::string_view()
                                                           : std::string_view(*member->as_text());
}

Instant of_ms(std::int64_t milliseconds_since) {
  return from_microseconds(milliseconds_since * 1000);
}

Result<void> narrow(CallFilter& filter, const json::Value& condition) {
  const json::Value* value = condition.find("value");
  const std::string_view op = text_in(condition, "op");
  if (text_in(condition, "type") == "range") {
    const json::Array* bounds = value == nullptr ? nullptr : value->as_array();
    if (bounds == nullptr || bounds->size() != 2 || !(*bounds)[0].as_integer() || !(*bounds)[1].as_integer())
      return fail(error_codes::invalid_argument, "a range has two numbers");
    filter.from = std::max(filter.from, of_ms(*(*bounds)[0].as_integer()));
    filter.to = std::min(filter.to, of_ms(*(*bounds)[1].as_integer()));
    return {};
  }
  if (text_in(condition, "type") != "number" || value == nullptr || !value->as_integer())
    return fail(error_codes::invalid_argument, "start_timestamp takes a range or a number");
  const Instant at = of_ms(*value->as_integer());
  if (op == "ge" || op == "gt") filter.from = std::max(filter.from, op == "ge" ? at : at + milliseconds(1));
  if (op == "le" || op == "lt") filter.to = std::min(filter.to, op == "le" ? at : at - milliseconds(1));
  return {};
}

bool is_one_of(const json::Value* value, const json::Array& wanted) {
  return value != nullptr && std::ranges::find(wanted, *value) != wanted.end();
}

bool condition_holds(const json::Value& condition, const json::Value* actual) {
  const std::string_view type = text_in(condition, "type");
  const std::string_view op = text_in(condition, "op");
  const json::Value* value = condition.find("value");
  if (type == "present") return (actual != nullptr && !actual->is_null()) == (op == "pr");
  if (value == nullptr) return false;
  if (type == "enum" && value->as_array() != nullptr) return is_one_of(actual, *value->as_array());
  if (type == "boolean" || op == "eq") return actual != nullptr && *actual == *value;
  if (op == "ne") return actual == nullptr || *actual != *value;
  const std::string* text = actual == nullptr ? nullptr : actual->as_text();
  const std::string* wanted = value->as_text();
  if (text == nullptr || wanted == nullptr) return false;
  if (op == "sw") return text->starts_with(*wanted);
  if (op == "ew") return text->ends_with(*wanted);
  return text->find(*wanted) != std::string::npos;
}

bool agent_holds(const json::Array& wanted, const json::Value& call) {
  return std::ranges::any_of(wanted, [&](const json::Value& agent) {
    return text_in(agent, "agent_id") == text_in(call, "agent_id");
  });
}

}  // namespace

bool CallFilter::holds(const json::Value& call) const {
  return std::ranges::all_of(others, [&](const json::Member& member) {
    if (member.key == "agent") return agent_holds(*member.value.as_array(), call);
    return condition_holds(member.value, call.find(member.key));
  });
}

Result<CallFilter> parse_filter(const json::Value* criteria) {
  CallFilter filter;
  if (criteria == nullptr || criteria->as_object() == nullptr) return filter;
  for (const auto& [key, condition] : *criteria->as_object()) {
    if (std::ranges::find(known_fields, key) == known_fields.end())
      return fail(error_codes::invalid_argument, fmt::format("filter_criteria/{} is not known", key));
    if (key == "start_timestamp") {
      if (const Result<void> narrowed = narrow(filter, condition); !narrowed) return fail(narrowed.error());
      continue;
    }
    const bool is_list = condition.as_array() != nullptr;
    if (is_list != (key == "agent" || key == "metadata" || key == "tool_calls"))
      return fail(error_codes::invalid_argument, fmt::format("filter_criteria/{} has the wrong form", key));
    filter.others.set(key, condition);
  }
  return filter;
}

}  // namespace trunkline::fakes::retell
