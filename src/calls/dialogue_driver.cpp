#include "calls/dialogue_driver.hpp"

#include <algorithm>
#include <functional>

#include <fmt/core.h>

#include "base/backoff.hpp"
#include "base/failpoint.hpp"
#include "base/json/parse.hpp"
#include "base/json/write.hpp"
#include "base/log.hpp"
#include "calls/call_events.hpp"

namespace trunkline::calls {
namespace {

using tenancy::TenantScope;

dialogue::Party party_of(carriers::AnsweredBy answered_by) {
  switch (answered_by) {
    case carriers::AnsweredBy::person:
      return dialogue::Party::person;
    case carriers::AnsweredBy::machine:
      return dialogue::Party::machine;
    case carriers::AnsweredBy::unknown:
      break;
  }
  return dialogue::Party::unknown;
}

dialogue::ToolUse shown_to_agent(const ToolUse& use) {
  dialogue::ToolUse shown{
      .id = correlation_text(use.id), .name = use.name, .arguments = {}, .result = {}, .error = use.error};
  if (auto arguments = json::parse(use.arguments)) shown.arguments = std::move(*arguments);
  if (!use.result) return shown;
  if (auto result = json::parse(*use.result)) shown.result = std::move(*result);
  return shown;
}

std::string language_of(const Call& call) {
  return call.request.locale.empty() ? "en-US" : call.request.locale;
}

}  // namespace

DialogueDriver::DialogueDriver(DialogueContext context, DialogueBudget budget)
    : context_(context),
      budget_(budget),
      answer_time_(context.metrics.histogram(
          "trunkline_agent_answer_seconds",
          "From the other side's last word to the agent's reply being complete.")) {}

void DialogueDriver::answer(AccountId account, CallId id) {
  if (answering_.contains(id)) {
    asked_again_.insert(id);
    return;
  }
  answering_.insert(id);
  context_.loop.spawn("agent", [this, account, id] {
    do {
      asked_again_.erase(id);
      answer_until_settled(account, id);
    } while (asked_again_.contains(id));
    answering_.erase(id);
  });
}

// The other side waits, and nobody asks a second time: what fails for now, as the database does that is away
// for a minute, is tried until it is done or the call has ended.
void DialogueDriver::answer_until_settled(AccountId account, CallId id) {
  Backoff pauses(milliseconds(100), seconds(2));
  for (std::size_t replies = 0; replies < budget_.replies_per_turn;) {
    const Result<Next> next = answer_once(account, id);
    if (next && *next == Next::listen) return;
    if (next) {
      ++replies;
      continue;
    }
    log::warning("the agent could not answer", {{"call", id}, {"error", next.error()}});
    if (!next.error().may_pass()) return;
    runtime::sleep_for(pauses.next());
  }
}

Result<DialogueDriver::Next> DialogueDriver::answer_once(AccountId account, CallId id) {
  Result<Scene> scene = load(account, id);
  if (!scene) return fail(std::move(scene.error()));
  if (scene->call.state.status != Status::in_progress || scene->entries.empty()) return Next::listen;
  switch (scene->entries.back().kind) {
    case EntryKind::agent:
    case EntryKind::keys:
      // It was decided and written down; whether the carrier heard it is not known. It knows what it has
      // heard.
      if (const auto spoken = speak_again(*scene); !spoken) return fail(spoken.error());
      return Next::listen;
    case EntryKind::tool:
      if (const auto given_up = give_up_interrupted_tools(*scene); !given_up) return fail(given_up.error());
      break;
    case EntryKind::user:
    case EntryKind::silence:
      break;
  }
  return reply(*scene);
}

Result<DialogueDriver::Scene> DialogueDriver::load(AccountId account, CallId id) {
  Scene scene{.scope = {.account = account}, .call = {}, .entries = {}, .tool_uses = {}, .tools = {}};
  Result<store::CallWithEntries> found = store::find_with_entries(context_.database, scene.scope, id);
  if (!found) return fail(std::move(found.error()));
  scene.call = std::move(found->call);
  scene.entries = std::move(found->entries);
  if (std::ranges::any_of(scene.entries, [](const Entry& entry) { return entry.kind == EntryKind::tool; })) {
    Result<std::vector<ToolUse>> uses = store::tool_uses(context_.database, scene.scope, id);
    if (!uses) return fail(std::move(uses.error()));
    scene.tool_uses = std::move(*uses);
  }
  Result<std::vector<ToolDefinition>> tools = context_.tools.of_call(scene.scope, scene.call);
  if (!tools) return fail(std::move(tools.error()));
  scene.tools = std::move(*tools);
  return scene;
}

// What the call's clock shows during the agent's turn. Every carrier's clock keeps the wall's pace then
// (docs/decisions/0010-call-time-and-wall-time.md).
Instant DialogueDriver::call_time(const Call& call) const {
  const Instant now = context_.clock.now();
  return call.event_at ? *call.event_at + (now - *call.event_received_at) : now;
}

dialogue::Conversation DialogueDriver::conversation_of(const Scene& scene) const {
  const Call& call = scene.call;
  dialogue::Conversation conversation{.brief = {.task = call.request.task,
                                                .instructions = call.request.instructions,
                                                .agent_name = call.request.agent_name,
                                                .caller_name = call.request.caller_name,
                                                .locale = call.request.locale,
                                                .voice = call.request.voice},
                                      .answered_by = party_of(call.state.answered_by),
                                      .history = {},
                                      .tools = {},
                                      .time_left = Duration::zero()};
  for (const Entry& entry : scene.entries) {
    switch (entry.kind) {
      case EntryKind::agent:
        conversation.history.emplace_back(dialogue::Utterance{dialogue::Speaker::agent, entry.text});
        break;
      case EntryKind::user:
        conversation.history.emplace_back(dialogue::Utterance{dialogue::Speaker::callee, entry.text});
        break;
      case EntryKind::keys:
        conversation.history.emplace_back(dialogue::KeyPress{entry.text});
        break;
      case EntryKind::silence:
        conversation.history.emplace_back(dialogue::Silence{});
        break;
      case EntryKind::tool: {
        const auto use = std::ranges::find(scene.tool_uses, entry.text,
                                           [](const ToolUse& each) { return to_text(each.id); });
        if (use != scene.tool_uses.end()) conversation.history.emplace_back(shown_to_agent(*use));
        break;
      }
    }
  }
  if (scene.tool_uses.size() < budget_.tool_calls) {
    for (const ToolDefinition& tool : scene.tools) {
      conversation.tools.push_back(
          {.name = tool.name, .description = tool.description, .input_schema = tool.input_schema});
    }
  }
  if (call.state.started_at) {
    conversation.time_left =
        *call.state.started_at + seconds(call.request.max_duration_seconds) - call_time(call);
  }
  return conversation;
}

carriers::Leg DialogueDriver::leg_of(const Scene& scene) const {
  return {
      .account = scene.scope.account, .call = scene.call.id, .provider_call_id = scene.call.provider_call_id};
}

Result<DialogueDriver::Next> DialogueDriver::reply(Scene& scene) {
  const auto started = std::chrono::steady_clock::now();
  Speaker speaker(context_.carrier, leg_of(scene), scene.call.entries + 1, language_of(scene.call),
                  scene.call.request.voice);
  const dialogue::SentenceSink sink{.say = [&](std::string_view sentence) { speaker.say(sentence); },
                                    .fill = [&](std::string_view filler) { speaker.say(filler); }};
  const Result<dialogue::Reply> reply = context_.responder.respond(conversation_of(scene), sink);
  if (!reply) return fail(reply.error());
  answer_time_.observe(std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - started));
  std::optional<ToolUse> use;
  if (reply->tool) use = intended_use(*reply->tool);
  if (const auto written = write_down(scene, *reply, speaker.spoken(), use); !written)
    return fail(written.error());
  if (scene.call.state.status != Status::in_progress) return Next::listen;
  TRUNKLINE_FAIL_POINT("calls.before_say");
  if (const auto acted = act(scene, speaker, *reply); !acted) {
    if (acted.error().code() != carriers::error_codes::leg_gone) return fail(acted.error());
    // The call ended while the agent was thinking: the hang-up is on its way.
    if (!use) return Next::listen;
    use->error = "the call ended before the tool was asked";
    if (const auto finished = finish_use(scene, *use); !finished) return fail(finished.error());
    return Next::listen;
  }
  if (!use) return Next::listen;
  if (const auto used = use_tool(scene, *use, *reply->tool); !used) return fail(used.error());
  return Next::reply_again;
}

ToolUse DialogueDriver::intended_use(const dialogue::ToolCall& wanted) const {
  return {.id = context_.ids.next(),
          .name = wanted.name,
          .arguments = json::write(wanted.arguments),
          .result = {},
          .error = "",
          .requested_at = context_.clock.now()};
}

// The agent's words, keys and intended tool, as entries of the conversation, with their event, in one commit.
// The intent is on disk before the tool is asked, so that no crash can make it run twice; and beside the
// words, so that none is lost between them.
Result<void> DialogueDriver::write_down(Scene& scene, const dialogue::Reply& reply, const std::string& spoken,
                                        const std::optional<ToolUse>& use) {
  const auto target = context_.transitions.messages().target_for(scope_of(scene.scope.account, scene.call),
                                                                 scene.call.request.webhook_url);
  if (!target) return fail(target.error());
  std::string fallbacks;
  for (const std::string& fallback : reply.fallbacks) fallbacks += fallback + "\n";
  return context_.database.transact(scene.scope, [&](db::Transaction& transaction) -> Result<void> {
    std::optional<Call> call = store::lock(transaction, scene.scope, scene.call.id);
    if (!call) return fail(error_codes::call_not_found, "No such call");
    if (call->state.status == Status::in_progress) {
      std::vector<Entry> added;
      const Instant at = call_time(*call);
      if (!spoken.empty()) {
        added.push_back(
            store::append(transaction, scene.scope, *call, EntryKind::agent, spoken, at, reply.hang_up));
      }
      if (!reply.digits.empty()) {
        added.push_back(store::append(transaction, scene.scope, *call, EntryKind::keys, reply.digits, at));
      }
      context_.transitions.add_entries(transaction, scene.scope, *target, *call, added);
      if (use) {
        store::insert_tool_use(transaction, scene.scope, call->id, *use);
        store::append(transaction, scene.scope, *call, EntryKind::tool, to_text(use->id), at);
      }
      store::update(transaction, scene.scope, *call);
    }
    if (!fallbacks.empty() || reply.usage.prompt_tokens > 0 || reply.usage.completion_tokens > 0) {
      store::add_usage(transaction, scene.scope, call->id, fallbacks, reply.usage.prompt_tokens,
                       reply.usage.completion_tokens);
    }
    scene.call = std::move(*call);
    return {};
  });
}

Result<void> DialogueDriver::act(const Scene& scene, Speaker& speaker, const dialogue::Reply& reply) {
  const bool last = reply.digits.empty() && !reply.tool;
  const bool says_something = !speaker.spoken().empty();
  if (reply.hang_up && !says_something) return context_.carrier.hang_up(leg_of(scene));
  if (const auto said = speaker.finish(last && says_something, reply.hang_up); !said) return said;
  if (!reply.digits.empty()) return speaker.press(reply.digits);
  return {};
}

// After a crash between writing and speaking: the same words under the same numbers.
Result<void> DialogueDriver::speak_again(const Scene& scene) {
  const Entry& last = scene.entries.back();
  const bool keys = last.kind == EntryKind::keys;
  const bool words_too =
      keys && scene.entries.size() > 1 && scene.entries[scene.entries.size() - 2].kind == EntryKind::agent;
  const Entry& first = words_too ? scene.entries[scene.entries.size() - 2] : last;
  Speaker speaker(context_.carrier, leg_of(scene), first.sequence, language_of(scene.call),
                  scene.call.request.voice);
  if (first.kind == EntryKind::agent) {
    speaker.say(first.text);
    const auto said = speaker.finish(!keys, first.hangs_up);
    if (!said && said.error().code() != carriers::error_codes::leg_gone) return said;
  }
  if (!keys) return {};
  const auto pressed = speaker.press(last.text);
  if (!pressed && pressed.error().code() != carriers::error_codes::leg_gone) return pressed;
  return {};
}

Result<void> DialogueDriver::use_tool(const Scene& scene, ToolUse& use, const dialogue::ToolCall& wanted) {
  TRUNKLINE_FAIL_POINT("calls.before_tool");
  const Result<json::Value> result = run_tool(scene, use, wanted);
  TRUNKLINE_FAIL_POINT("calls.after_tool");
  if (result) {
    use.result = json::write(*result);
  } else {
    use.error = result.error().message();
    log::info("a tool failed", {{"call", scene.call.id}, {"tool", use.name}, {"error", result.error()}});
  }
  return finish_use(scene, use);
}

Result<void> DialogueDriver::finish_use(const Scene& scene, ToolUse& use) {
  use.finished_at = context_.clock.now();
  return context_.database.transact(scene.scope, [&](db::Transaction& transaction) {
    store::finish_tool_use(transaction, scene.scope, scene.call.id, use);
  });
}

Result<json::Value> DialogueDriver::run_tool(const Scene& scene, const ToolUse& use,
                                             const dialogue::ToolCall& wanted) {
  const auto tool = std::ranges::find(scene.tools, wanted.name, &ToolDefinition::name);
  if (tool == scene.tools.end()) return fail(error_codes::tool_failed, "there is no tool of this name");
  if (wanted.arguments.as_object() == nullptr)
    return fail(error_codes::tool_failed, "the arguments are no object");
  if (const auto valid = context_.tools.validate(tool->input_schema, wanted.arguments); !valid) {
    return fail(error_codes::tool_failed, "the arguments do not fit the tool: " + valid.error().message());
  }
  const TenantScope scope = scope_of(scene.scope.account, scene.call);
  const auto endpoint = context_.endpoints.find(scope);
  if (!endpoint) return fail(endpoint.error());
  const std::string& url =
      scene.call.request.tool_webhook_url.empty() ? endpoint->tool_url : scene.call.request.tool_webhook_url;
  if (url.empty()) return fail(error_codes::tool_failed, "no tool webhook URL is set up");
  const ToolQuestion question{.call = scene.call.id,
                              .account = scope.account,
                              .project = scope.project,
                              .correlation_id = use.id,
                              .tool_name = use.name,
                              .arguments = wanted.arguments};
  const Result<json::Value> result = ask_with_fillers(scene, [&] {
    return ask_tool(context_.client, *endpoint, url, question, milliseconds(tool->timeout_ms),
                    context_.clock.now());
  });
  if (!result) return result;
  if (const auto valid = context_.tools.validate(tool->output_schema, *result); !valid) {
    return fail(error_codes::tool_failed,
                "the tool's result does not fit its schema: " + valid.error().message());
  }
  return result;
}

// A slow tool must not leave the line silent (rule 8 of docs/architecture.md).
Result<json::Value> DialogueDriver::ask_with_fillers(const Scene& scene,
                                                     const std::function<Result<json::Value>()>& ask) {
  constexpr Duration patience = milliseconds(2500);
  const bool spanish = scene.call.request.locale.starts_with("es");
  const auto speaker = std::make_shared<Speaker>(context_.carrier, leg_of(scene), scene.call.entries,
                                                 language_of(scene.call), scene.call.request.voice);
  runtime::Timer timer = context_.loop.call_after(patience, [this, speaker, spanish] {
    context_.loop.spawn("filler", [speaker, spanish] {
      speaker->say(spanish ? "Un momento, por favor, lo estoy consultando."
                           : "One moment, please, I am looking that up.");
      if (const auto said = speaker->finish(false, false); !said) {
        log::debug("a filler could not be said", {{"error", said.error()}});
      }
    });
  });
  return ask();
}

// A use without an end belongs to a process that died: whether the tool ran is not known, and it is not run
// again.
Result<void> DialogueDriver::give_up_interrupted_tools(Scene& scene) {
  for (ToolUse& use : scene.tool_uses) {
    if (use.finished_at) continue;
    use.error = "the request was interrupted and its outcome is not known";
    if (const auto finished = finish_use(scene, use); !finished) return finished;
  }
  return {};
}

Result<void> DialogueDriver::conclude(const jobs::Job& job, CallId id) {
  Result<Scene> scene = load(job.account, id);
  if (!scene) return fail(std::move(scene.error()));
  // One that a living process is still waiting for is written down anew when its answer comes.
  if (const auto given_up = give_up_interrupted_tools(*scene); !given_up) return fail(given_up.error());
  const auto target = context_.transitions.messages().target_for(scope_of(job.account, scene->call),
                                                                 scene->call.request.webhook_url);
  if (!target) return fail(target.error());
  Result<std::string> summary = context_.responder.summarise(conversation_of(*scene));
  if (!summary) log::warning("a call has no summary", {{"call", id}, {"error", summary.error()}});
  return context_.database.transact(scene->scope, [&](db::Transaction& transaction) -> Result<void> {
    std::optional<Call> call = store::lock(transaction, scene->scope, id);
    context_.queue.finish(transaction, job);
    if (!call) return {};
    if (summary) {
      call->summary = *summary;
      store::set_summary(transaction, scene->scope, id, *summary);
    }
    context_.transitions.messages().emit(transaction, scope_of(job.account, *call), *target, id.uuid(),
                                         ended_event(call->state.status),
                                         ended_event_body(*call, scene->entries, context_.clock.now()));
    return {};
  });
}

}  // namespace trunkline::calls
