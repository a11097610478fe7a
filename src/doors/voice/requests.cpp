#include "doors/voice/requests.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/core.h>

#include "base/json/parse.hpp"
#include "base/json/shape.hpp"
#include "base/json/write.hpp"
#include "base/region.hpp"
#include "base/text.hpp"
#include "doors/voice/errors.hpp"
#include "net/message.hpp"

namespace trunkline::doors::voice {
namespace {

constexpr std::size_t metadata_bytes_max = 16UL * 1024;

struct WireTool {
  std::string name;
  std::string description;
  json::Value input_schema;
  std::optional<json::Value> output_schema;
  std::optional<std::int64_t> timeout_ms;
  std::optional<double> timeout_seconds;
};

struct WireWebhooks {
  std::string webhook_url;
  std::string tool_webhook_url;
};

// Absent and empty mean the same for optional texts: published clients leave empty ones out.
struct WireCall {
  std::string to;
  std::string task;
  std::string country;
  std::string locale;
  std::string instructions;
  std::int64_t max_duration_seconds = calls::default_max_duration_seconds;
  std::string voice;
  std::string agent_name;
  std::string caller_name;
  std::optional<json::Value> metadata;
  std::vector<WireTool> tools;
  WireWebhooks webhooks;
  std::string end_user_id;
};

const json::Shape<WireTool>& tool_shape() {
  static const json::Shape<WireTool> shape(
      "ToolDefinition", "A tool that agents may use during calls.",
      {json::required("name", &WireTool::name, "What the agent calls it.", json::text(1, 64)),
       json::required("description", &WireTool::description, "When to use it and what it does.",
                      json::text(0, 2000)),
       json::required("input_schema", &WireTool::input_schema, "JSON Schema of its arguments.",
                      json::any_object()),
       json::optional("output_schema", &WireTool::output_schema, "JSON Schema of its result.",
                      json::any_object()),
       json::optional("timeout_ms", &WireTool::timeout_ms, "How long to wait for its answer; 1000 to 120000.",
                      json::integer()),
       json::optional("timeout_seconds", &WireTool::timeout_seconds, "The same in seconds; timeout_ms wins.",
                      json::number(-1e9, 1e9))});
  return shape;
}

const json::Shape<WireWebhooks>& webhooks_shape() {
  static const json::Shape<WireWebhooks> shape(
      "CallWebhooks", "Where this call's events and tool calls go, instead of the project's setting.",
      {json::optional("webhook_url", &WireWebhooks::webhook_url, "For events.", json::text(0, 2048)),
       json::optional("tool_webhook_url", &WireWebhooks::tool_webhook_url, "For tool calls.",
                      json::text(0, 2048))});
  return shape;
}

const json::Shape<WireCall>& call_shape() {
  static const json::Shape<WireCall> shape(
      "CreateCall", "A call to place.",
      {json::required("to", &WireCall::to, "Destination, E.164, e.g. +12025550101.", json::text(0, 64)),
       json::required("task", &WireCall::task, "What the call is to achieve.", json::text(1, 4000)),
       json::optional("country", &WireCall::country, "ISO 3166-1 alpha-2; else taken from the number.",
                      json::text(0, 64)),
       json::optional("locale", &WireCall::locale, "Language of the call, e.g. en-US.", json::text(0, 35)),
       json::optional("instructions", &WireCall::instructions, "Further guidance for the agent.",
                      json::text(0, 16'000)),
       json::optional("max_duration_seconds", &WireCall::max_duration_seconds,
                      "Ends the call at the latest then.", json::integer(1, calls::longest_duration_seconds)),
       json::optional("voice", &WireCall::voice, "male, female or auto.",
                      json::one_of({"male", "female", "auto", ""})),
       json::optional("agent_name", &WireCall::agent_name, "The name the agent introduces itself with.",
                      json::text(0, 200)),
       json::optional("caller_name", &WireCall::caller_name, "On whose behalf it calls.", json::text(0, 200)),
       json::optional("metadata", &WireCall::metadata, "Your own data, up to 16 KiB; sent along in events.",
                      json::any_object()),
       json::optional("tools", &WireCall::tools, "Tools of this call only.",
                      json::array_of(tool_shape(), calls::tools_per_call_max)),
       json::optional("webhooks", &WireCall::webhooks, "Where this call's events and tool calls go.",
                      webhooks_shape()),
       json::optional("end_user_id", &WireCall::end_user_id, "Your own user, for marketplaces.",
                      json::text(0, 200))});
  return shape;
}

std::unexpected<Error> refused(std::string_view field, std::string_view problem) {
  return fail(Error(error_codes::bad_parameter, fmt::format("{}: {}", field, problem))
                  .with_detail(fmt::format("/{}", field), std::string(problem)));
}

Result<calls::ToolDefinition> definition_of(const WireTool& wire) {
  calls::ToolDefinition definition{.name = wire.name,
                                   .description = wire.description,
                                   .input_schema = wire.input_schema,
                                   .output_schema = wire.output_schema.value_or(json::Value(json::Object()))};
  if (wire.timeout_ms) {
    definition.timeout_ms = *wire.timeout_ms;
  } else if (wire.timeout_seconds) {
    definition.timeout_ms = std::llround(*wire.timeout_seconds * 1000);
  }
  if (definition.timeout_ms < calls::tool_timeout_ms_min ||
      definition.timeout_ms > calls::tool_timeout_ms_max) {
    return refused("timeout_ms", "must be between 1000 and 120000");
  }
  return definition;
}

Result<std::string> checked_country(const std::string& given, const std::vector<std::string>& supported) {
  if (given.empty()) return given;
  std::string country = given;
  std::ranges::transform(country, country.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  if (country.size() != 2) return refused("country", "must be an ISO 3166-1 alpha-2 code such as US");
  const bool known = is_region(country);
  const bool offered = supported.empty() || std::ranges::find(supported, country) != supported.end();
  if (!known || !offered) {
    return fail(
        Error(calls::error_codes::unsupported_country, fmt::format("Calls to {} are not supported.", country))
            .with_detail("country", country));
  }
  return country;
}

// A whole number in a query; nothing when it is none.
std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// A plus sign that was not escaped arrives as a space: "…T09:15:04 02:00" means +02:00.
std::optional<Instant> query_instant(std::string text) {
  if (const auto instant = parse_instant(text)) return instant;
  const std::size_t space = text.rfind(' ');
  if (space == std::string::npos || space < 11) return std::nullopt;
  text[space] = '+';
  return parse_instant(text);
}

}  // namespace

Result<json::Value> read_object(std::string_view body) {
  Result<json::Value> value = json::parse(body);
  if (!value) return value;
  if (value->as_object() == nullptr) return refused("body", "must be a JSON object");
  return value;
}

Result<CallOrder> read_call_order(const json::Value& body, const net::UrlGuard& guard,
                                  const std::vector<std::string>& countries) {
  Result<WireCall> wire = call_shape().read(body);
  if (!wire) return fail(std::move(wire.error()));
  const Result<PhoneNumber> to = PhoneNumber::parse_e164(wire->to);
  if (!to) return fail(to.error());
  const Result<std::string> country = checked_country(wire->country, countries);
  if (!country) return fail(country.error());
  if (!countries.empty() && country->empty()) {
    if (const auto derived = checked_country(std::string(to->region()), countries); !derived)
      return fail(derived.error());
  }
  const std::string metadata = wire->metadata ? json::write(*wire->metadata) : "";
  if (metadata.size() > metadata_bytes_max) return refused("metadata", "is larger than 16 KiB");
  for (const auto& [field, url] :
       {std::pair<std::string_view, const std::string&>("webhooks/webhook_url", wire->webhooks.webhook_url),
        std::pair<std::string_view, const std::string&>("webhooks/tool_webhook_url",
                                                        wire->webhooks.tool_webhook_url)}) {
    if (url.empty()) continue;
    if (const auto checked = guard.check(url); !checked) return refused(field, checked.error().message());
  }
  CallOrder order{.request = {.to = *to,
                              .task = std::move(wire->task),
                              .instructions = std::move(wire->instructions),
                              .country = *country,
                              .locale = std::move(wire->locale),
                              .voice = std::move(wire->voice),
                              .agent_name = std::move(wire->agent_name),
                              .caller_name = std::move(wire->caller_name),
                              .metadata = metadata == "{}" ? "" : metadata,
                              .tools = "",
                              .webhook_url = std::move(wire->webhooks.webhook_url),
                              .tool_webhook_url = std::move(wire->webhooks.tool_webhook_url),
                              .end_user_id = std::move(wire->end_user_id),
                              .max_duration_seconds = wire->max_duration_seconds},
                  .tools = {}};
  for (const WireTool& tool : wire->tools) {
    Result<calls::ToolDefinition> definition = definition_of(tool);
    if (!definition) return fail(std::move(definition.error()));
    order.tools.push_back(std::move(*definition));
  }
  return order;
}

json::Value call_order_schema() {
  return call_shape().open_api();
}

Result<calls::ToolDefinition> read_tool_order(const json::Value& body) {
  const json::Value* wrapped = body.find("tool");
  const bool is_wrapped = wrapped != nullptr && wrapped->as_object() != nullptr;
  const Result<WireTool> wire = tool_shape().read(is_wrapped ? *wrapped : body);
  if (!wire) return fail(wire.error());
  return definition_of(*wire);
}

json::Value tool_order_schema() {
  return tool_shape().open_api();
}

Result<calls::CallFilter> read_call_filter(const net::Request& request) {
  constexpr std::int64_t limit_max = 100;
  calls::CallFilter filter;
  // Two generations of clients name it differently; the newer name wins.
  std::string status = request.query_parameter("status_filter").value_or("");
  if (status.empty()) status = request.query_parameter("status").value_or("");
  if (!status.empty()) {
    filter.status = calls::parse_status(status);
    if (!filter.status) {
      return refused("status_filter", "is one of queued, ringing, in_progress, completed, failed, cancelled");
    }
  }
  if (const auto limit = request.query_parameter("limit"); limit && !limit->empty()) {
    const auto number = whole_number(*limit);
    if (!number || *number < 0) return refused("limit", "must be a number from 0 to 100");
    filter.limit = std::min(*number, limit_max);
  }
  if (const auto offset = request.query_parameter("offset"); offset && !offset->empty()) {
    const auto number = whole_number(*offset);
    if (!number || *number < 0) return refused("offset", "must be a number that is not negative");
    filter.offset = *number;
  }
  for (const auto& [name, target] :
       {std::pair<std::string_view, std::optional<Instant>*>("start_date", &filter.since),
        std::pair<std::string_view, std::optional<Instant>*>("end_date", &filter.until)}) {
    const auto given = request.query_parameter(name);
    if (!given || given->empty()) continue;
    *target = query_instant(*given);
    if (!*target) return refused(name, "must be an ISO 8601 date or time such as 2026-03-02T09:15:04Z");
  }
  return filter;
}

}  // namespace trunkline::doors::voice
