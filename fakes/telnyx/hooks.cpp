#include "fakes/telnyx/hooks.hpp"

#include <fmt/core.h>

#include "base/json/write.hpp"

namespace trunkline::fakes::telnyx {
namespace {

class Hooks {
 public:
  Hooks(const World& world, const crypto::SigningKey& key, Instant now)
      : world_(world), key_(key), now_(now) {}

  void about(const Call& call) {
    json::Object base{{"call_control_id", world_.control_id(call)},
                      {"call_leg_id", world_.leg_id(call, call.charged_leg())},
                      {"call_session_id", world_.session_id(call)},
                      {"connection_id", "1293384261075731600"},
                      {"client_state", nullptr},
                      {"from", call.cli()},
                      {"to", call.cld()},
                      {"start_time", format_rfc3339(call.start)}};
    json::Object initiated = base;
    initiated.set("direction", call.is_outbound ? "outgoing" : "incoming");
    initiated.set("state", call.is_outbound ? "bridging" : "parked");
    add("call.initiated", call.index * 8, call.start, std::move(initiated));
    if (call.answered) {
      json::Object answered = base;
      answered.set("state", "answered");
      add("call.answered", call.index * 8 + 1, *call.answered, std::move(answered));
    }
    json::Object hangup = base;
    hangup.set("state", "hangup");
    hangup.set("hangup_cause", hangup_cause(call));
    hangup.set("hangup_source", "callee");
    hangup.set("sip_hangup_cause", call.sip_failure.empty() ? "unspecified" : call.sip_failure);
    hangup.set("call_quality_stats", nullptr);
    add("call.hangup", call.index * 8 + 2, call.end, std::move(hangup));
    if (call.is_programmable()) add_recording_and_cost(call);
  }

  void about(const Message& message) {
    const json::Value body = world_.message_body(message, std::max(now_, message.cost_at));
    add(message.is_outbound ? "message.finalized" : "message.received", message.index,
        message.is_outbound ? message.settled_at : message.created, *body.as_object(), 71);
  }

  std::vector<SignedHook> take() { return std::move(hooks_); }

 private:
  static std::string_view hangup_cause(const Call& call) {
    if (call.status == "completed") return "normal_clearing";
    if (call.status == "busy") return "user_busy";
    return call.status == "canceled" ? "originator_cancel" : "timeout";
  }

  void add_recording_and_cost(const Call& call) {
    const json::Value recording = world_.recording(call, "https://s3.example");
    json::Object saved{{"call_leg_id", *recording.find("call_leg_id")},
                       {"call_session_id", *recording.find("call_session_id")},
                       {"connection_id", "1293384261075731600"},
                       {"client_state", nullptr},
                       {"channels", "dual"},
                       {"recording_id", *recording.find("id")},
                       {"recording_started_at", *recording.find("recording_started_at")},
                       {"recording_ended_at", *recording.find("recording_ended_at")},
                       {"recording_urls", *recording.find("download_urls")},
                       {"public_recording_urls", json::object({{"mp3", nullptr}, {"wav", nullptr}})}};
    add("call.recording.saved", call.index * 8 + 3, call.end + seconds(15), std::move(saved));
    const auto part = [&](std::string_view name, const Decimal& cost, std::string_view rate) {
      return json::object({{"call_part", name},
                           {"cost", amount_text(cost, call.index)},
                           {"currency", "USD"},
                           {"rate", rate},
                           {"billed_duration_secs", call.billed_seconds}});
    };
    const Decimal trunk = leg_cost(call, call.charged_leg());
    json::Object cost{
        {"call_control_id", world_.control_id(call)},
        {"call_leg_id", world_.leg_id(call, call.charged_leg())},
        {"call_session_id", world_.session_id(call)},
        {"connection_id", "1293384261075731600"},
        {"client_state", nullptr},
        {"status", "success"},
        {"billed_duration_secs", call.billed_seconds},
        {"billing_group_id", nullptr},
        {"total_cost", (trunk + control_cost(call) + recording_cost(call)).to_text()},
        {"cost_parts", json::array({part("sip-trunking", trunk, "0.0390"),
                                    part("call-control", control_cost(call), "0.002"),
                                    part("call-recording", recording_cost(call), "0.0001666")})}};
    add("call.cost", call.index * 8 + 4, call.end + seconds(37), std::move(cost));
  }

  void add(std::string_view type, std::int64_t number, Instant occurred_at, json::Object payload,
           std::uint64_t salt = 70) {
    const std::string id = scatter_uuid(world_.options().seed, number, salt);
    std::string body = json::write(json::object(
        {{"data", json::object({{"record_type", "event"},
                                {"event_type", type},
                                {"id", id},
                                {"occurred_at", format_rfc3339(occurred_at)},
                                {"payload", std::move(payload)}})},
         {"meta", json::object({{"attempt", 1}, {"delivered_to", "https://hooks.example.com/telnyx"}})}}));
    const std::string timestamp = std::to_string(to_microseconds(now_) / 1'000'000);
    const std::string signature = base64_encode(key_.sign(timestamp + "|" + body));
    hooks_.push_back({.headers = {{"Content-Type", "application/json"},
                                  {"telnyx-timestamp", timestamp},
                                  {"telnyx-signature-ed25519", signature}},
                      .body = std::move(body)});
  }

  const World& world_;
  const crypto::SigningKey& key_;
  Instant now_;
  std::vector<SignedHook> hooks_;
};

}  // namespace

std::vector<SignedHook> hooks_between(const World& world, const crypto::SigningKey& key, Instant from,
                                      Instant to, Instant now) {
  Hooks hooks(world, key, now);
  for (std::int64_t index = world.calls().first_from(from); index < world.calls().first_from(to); ++index)
    hooks.about(world.call(index));
  for (std::int64_t index = world.messages().first_from(from); index < world.messages().first_from(to);
       ++index)
    hooks.about(world.message(index));
  return hooks.take();
}

}  // namespace trunkline::fakes::telnyx
