#include "warehouse/zadarma/commands.hpp"

#include <algorithm>

namespace trunkline::warehouse::zadarma {
namespace {

constexpr std::array<CommandRequest, 16> requests{{
    {"price", net::Method::get, "/v1/info/price/"},
    {"timezone", net::Method::get, "/v1/info/timezone/"},
    {"tariff", net::Method::get, "/v1/tariff/"},
    {"number", net::Method::get, "/v1/direct_numbers/number/"},
    {"sip_status", net::Method::get, "/v1/sip/{sip}/status/"},
    {"extension", net::Method::get, "/v1/pbx/internal/{number}/info/"},
    {"extension_status", net::Method::get, "/v1/pbx/internal/{number}/status/"},
    {"redirection", net::Method::get, "/v1/pbx/redirection/"},
    {"ivr_scenario", net::Method::get, "/v1/pbx/ivr/scenario/"},
    {"speech", net::Method::get, "/v1/speech_recognition/"},
    {"sms_send", net::Method::post, "/v1/sms/send/"},
    {"sms_templates", net::Method::get, "/v1/sms/templates/"},
    {"sms_senders", net::Method::get, "/v1/sms/senderid/"},
    {"webrtc_key", net::Method::get, "/v1/webrtc/get_key/"},
    {"callback", net::Method::get, "/v1/request/callback/"},
    {"costs", net::Method::get, "/v1/statistics/"},
}};

}  // namespace

std::vector<OnDemandCommand> all_commands() {
  return {
      {.name = "price", .summary = "What a minute to a number costs", .arguments = {"number"}},
      {.name = "timezone", .summary = "The account's clock and its offset from UTC"},
      {.name = "tariff", .summary = "The plan and what of it is used"},
      {.name = "number", .summary = "One of the account's numbers", .arguments = {"number"}},
      {.name = "sip_status", .summary = "Whether a SIP account is connected", .arguments = {"sip"}},
      {.name = "extension", .summary = "The settings of a PBX extension", .arguments = {"number"}},
      {.name = "extension_status", .summary = "Whether an extension is connected", .arguments = {"number"}},
      {.name = "redirection", .summary = "Where an extension is redirected", .arguments = {"pbx_number"}},
      {.name = "ivr_scenario", .summary = "What the keys of a menu do", .arguments = {"menu_id"}},
      {.name = "speech", .summary = "What was said in a recorded call", .arguments = {"call_id"}},
      {.name = "costs",
       .summary = "The sum of a period's charges",
       .arguments = {"start", "end", "cost_only"}},
      {.name = "sms_send",
       .summary = "Send a text message",
       .arguments = {"number", "message"},
       .costs_money = true},
      {.name = "sms_templates", .summary = "The message templates"},
      {.name = "sms_senders", .summary = "The sender names for numbers", .arguments = {"phones"}},
      {.name = "webrtc_key",
       .summary = "A key for a browser phone, valid 72 hours; shown once and never stored",
       .arguments = {"sip"}},
      {.name = "callback",
       .summary = "Call a number and connect it with another one",
       .arguments = {"from", "to"},
       .costs_money = true},
      {.name = "sms_get",
       .summary = "The history of text messages",
       .instead = "Zadarma has no message history. Messages that come in are stored when its SMS webhook "
                  "reaches Trunkline (switch on the SMS event and set the URL in the cabinet); messages that "
                  "go out are stored when they are sent with sms_send."},
      {.name = "pbx",
       .summary = "The PBX's configuration in one piece",
       .instead = "There is no /v1/pbx/. The feed pbx_config keeps extensions, menus, redirections and "
                  "webhook settings as resources; the commands extension, redirection and ivr_scenario show "
                  "them now."},
  };
}

const CommandRequest* request_of(std::string_view command) {
  const auto* const found = std::ranges::find(requests, command, &CommandRequest::name);
  return found == requests.end() ? nullptr : found;
}

}  // namespace trunkline::warehouse::zadarma
