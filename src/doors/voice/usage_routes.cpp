// GET /usage (contracts/voice-api.md, section 5).
#include "doors/voice/door.hpp"
#include "doors/voice/errors.hpp"
#include "doors/voice/render.hpp"

namespace trunkline::doors::voice {

void Door::add_usage_routes(net::Router& router) {
  add(router,
      {.method = net::Method::get,
       .path = "/api/b2b/v1/usage",
       .operation = "getUsage",
       .summary = "Connected calls and billed minutes of a UTC month.",
       .access = net::Access::api_key,
       .query = {{"period", "YYYY-MM; the current month unless given.", json::object({{"type", "string"}})}},
       .responses = {{200, "partner_id, project_id, period, call_count, api_minutes, quota.", {}},
                     {400, "The period is wrong (2001).", error_schema}}},
      [this](Caller& caller) { return read_usage(caller); });
}

Result<net::Response> Door::read_usage(Caller& caller) {
  Month month = month_of(context_.clock.now());
  if (const auto period = caller.request.query_parameter("period"); period && !period->empty()) {
    const auto given = parse_month(*period);
    if (!given) return fail(error_codes::bad_parameter, "period: must be a month such as 2026-03");
    month = *given;
  }
  const auto usage = context_.ledger.summary(caller.scope(), month);
  if (!usage) return fail(usage.error());
  std::string body;
  json::Writer writer(body);
  writer.begin_object().member("partner_id", caller.scope().account.text()).key("project_id");
  if (caller.scope().project.is_nil()) {
    writer.value(nullptr);
  } else {
    writer.value(caller.scope().project.text());
  }
  writer.member("period", to_text(month))
      .member("call_count", usage->call_count)
      .member("api_minutes", usage->minutes)
      .member("amount", usage->amount.amount.to_text(usage->amount.currency.minor_digits()))
      .member("currency", usage->amount.currency.code())
      .key("quota")
      .begin_object()
      .member("partner_limit", nullptr)
      .member("project_limit", nullptr)
      .end_object()
      .end_object();
  return net::json_response(200, std::move(body));
}

}  // namespace trunkline::doors::voice
