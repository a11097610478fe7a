// A call as it happens: server-sent events and a web socket. Both tell the same: the status when it changes
// and each new line of the transcript. They look at the database, so it does not matter which process changed
// it.
#include <charconv>

#include <fmt/core.h>

#include "base/json/parse.hpp"
#include "base/log.hpp"
#include "doors/voice/door.hpp"
#include "doors/voice/errors.hpp"
#include "doors/voice/render.hpp"

namespace trunkline::doors::voice {
namespace {

constexpr Duration look_every = milliseconds(200);
constexpr Duration heartbeat_every = seconds(15);
constexpr Duration stays_open_at_most = hours(2);

struct LiveEvent {
  std::string name;  // status, transcript
  std::int64_t id;   // the last entry it includes
  std::string data;  // JSON
};

// Over a web socket there is no answer to a command; the call's events tell what came of it.
void note_failure(CallId call, const Result<calls::CallDetail>& outcome) {
  if (!outcome) log::info("a command over a web socket failed", {{"call", call}, {"error", outcome.error()}});
}

// What has happened to a call since the last look.
class Feed {
 public:
  Feed(calls::Calls& calls, tenancy::TenantScope scope, CallId id, std::int64_t last_entry)
      : calls_(calls), scope_(scope), id_(id), last_entry_(last_entry) {}

  std::vector<LiveEvent> look() {
    std::vector<LiveEvent> events;
    const auto detail = calls_.find_with_transcript(scope_, id_);
    if (!detail) return events;  // the database is away: the next look may succeed
    for (const calls::Transcript::Line line : detail->transcript) {
      if (line.sequence <= last_entry_) continue;
      last_entry_ = line.sequence;
      events.push_back({"transcript", line.sequence, transcript_data(line)});
    }
    const std::string state =
        fmt::format("{}/{}", calls::to_text(detail->call.state.status), detail->call.summary.has_value());
    if (state != last_state_) {
      last_state_ = state;
      events.push_back({"status", last_entry_, status_data(detail->call)});
    }
    // The summary comes a moment after the end of a call that had connected.
    const bool waits_for_summary = detail->call.state.started_at && !detail->call.summary;
    ended_ = is_terminal(detail->call.state.status) && !waits_for_summary;
    return events;
  }

  bool ended() const { return ended_; }

 private:
  static std::string transcript_data(const calls::Transcript::Line& line) {
    std::string data;
    json::Writer(data)
        .begin_object()
        .member("type", "transcript")
        .member("sequence", line.sequence)
        .member("role", line.role)
        .member("text", line.text)
        .member("timestamp", line.at)
        .end_object();
    return data;
  }

  static std::string status_data(const calls::Call& call) {
    std::string data;
    json::Writer writer(data);
    writer.begin_object()
        .member("type", "status")
        .member("status", calls::to_text(call.state.status))
        .key("call");
    write_call(writer, call, nullptr);
    writer.end_object();
    return data;
  }

  calls::Calls& calls_;
  tenancy::TenantScope scope_;
  CallId id_;
  std::int64_t last_entry_;
  std::string last_state_;
  bool ended_ = false;
};

std::int64_t last_event_id(const net::Request& request) {
  const auto header = request.headers.find("Last-Event-ID");
  std::int64_t id = 0;
  if (header) std::from_chars(header->data(), header->data() + header->size(), id);
  return id;
}

void stream_events(Feed& feed, net::EventStream& stream) {
  auto last_sent = std::chrono::steady_clock::now();
  const auto until = last_sent + stays_open_at_most;
  while (std::chrono::steady_clock::now() < until) {
    for (const LiveEvent& event : feed.look()) {
      if (!stream.send(event.name, fmt::format("{}", event.id), event.data)) return;
      last_sent = std::chrono::steady_clock::now();
    }
    if (feed.ended()) return;
    if (std::chrono::steady_clock::now() - last_sent > heartbeat_every) {
      if (!stream.heartbeat()) return;
      last_sent = std::chrono::steady_clock::now();
    }
    if (!stream.wait(look_every)) return;
  }
}

}  // namespace

void Door::add_live_routes(net::Router& router) {
  add(router,
      {.method = net::Method::get,
       .path = "/api/b2b/v1/calls/{call_id}/events",
       .operation = "streamCall",
       .summary = "The call as it happens, as server-sent events; resumes after Last-Event-ID.",
       .access = net::Access::api_key,
       .responses = {{200, "text/event-stream with events `status` and `transcript`.", {}},
                     {404, "No such call (7003).", error_schema}}},
      [this](Caller& caller) -> Result<net::Response> {
        const auto id = call_in_path(caller.request);
        if (!id) return fail(id.error());
        if (const auto call = context_.calls.find(caller.scope(), *id); !call) return fail(call.error());
        net::Response response;
        response.stream = [feed = Feed(context_.calls, caller.scope(), *id, last_event_id(caller.request))](
                              net::EventStream& stream) mutable { stream_events(feed, stream); };
        return response;
      });
  add(router,
      {.method = net::Method::get,
       .path = "/api/b2b/v1/calls/{call_id}/live",
       .operation = "watchCall",
       .summary = R"(The same over a web socket, which also takes {"type":"hangup"} and {"type":"cancel"}.)",
       .access = net::Access::api_key,
       .responses = {{101, "Messages of type `status` and `transcript`.", {}},
                     {404, "No such call (7003).", error_schema}}},
      [this](Caller& caller) -> Result<net::Response> {
        const auto id = call_in_path(caller.request);
        if (!id) return fail(id.error());
        if (const auto call = context_.calls.find(caller.scope(), *id); !call) return fail(call.error());
        net::Response response;
        response.web_socket = [this, scope = caller.scope(), id = *id](net::WebSocket& socket) {
          Feed feed(context_.calls, scope, id, 0);
          const auto until = std::chrono::steady_clock::now() + stays_open_at_most;
          while (socket.is_open() && std::chrono::steady_clock::now() < until) {
            for (const LiveEvent& event : feed.look()) {
              if (!socket.send(event.data)) return;
            }
            if (feed.ended()) return;
            const auto message = socket.receive(look_every);
            const auto command = message ? json::parse(*message) : Result<json::Value>(json::Value());
            const json::Value* type = command ? command->find("type") : nullptr;
            if (type == nullptr || type->as_text() == nullptr) continue;
            if (*type->as_text() == "hangup") note_failure(id, context_.calls.hang_up(scope, id));
            if (*type->as_text() == "cancel") note_failure(id, context_.calls.cancel(scope, id));
          }
        };
        return response;
      });
}

}  // namespace trunkline::doors::voice
