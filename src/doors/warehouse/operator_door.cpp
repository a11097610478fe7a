#include "doors/warehouse/operator_door.hpp"

#include <fmt/core.h>

#include "base/crypto/compare.hpp"
#include "base/json/write.hpp"
#include "base/text.hpp"

namespace trunkline::doors::warehouse {
namespace {

using trunkline::warehouse::Provider;

constexpr std::string_view operator_door_name = "telco";
constexpr std::size_t rate_keys_max = 100'000;
constexpr std::int64_t log_lines_default = 100;
constexpr std::int64_t log_lines_max = 1000;

json::Value text_schema(std::string_view format) {
  json::Object schema{{"type", "string"}};
  if (!format.empty()) schema.set("format", format);
  return schema;
}

std::unexpected<Error> invalid(std::string message) {
  return fail(trunkline::error_codes::invalid_argument, std::move(message));
}

// A time in the query; nothing when there is none.
Result<std::optional<Instant>> time_in(const net::Request& request, std::string_view name) {
  const auto text = request.query_parameter(name);
  if (!text || text->empty()) return std::nullopt;
  const auto instant = parse_instant(*text);
  if (!instant) return invalid(fmt::format("{}: must be a time such as 2026-05-01T00:00:00Z.", name));
  return instant;
}

net::Route route(std::string_view path, std::string_view operation, std::string_view summary,
                 std::vector<net::QueryParameter> query) {
  return {.method = net::Method::get,
          .path = path,
          .door = operator_door_name,
          .operation = operation,
          .summary = summary,
          .access = net::Access::operator_token,
          .priority = net::Priority::background,
          .query = std::move(query),
          .responses = {{200, "What the command prints with --json.", {}}}};
}

}  // namespace

// Control C10: 20 wrong tokens a minute from an address.
OperatorDoor::OperatorDoor(OperatorContext context)
    : context_(std::move(context)), failures_(20, 20 / 60.0, rate_keys_max) {}

void OperatorDoor::add_to(net::Router& router) {
  router.add(net::Door{.name = operator_door_name,
                       .prefix = "/api/telco",
                       .description = "For the operator: the state of the telecom warehouse.",
                       .render_error = [](const Error& error, const net::Request& request) {
                         return net::problem_response(error, request.id);
                       }});
  const net::QueryParameter provider{"provider", "zadarma, telnyx or retell; else all.", text_schema("")};
  const net::QueryParameter account{"account", "One of its accounts; else all.", text_schema("")};
  add(router,
      route("/api/telco/status", "telcoStatus", "Each feed: last run, watermark, freshness, last error",
            {provider, account}),
      &OperatorDoor::status);
  add(router,
      route("/api/telco/coverage", "telcoCoverage", "Which time and which lists are proven complete",
            {provider,
             account,
             {"from", "Only from here on.", text_schema("date-time")},
             {"to", "Only before.", text_schema("date-time")}}),
      &OperatorDoor::coverage);
  add(router,
      route("/api/telco/reports/costs", "telcoCosts", "What calls and numbers cost, by month",
            {{"month", "2026-05; else the last twelve months.", text_schema("")}}),
      &OperatorDoor::costs);
  add(router,
      route("/api/telco/sync-log", "telcoSyncLog", "The last runs of the sync, the newest first",
            {{"limit", "How many, 1 to 1000; 100.",
              json::object({{"type", "integer"}, {"minimum", 1}, {"maximum", log_lines_max}})}}),
      &OperatorDoor::sync_log);
}

void OperatorDoor::add(net::Router& router, net::Route route, Answer answer) {
  route.handler = [this, answer](net::Request& request) {
    if (const auto admitted = admit(request); !admitted)
      return net::problem_response(admitted.error(), request.id);
    const Result<json::Value> value = (this->*answer)(request);
    return value ? net::json_response(200, json::write(*value))
                 : net::problem_response(value.error(), request.id);
  };
  router.add(std::move(route));
}

Result<void> OperatorDoor::admit(const net::Request& request) {
  if (context_.token.empty()) {
    return fail(error_codes::operator_token_unset,
                "This is shut: set operator_token (TRUNKLINE_OPERATOR_TOKEN) to open it to the operator.");
  }
  constexpr std::string_view scheme = "Bearer ";
  const auto authorization = request.headers.find("Authorization");
  const bool is_given = authorization && authorization->size() > scheme.size() &&
                        equal_ignoring_case(authorization->substr(0, scheme.size()), scheme);
  if (is_given &&
      crypto::equal_in_constant_time(trim(authorization->substr(scheme.size())), context_.token.reveal()))
    return {};
  const auto verdict = failures_.take(request.remote_address, context_.clock.now());
  if (!verdict.admitted) {
    return fail(Error(error_codes::too_many_tries, "Too many tries; wait a little.").after(verdict.wait));
  }
  if (!is_given) {
    return fail(error_codes::operator_token_missing,
                "The operator's token is required: send it as `Authorization: Bearer …`.");
  }
  return fail(error_codes::operator_token_wrong,
              "That is not the operator's token. API keys do not open this.");
}

namespace {

// The accounts that the query leaves.
Result<std::vector<Provider*>> chosen(const std::vector<Provider*>& all, const net::Request& request) {
  const std::string provider = request.query_parameter("provider").value_or("");
  const std::string account = request.query_parameter("account").value_or("");
  std::vector<Provider*> left;
  for (Provider* each : all) {
    if (!provider.empty() && each->account().provider != provider) continue;
    if (!account.empty() && each->account().account != account) continue;
    left.push_back(each);
  }
  if (left.empty())
    return fail(trunkline::error_codes::not_found, "No such account of a provider is configured here.");
  return left;
}

}  // namespace

Result<json::Value> OperatorDoor::status(const net::Request& request) {
  const auto providers = chosen(context_.providers(), request);
  if (!providers) return fail(providers.error());
  return trunkline::warehouse::sync::status_report(context_.database, *providers, context_.clock.now());
}

Result<json::Value> OperatorDoor::coverage(const net::Request& request) {
  const auto providers = chosen(context_.providers(), request);
  if (!providers) return fail(providers.error());
  const auto from = time_in(request, "from");
  if (!from) return fail(from.error());
  const auto to = time_in(request, "to");
  if (!to) return fail(to.error());
  if (*from && *to && **from >= **to) return invalid("from: must be before to.");
  const auto report = trunkline::warehouse::sync::coverage_report(context_.database, *providers, *from, *to);
  if (!report) return fail(report.error());
  return to_json(*report);
}

Result<json::Value> OperatorDoor::costs(const net::Request& request) {
  const std::string month = request.query_parameter("month").value_or("");
  if (!month.empty() && !parse_month(month))
    return invalid(fmt::format("month: '{}' is no month; write 2026-05.", month));
  const auto costs = trunkline::warehouse::sync::month_costs(context_.database, month, context_.clock.now());
  if (!costs) return fail(costs.error());
  return to_json(*costs);
}

Result<json::Value> OperatorDoor::sync_log(const net::Request& request) {
  const auto text = request.query_parameter("limit");
  const auto limit = text ? parse_integer(*text) : std::optional(log_lines_default);
  if (!limit || *limit < 1 || *limit > log_lines_max)
    return invalid(fmt::format("limit: must be a number from 1 to {}.", log_lines_max));
  return trunkline::warehouse::sync::log_report(context_.database, *limit);
}

}  // namespace trunkline::doors::warehouse
