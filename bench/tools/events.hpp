// The events that the webhook benchmarks send: the words of a call as they are spoken, of the size that real
// ones have.
#pragma once

#include "base/json/value.hpp"
#include "base/uuid.hpp"
#include "calls/call_events.hpp"

namespace bench {

struct Event {
  trunkline::Uuid call;
  std::string_view name;
  trunkline::json::Value body;
};

class Events {
 public:
  Events(trunkline::IdSource& ids, std::size_t calls) {
    for (std::size_t i = 0; i < calls; ++i) calls_.push_back(ids.next());
  }

  // Event `index` of all: the calls take turns, each counts its own up from 0.
  Event at(std::size_t index) const {
    namespace json = trunkline::json;
    const trunkline::Uuid& call = calls_[index % calls_.size()];
    const std::string id = trunkline::CallId(call).text();
    static constexpr std::string_view words =
        "Good morning, this is Ava calling on behalf of Dana Smith. I would like to ask until when you are "
        "open today and whether a table for two is free at seven.";
    static constexpr std::string_view time = "2026-03-02T09:15:04.123456Z";
    const json::Value entry = json::object({{"role", "agent"}, {"text", words}, {"timestamp", time}});
    return {.call = call,
            .name = trunkline::calls::event_names::transcript_update,
            .body = json::object({{"event", trunkline::calls::event_names::transcript_update},
                                  {"call_id", id},
                                  {"call_session_id", "session_" + id},
                                  {"status", "in_progress"},
                                  {"timestamp", time},
                                  {"sequence", static_cast<std::int64_t>(index / calls_.size())},
                                  {"transcript", json::array({entry})}})};
  }

 private:
  std::vector<trunkline::Uuid> calls_;
};

}  // namespace bench
