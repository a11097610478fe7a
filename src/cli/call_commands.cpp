// calls create, get, list, cancel, hangup, tail; usage.
#include <fmt/core.h>

#include "base/json/parse.hpp"
#include "cli/session.hpp"
#include "cli/transcript.hpp"
#include "doors/voice/render.hpp"
#include "doors/voice/requests.hpp"

namespace trunkline::cli {
namespace {

Result<CallId> call_argument(const Invocation& invocation) {
  const std::string text = invocation.argument("CALL");
  const auto id = CallId::parse(text);
  if (!id)
    return fail(error_codes::usage,
                fmt::format("CALL: '{}' is no call id; `trunkline calls list` shows them.", text));
  return *id;
}

json::Value call_json(const calls::CallDetail& detail) {
  return *json::parse(doors::voice::call_body(detail));
}

// The same body that the API takes, so that both check the same.
Result<json::Value> order_of(const Invocation& invocation) {
  json::Object body;
  const std::initializer_list<std::pair<std::string_view, std::string_view>> texts{
      {"--to", "to"},
      {"--task", "task"},
      {"--country", "country"},
      {"--locale", "locale"},
      {"--voice", "voice"},
      {"--instructions", "instructions"},
      {"--agent-name", "agent_name"},
      {"--caller-name", "caller_name"},
      {"--end-user-id", "end_user_id"}};
  for (const auto& [option, field] : texts) {
    if (const auto value = invocation.option(option)) body.set(std::string(field), *value);
  }
  if (invocation.option("--max-duration")) {
    const auto seconds = invocation.number("--max-duration", 0);
    if (!seconds) return fail(seconds.error());
    body.set("max_duration_seconds", *seconds);
  }
  if (const auto metadata = invocation.option("--metadata")) {
    Result<json::Value> value = json::parse(*metadata);
    if (!value) return value;
    body.set("metadata", std::move(*value));
  }
  json::Object webhooks;
  if (const auto url = invocation.option("--webhook-url")) webhooks.set("webhook_url", *url);
  if (const auto url = invocation.option("--tool-webhook-url")) webhooks.set("tool_webhook_url", *url);
  if (!webhooks.empty()) body.set("webhooks", std::move(webhooks));
  return body;
}

Result<void> create_call(Invocation& invocation) {
  const auto scope = scope_options(invocation);
  if (!scope) return fail(scope.error());
  const auto body = order_of(invocation);
  if (!body) return fail(body.error());
  const auto session = Session::open(invocation);
  if (!session) return fail(session.error());
  app::Domain& domain = (*session)->domain();
  if (const auto account = domain.accounts.find(scope->account); !account) return fail(account.error());
  auto order = doors::voice::read_call_order(*body, (*session)->worker->network().guard,
                                             invocation.settings().list("countries"));
  if (!order) return fail(std::move(order.error()));
  std::optional<calls::IdempotencyKey> key;
  if (const auto text = invocation.option("--idempotency-key"))
    key = {.key = *text, .request_body = json::write(*body)};
  const auto placed = domain.calls.place(*scope, std::move(order->request), key);
  if (!placed) return fail(placed.error());
  invocation.output().result(
      *json::parse(doors::voice::placed_body(placed->call)),
      fmt::format("{} is queued; a running server dials it.\nNext: trunkline calls tail --account {} {}",
                  placed->call.id.text(), scope->account.text(), placed->call.id.text()));
  return {};
}

Result<void> get_call(Invocation& invocation) {
  const auto scope = scope_options(invocation);
  if (!scope) return fail(scope.error());
  const auto id = call_argument(invocation);
  if (!id) return fail(id.error());
  const auto session = Session::open(invocation);
  if (!session) return fail(session.error());
  const auto detail = (*session)->domain().calls.find_with_transcript(*scope, *id);
  if (!detail) return fail(detail.error());
  invocation.output().result(call_json(*detail), describe_call(invocation.output(), *detail));
  return {};
}

Result<void> list_calls(Invocation& invocation) {
  const auto scope = scope_options(invocation);
  if (!scope) return fail(scope.error());
  calls::CallFilter filter;
  if (const auto status = invocation.option("--status")) {
    filter.status = calls::parse_status(*status);
    if (!filter.status)
      return fail(error_codes::usage,
                  "--status: is one of queued, ringing, in_progress, completed, failed, cancelled.");
  }
  const auto since = time_option(invocation, "--since");
  if (!since) return fail(since.error());
  const auto until = time_option(invocation, "--until");
  if (!until) return fail(until.error());
  const auto limit = invocation.number("--limit", 50);
  if (!limit) return fail(limit.error());
  filter.since = *since;
  filter.until = *until;
  filter.limit = *limit;
  const auto session = Session::open(invocation);
  if (!session) return fail(session.error());
  const auto page = (*session)->domain().calls.list(*scope, filter);
  if (!page) return fail(page.error());
  json::Array items;
  std::vector<std::vector<std::string>> rows{{"ID", "STATUS", "TO", "CREATED", "SECONDS", "REASON", "TASK"}};
  for (const calls::Call& call : page->calls) {
    std::string body;
    json::Writer writer(body);
    doors::voice::write_call(writer, call, nullptr);
    items.push_back(*json::parse(body));
    rows.push_back(
        {call.id.text(), std::string(calls::to_text(call.state.status)), std::string(call.request.to.text()),
         shown_time(to_microseconds(call.created_at)),
         call.state.started_at && call.state.ended_at ? fmt::format("{}", call.duration_seconds()) : "-",
         std::string(calls::to_text(call.state.reason)), call.request.task.substr(0, 40)});
  }
  invocation.output().result(json::object({{"items", std::move(items)}, {"total", page->total}}),
                             page->calls.empty() ? "No calls." : table(rows));
  return {};
}

Result<void> end_call(Invocation& invocation, bool cancel) {
  const auto scope = scope_options(invocation);
  if (!scope) return fail(scope.error());
  const auto id = call_argument(invocation);
  if (!id) return fail(id.error());
  const auto session = Session::open(invocation);
  if (!session) return fail(session.error());
  calls::Calls& service = (*session)->domain().calls;
  const auto detail = cancel ? service.cancel(*scope, *id) : service.hang_up(*scope, *id);
  if (!detail) return fail(detail.error());
  invocation.output().result(call_json(*detail),
                             fmt::format("{} is {}.", id->text(), calls::to_text(detail->call.state.status)));
  return {};
}

Result<void> tail_call(Invocation& invocation) {
  const auto scope = scope_options(invocation);
  if (!scope) return fail(scope.error());
  const auto id = call_argument(invocation);
  if (!id) return fail(id.error());
  const auto session = Session::open(invocation);
  if (!session) return fail(session.error());
  return follow_call(invocation.output(), (*session)->domain().calls, *scope, *id, hours(2));
}

Result<void> show_usage(Invocation& invocation) {
  const auto scope = scope_options(invocation);
  if (!scope) return fail(scope.error());
  const auto session = Session::open(invocation);
  if (!session) return fail(session.error());
  const std::string period =
      invocation.option("--period").value_or(to_text(month_of((*session)->installation->clock.now())));
  const auto month = parse_month(period);
  if (!month) return fail(error_codes::usage, "--period: is a month such as 2026-03.");
  const auto usage = (*session)->domain().ledger.summary(*scope, *month);
  if (!usage) return fail(usage.error());
  invocation.output().result(json::object({{"period", period},
                                           {"call_count", usage->call_count},
                                           {"api_minutes", usage->minutes},
                                           {"amount", usage->amount.amount.to_text(2)},
                                           {"currency", usage->amount.currency.code()}}),
                             fmt::format("{}: {} connected calls, {} minutes, {}", period, usage->call_count,
                                         usage->minutes, usage->amount.to_text()));
  return {};
}

}  // namespace

std::vector<Command> call_commands() {
  const auto text = [](std::string name, std::string placeholder, std::string meaning,
                       bool required = false) {
    return Option{.name = std::move(name),
                  .placeholder = std::move(placeholder),
                  .meaning = std::move(meaning),
                  .required = required};
  };
  const Positional call{.name = "CALL", .meaning = "The call's id, call_…"};
  return {
      {.path = {"calls", "create"},
       .summary = "Places a call; a running server dials it",
       .examples =
           {"trunkline calls create --account prt_… --to +12025550101 --task \"Ask for the opening hours\""},
       .options = {account_required(), project_optional(), text("--to", "NUMBER", "Destination, E.164", true),
                   text("--task", "TEXT", "What the call is to achieve", true),
                   text("--instructions", "TEXT", "Further guidance"),
                   text("--agent-name", "NAME", "The name the agent introduces itself with"),
                   text("--caller-name", "NAME", "On whose behalf it calls"),
                   text("--country", "CODE", "ISO 3166-1 alpha-2"),
                   text("--locale", "TAG", "Language, e.g. en-US"),
                   text("--voice", "VOICE", "male, female or auto"),
                   text("--max-duration", "SECONDS", "1 to 3600; 299 unless given"),
                   text("--metadata", "JSON", "Your own data"), text("--end-user-id", "ID", "Your own user"),
                   text("--webhook-url", "URL", "For this call's events"),
                   text("--tool-webhook-url", "URL", "For this call's tool calls"),
                   text("--idempotency-key", "KEY", "The same key places one call only")},
       .run = create_call},
      {.path = {"calls", "get"},
       .summary = "Shows a call with its transcript and bill",
       .examples = {"trunkline calls get --account prt_… call_…"},
       .options = {account_required(), project_optional()},
       .positionals = {call},
       .run = get_call},
      {.path = {"calls", "list"},
       .summary = "Shows calls, newest first",
       .examples = {"trunkline calls list --account prt_… --status failed --since 2026-03-01"},
       .options = {account_required(), project_optional(),
                   text("--status", "STATUS", "Only calls of this status"),
                   text("--since", "TIME", "Created at or after"), text("--until", "TIME", "Created before"),
                   text("--limit", "N", "At most so many; 50 unless given")},
       .run = list_calls},
      {.path = {"calls", "cancel"},
       .summary = "Ends a call as cancelled",
       .examples = {"trunkline calls cancel --account prt_… call_…"},
       .options = {account_required(), project_optional()},
       .positionals = {call},
       .run = [](Invocation& invocation) { return end_call(invocation, true); }},
      {.path = {"calls", "hangup"},
       .summary = "Hangs a call up",
       .examples = {"trunkline calls hangup --account prt_… call_…"},
       .options = {account_required(), project_optional()},
       .positionals = {call},
       .run = [](Invocation& invocation) { return end_call(invocation, false); }},
      {.path = {"calls", "tail"},
       .summary = "Follows a call until it has ended",
       .examples = {"trunkline calls tail --account prt_… call_…"},
       .options = {account_required(), project_optional()},
       .positionals = {call},
       .run = tail_call},
      {.path = {"usage"},
       .summary = "Connected calls and billed minutes of a month",
       .examples = {"trunkline usage --account prt_… --period 2026-03"},
       .options = {account_required(), project_optional(),
                   text("--period", "YYYY-MM", "The current month unless given")},
       .run = show_usage},
  };
}

}  // namespace trunkline::cli
