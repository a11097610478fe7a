#include "fakes/zadarma/hooks.hpp"

#include "base/encoding.hpp"
#include "base/json/write.hpp"
#include "fakes/zadarma/signature.hpp"

namespace trunkline::fakes::zadarma {
namespace {

SignedHook signed_hook(std::string_view secret, std::string_view signed_text, const FormFields& fields) {
  return {.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                      {"Signature", sign_text(secret, signed_text)}},
          .body = print_form(fields)};
}

struct CallHooks {
  const World& world;
  const Call& call;
  std::string_view secret;
  std::vector<SignedHook>& hooks;

  std::string start() const { return world.local().write(call.start); }
  std::string extension() const { return std::to_string(call.legs.back().extension); }
  bool is_recorded() const { return call.legs.back().is_recorded; }
  std::string recorded_id() const { return is_recorded() ? call.legs.back().call_id : ""; }
  std::string status_code() const {
    return call.disposition == "busy" ? "17" : call.disposition == "no answer" ? "19" : "16";
  }

  void end_fields(FormFields& fields) const {
    fields.emplace_back("duration", std::to_string(call.seconds));
    fields.emplace_back("disposition", call.legs.back().disposition);
    fields.emplace_back("status_code", status_code());
    fields.emplace_back("is_recorded", is_recorded() ? "1" : "0");
    fields.emplace_back("call_id_with_rec", recorded_id());
  }

  void inbound() const {
    const std::string text = call.remote + std::string(call.own.digits) + start();
    FormFields fields{{"event", "NOTIFY_START"},
                      {"call_start", start()},
                      {"pbx_call_id", call.pbx_call_id},
                      {"caller_id", call.remote},
                      {"called_did", std::string(call.own.digits)}};
    hooks.push_back(signed_hook(secret, text, fields));
    if (call.disposition == "answered") {
      FormFields answer{{"event", "NOTIFY_ANSWER"},        {"caller_id", call.remote},
                        {"destination", extension()},      {"call_start", start()},
                        {"pbx_call_id", call.pbx_call_id}, {"internal", extension()}};
      hooks.push_back(signed_hook(secret, call.remote + extension() + start(), answer));
    }
    fields[0].second = "NOTIFY_END";
    fields.emplace_back("internal", extension());
    fields.emplace_back("last_internal", extension());
    end_fields(fields);
    hooks.push_back(signed_hook(secret, text, fields));
  }

  void outbound() const {
    const std::string text = extension() + call.remote + start();
    FormFields fields{{"event", "NOTIFY_OUT_START"},
                      {"call_start", start()},
                      {"pbx_call_id", call.pbx_call_id},
                      {"destination", call.remote},
                      {"internal", extension()}};
    hooks.push_back(signed_hook(secret, text, fields));
    fields[0].second = "NOTIFY_OUT_END";
    fields.emplace_back("caller_id", call.own.digits);
    end_fields(fields);
    hooks.push_back(signed_hook(secret, text, fields));
  }

  void record() const {
    if (!is_recorded()) return;
    hooks.push_back(signed_hook(secret, call.pbx_call_id + recorded_id(),
                                {{"event", "NOTIFY_RECORD"},
                                 {"call_id_with_rec", recorded_id()},
                                 {"pbx_call_id", call.pbx_call_id}}));
  }
};

SignedHook message_hook(const TrueMessage& message, std::string_view secret) {
  const std::string result = json::write(json::object({{"caller_id", message.from_number.substr(1)},
                                                       {"caller_did", message.to_number.substr(1)},
                                                       {"text", message.body}}));
  return signed_hook(secret, result, {{"event", "SMS"}, {"result", result}});
}

}  // namespace

std::vector<SignedHook> hooks_between(const World& world, std::string_view secret, Instant from, Instant to) {
  std::vector<SignedHook> hooks;
  const Series& series = world.series();
  for (std::int64_t index = series.first_from(from); index < series.first_from(to); ++index) {
    const Call call = world.call(index);
    const CallHooks about{world, call, secret, hooks};
    if (call.kind == CallKind::inbound) about.inbound();
    if (call.kind == CallKind::outbound_pbx) about.outbound();
    if (!call.legs.empty()) about.record();
    if (index % 10 == 0 && index / 10 < world.message_count())
      hooks.push_back(message_hook(world.message(index / 10), secret));
  }
  return hooks;
}

}  // namespace trunkline::fakes::zadarma
