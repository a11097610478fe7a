// webhooks endpoint set and show, list, attempts, replay.
#include <fmt/core.h>

#include "cli/session.hpp"

namespace trunkline::cli {
namespace {

json::Value endpoint_json(const webhooks::Endpoint& endpoint, bool reveal) {
  return json::object(
      {{"account_id", endpoint.account.text()},
       {"project_id", endpoint.project.is_nil() ? json::Value() : json::Value(endpoint.project.text())},
       {"url", endpoint.url},
       {"tool_url", endpoint.tool_url},
       {"secret", reveal ? json::Value(endpoint.secret) : json::Value("hidden")},
       {"style", webhooks::to_text(endpoint.style)},
       {"failing_since", format_rfc3339(endpoint.failing_since)},
       {"disabled_at", format_rfc3339(endpoint.disabled_at)}});
}

std::string endpoint_text(const webhooks::Endpoint& endpoint, bool reveal) {
  return table(
      {{"events to", endpoint.url.empty() ? "nowhere" : endpoint.url},
       {"tool calls to", endpoint.tool_url.empty() ? "nowhere" : endpoint.tool_url},
       {"secret", reveal ? endpoint.secret : "hidden; --reveal shows it"},
       {"style", std::string(webhooks::to_text(endpoint.style))},
       {"state", endpoint.disabled_at ? "disabled: gone, or failing for five days; set it again to enable it"
                 : endpoint.failing_since ? "failing since " + format_rfc3339(*endpoint.failing_since)
                                          : "well"}});
}

Result<void> set_endpoint(Invocation& invocation) {
  const auto scope = scope_options(invocation);
  if (!scope) return fail(scope.error());
  webhooks::EndpointChange change{.url = invocation.option("--url"),
                                  .tool_url = invocation.option("--tool-url"),
                                  .secret = invocation.option("--secret")};
  if (const auto style = invocation.option("--style")) {
    change.style = webhooks::parse_style(*style);
    if (!change.style) return fail(error_codes::usage, "--style: is one of compact, spaced, utf8.");
  }
  const auto session = Session::open(invocation);
  if (!session) return fail(session.error());
  app::Domain& domain = (*session)->domain();
  if (const auto account = domain.accounts.find(scope->account); !account) return fail(account.error());
  const auto endpoint = domain.endpoints.set(*scope, change);
  if (!endpoint) return fail(endpoint.error());
  invocation.output().result(endpoint_json(*endpoint, true), endpoint_text(*endpoint, true));
  return {};
}

Result<void> show_endpoint(Invocation& invocation) {
  const auto scope = scope_options(invocation);
  if (!scope) return fail(scope.error());
  const auto session = Session::open(invocation);
  if (!session) return fail(session.error());
  const auto endpoint = (*session)->domain().endpoints.find(*scope);
  if (!endpoint) return fail(endpoint.error());
  const bool reveal = invocation.flag("--reveal");
  invocation.output().result(endpoint_json(*endpoint, reveal), endpoint_text(*endpoint, reveal));
  return {};
}

Result<webhooks::MessageFilter> filter_of(const Invocation& invocation) {
  webhooks::MessageFilter filter;
  if (const auto text = invocation.option("--call")) {
    const auto call = CallId::parse(*text);
    if (!call) return fail(error_codes::usage, fmt::format("--call: '{}' is no call id.", *text));
    filter.subject = call->uuid();
  }
  filter.event = invocation.option("--event").value_or("");
  if (const auto text = invocation.option("--status")) {
    filter.status = webhooks::parse_message_status(*text);
    if (!filter.status)
      return fail(error_codes::usage, "--status: is one of pending, delivered, failed, held.");
  }
  const auto since = time_option(invocation, "--since");
  if (!since) return fail(since.error());
  const auto until = time_option(invocation, "--until");
  if (!until) return fail(until.error());
  const auto limit = invocation.number("--limit", 100);
  if (!limit) return fail(limit.error());
  filter.since = *since;
  filter.until = *until;
  filter.limit = *limit;
  return filter;
}

Result<void> list_messages(Invocation& invocation) {
  const auto scope = scope_options(invocation);
  if (!scope) return fail(scope.error());
  const auto filter = filter_of(invocation);
  if (!filter) return fail(filter.error());
  const auto session = Session::open(invocation);
  if (!session) return fail(session.error());
  const auto messages = (*session)->domain().messages.list(*scope, *filter);
  if (!messages) return fail(messages.error());
  json::Array values;
  std::vector<std::vector<std::string>> rows{{"ID", "EVENT", "STATUS", "TRIES", "CREATED", "CALL", "URL"}};
  for (const webhooks::Message& message : *messages) {
    const std::string call = CallId(message.subject).text();
    values.push_back(json::object({{"id", message.id.text()},
                                   {"event", message.event},
                                   {"status", webhooks::to_text(message.status)},
                                   {"attempts", message.attempts},
                                   {"created_at", format_rfc3339(message.created_at)},
                                   {"call_id", call},
                                   {"url", message.url},
                                   {"body", message.body}}));
    rows.push_back({message.id.text(), message.event, std::string(webhooks::to_text(message.status)),
                    fmt::format("{}", message.attempts), shown_time(to_microseconds(message.created_at)),
                    call, message.url});
  }
  invocation.output().result(values, messages->empty() ? "No webhook messages." : table(rows));
  return {};
}

Result<webhooks::MessageId> message_argument(const Invocation& invocation) {
  const std::string text = invocation.argument("MESSAGE");
  const auto id = webhooks::MessageId::parse(text);
  if (!id)
    return fail(error_codes::usage,
                fmt::format("MESSAGE: '{}' is no message id; `trunkline webhooks list` shows them.", text));
  return *id;
}

Result<void> list_attempts(Invocation& invocation) {
  const auto scope = scope_options(invocation);
  if (!scope) return fail(scope.error());
  const auto id = message_argument(invocation);
  if (!id) return fail(id.error());
  const auto session = Session::open(invocation);
  if (!session) return fail(session.error());
  const auto attempts = (*session)->domain().messages.attempts(*scope, *id);
  if (!attempts) return fail(attempts.error());
  json::Array values;
  std::vector<std::vector<std::string>> rows{{"TRY", "AT", "TOOK", "STATUS", "PROBLEM", "ANSWER"}};
  for (const webhooks::Attempt& attempt : *attempts) {
    values.push_back(json::object({{"attempt", attempt.number},
                                   {"started_at", format_rfc3339(attempt.started_at)},
                                   {"duration_us", attempt.duration.count()},
                                   {"status", attempt.status},
                                   {"error", attempt.error},
                                   {"response", attempt.response}}));
    rows.push_back({fmt::format("{}", attempt.number), shown_time(to_microseconds(attempt.started_at)),
                    format_duration(attempt.duration),
                    attempt.status == 0 ? "-" : fmt::format("{}", attempt.status),
                    attempt.error.empty() ? "-" : attempt.error, attempt.response.substr(0, 60)});
  }
  invocation.output().result(values, attempts->empty() ? "Not tried yet." : table(rows));
  return {};
}

Result<void> replay(Invocation& invocation) {
  const auto scope = scope_options(invocation);
  if (!scope) return fail(scope.error());
  const auto session = Session::open(invocation);
  if (!session) return fail(session.error());
  webhooks::Messages& messages = (*session)->domain().messages;
  std::int64_t count = 0;
  const auto ids = invocation.options("MESSAGE");
  if (!ids.empty()) {
    for (const std::string& text : ids) {
      const auto id = webhooks::MessageId::parse(text);
      if (!id) return fail(error_codes::usage, fmt::format("MESSAGE: '{}' is no message id.", text));
      if (const auto sent = messages.replay(*scope, *id); !sent) return fail(sent.error());
      ++count;
    }
  } else {
    auto filter = filter_of(invocation);
    if (!filter) return fail(filter.error());
    const bool selects =
        filter->subject || !filter->event.empty() || filter->status || filter->since || filter->until;
    if (!selects) {
      return fail(error_codes::usage,
                  "Say what to send again: a MESSAGE, or --call, --event, --status, --since, --until.");
    }
    if (!invocation.option("--limit")) filter->limit = 100'000;
    const auto sent = messages.replay(*scope, *filter);
    if (!sent) return fail(sent.error());
    count = *sent;
  }
  invocation.output().result(json::object({{"replayed", count}}),
                             fmt::format("{} message{} on the way again; a running server sends them.", count,
                                         count == 1 ? "" : "s"));
  return {};
}

}  // namespace

std::vector<Command> webhook_commands() {
  const auto text = [](std::string name, std::string placeholder, std::string meaning) {
    return Option{
        .name = std::move(name), .placeholder = std::move(placeholder), .meaning = std::move(meaning)};
  };
  const std::vector<Option> selection{account_required(),
                                      project_optional(),
                                      text("--call", "ID", "Of this call"),
                                      text("--event", "NAME", "Of this kind, e.g. call.completed"),
                                      text("--status", "STATUS", "pending, delivered, failed or held"),
                                      text("--since", "TIME", "Made at or after"),
                                      text("--until", "TIME", "Made before"),
                                      text("--limit", "N", "At most so many")};
  return {
      {.path = {"webhooks", "endpoint", "set"},
       .summary = "Sets where events and tool calls go; enables a disabled endpoint",
       .examples =
           {"trunkline webhooks endpoint set --account prt_… --url https://example.com/hooks --tool-url "
            "https://example.com/tools --secret whsec_…"},
       .options = {account_required(), project_optional(), text("--url", "URL", "For events; \"\" for none"),
                   text("--tool-url", "URL", "For tool calls; \"\" for none"),
                   text("--secret", "SECRET", "Signs both; the one before stays valid for a day"),
                   text("--style", "STYLE", "compact (default), spaced or utf8")},
       .run = set_endpoint},
      {.path = {"webhooks", "endpoint", "show"},
       .summary = "Shows where events and tool calls go",
       .examples = {"trunkline webhooks endpoint show --account prt_… --reveal"},
       .options = {account_required(), project_optional(), text("--reveal", "", "Show the secret")},
       .run = show_endpoint},
      {.path = {"webhooks", "list"},
       .summary = "Shows webhook messages, newest first",
       .examples = {"trunkline webhooks list --account prt_… --status failed --since 2026-03-01"},
       .options = selection,
       .run = list_messages},
      {.path = {"webhooks", "attempts"},
       .summary = "Shows every try of a message",
       .examples = {"trunkline webhooks attempts --account prt_… msg_…"},
       .options = {account_required(), project_optional()},
       .positionals = {{.name = "MESSAGE", .meaning = "The message's id, msg_…"}},
       .run = list_attempts},
      {.path = {"webhooks", "replay"},
       .summary = "Sends again: one message, a selection, or a range of time",
       .examples = {"trunkline webhooks replay --account prt_… msg_…",
                    "trunkline webhooks replay --account prt_… --status failed --since 2026-03-01"},
       .options = selection,
       .positionals = {{.name = "MESSAGE", .meaning = "A message's id, msg_…", .required = false}},
       .run = replay},
  };
}

}  // namespace trunkline::cli
