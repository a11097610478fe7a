// Lets the agent speak: builds the conversation from what is stored, asks the responder, uses tools, speaks,
// and writes everything down. Can be asked at any time, also twice: it answers only what has not been
// answered yet.
#pragma once

#include <unordered_set>

#include "base/metrics.hpp"
#include "calls/speaker.hpp"
#include "calls/tool_webhook.hpp"
#include "calls/transitions.hpp"
#include "dialogue/responder.hpp"

namespace trunkline::calls {

// What one call may use up (control C12 of docs/security.md).
struct DialogueBudget {
  std::size_t tool_calls = 20;
  std::size_t replies_per_turn = 6;  // tools that follow on tools
};

struct DialogueContext {
  runtime::EventLoop& loop;
  db::Database& database;
  jobs::Queue& queue;
  Transitions& transitions;
  Tools& tools;
  webhooks::Endpoints& endpoints;
  net::Client& client;
  carriers::Carrier& carrier;
  dialogue::Responder& responder;
  IdSource& ids;
  const Clock& clock;
  Metrics& metrics;
};

class DialogueDriver {
 public:
  explicit DialogueDriver(DialogueContext context, DialogueBudget budget = {});

  // The other side has spoken, or was silent: let the agent answer, on a fiber of its own. Returns at once.
  void answer(AccountId account, CallId id);

  // Writes the summary of an ended call, tells its end, and takes the job off the queue, in one commit.
  // Suspends.
  Result<void> conclude(const jobs::Job& job, CallId id);

 private:
  // A call with all that the agent needs to know of it.
  struct Scene {
    tenancy::TenantScope scope;
    Call call;
    std::vector<Entry> entries;
    std::vector<ToolUse> tool_uses;
    std::vector<ToolDefinition> tools;
  };
  enum class Next : std::uint8_t { listen, reply_again };

  void answer_until_settled(AccountId account, CallId id);
  Result<Next> answer_once(AccountId account, CallId id);
  Result<Scene> load(AccountId account, CallId id);
  dialogue::Conversation conversation_of(const Scene& scene) const;
  Result<Next> reply(Scene& scene);
  Result<void> speak_again(const Scene& scene);
  ToolUse intended_use(const dialogue::ToolCall& wanted) const;
  Result<void> write_down(Scene& scene, const dialogue::Reply& reply, const std::string& spoken,
                          const std::optional<ToolUse>& use);
  Result<void> act(const Scene& scene, Speaker& speaker, const dialogue::Reply& reply);
  Result<void> use_tool(const Scene& scene, ToolUse& use, const dialogue::ToolCall& wanted);
  Result<void> finish_use(const Scene& scene, ToolUse& use);
  Result<json::Value> run_tool(const Scene& scene, const ToolUse& use, const dialogue::ToolCall& wanted);
  Result<json::Value> ask_with_fillers(const Scene& scene, const std::function<Result<json::Value>()>& ask);
  Result<void> give_up_interrupted_tools(Scene& scene);
  carriers::Leg leg_of(const Scene& scene) const;
  Instant call_time(const Call& call) const;

  DialogueContext context_;
  DialogueBudget budget_;
  std::unordered_set<CallId> answering_;
  std::unordered_set<CallId> asked_again_;
  Histogram answer_time_;
};

}  // namespace trunkline::calls
