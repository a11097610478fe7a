#include "fakes/telnyx/reference.hpp"

#include <fmt/core.h>

#include "base/json/parse.hpp"

namespace trunkline::fakes::telnyx {
namespace {

struct FixedList {
  std::string_view path;
  std::string_view rows;
};

constexpr std::array<FixedList, 10> fixed_lists{{
    {"/v2/fqdn_connections",
     R"([{"active":true,"anchorsite_override":"Sydney, Australia","call_cost_in_webhooks":true,
"connection_name":"office-fqdn","created_at":"2024-02-11T22:00:00Z","id":"1293384261075731499",
"inbound":{"ani_number_format":"+E.164","channel_limit":null,"codecs":["G722","G711A"],
"default_primary_fqdn_id":"1447000000000000001","default_routing_method":"sequential",
"default_secondary_fqdn_id":null,"default_tertiary_fqdn_id":null,"dnis_number_format":"+e164",
"generate_ringback_tone":false,"isup_headers_enabled":false,"prack_enabled":false,
"shaken_stir_enabled":false,"sip_compact_headers_enabled":true,"sip_region":"Australia",
"sip_subdomain":null,"sip_subdomain_receive_settings":"only_my_connections",
"timeout_1xx_secs":3,"timeout_2xx_secs":90},"outbound":{"ani_override":"",
"ani_override_type":"normal","call_parking_enabled":null,"channel_limit":10,
"encrypted_media":null,"generate_ringback_tone":false,"instant_ringback_enabled":false,
"ip_authentication_method":"credential-authentication",
"ip_authentication_token":"not-a-real-token","localization":"AU",
"outbound_voice_profile_id":"1293384261075731500","t38_reinvite_source":"customer",
"tech_prefix":"","timeout_1xx_secs":3,"timeout_2xx_secs":90},"password":"not-a-real-password",
"record_type":"fqdn_connection","transport_protocol":"TLS","txt_name":"_telnyx.example.com",
"txt_value":"fake","updated_at":"2026-01-02T03:04:05Z","user_name":"officefake",
"webhook_event_url":"https://hooks.example.com/telnyx"}])"},
    {"/v2/fqdns",
     R"([{"connection_id":"1293384261075731499","created_at":"2024-02-11T22:00:00Z",
"dns_record_type":"a","fqdn":"pbx.example.com","id":"1447000000000000001","port":5061,
"record_type":"fqdn","updated_at":"2024-02-11T22:00:00Z"},{
"connection_id":"1293384261075731499","created_at":"2024-02-12T22:00:00Z",
"dns_record_type":"srv","fqdn":"xn--bcher-kva.example","id":"1447000000000000002","port":5060,
"record_type":"fqdn","updated_at":"2024-02-12T22:00:00Z"}])"},
    {"/v2/outbound_voice_profiles",
     R"([{"billing_group_id":null,"call_recording":{"call_recording_caller_phone_numbers":[],
"call_recording_channels":"dual","call_recording_format":"mp3","call_recording_type":"all"},
"calling_window":{"calls_per_cld":5,"end_time":"20:00:00.00Z","start_time":"08:00:00.00Z"},
"concurrent_call_limit":null,"connections_count":2,"created_at":"2024-02-11T22:00:00Z",
"daily_spend_limit":"100.00","daily_spend_limit_enabled":true,"enabled":true,
"id":"1293384261075731500","max_destination_rate":0.5,"name":"office",
"record_type":"outbound_voice_profile","service_plan":"global","tags":["au"],
"traffic_type":"conversational","updated_at":"2026-01-02T03:04:05Z",
"usage_payment_method":"rate-deck","whitelisted_destinations":["AU","NZ","GB"]}])"},
    {"/v2/messaging_profiles",
     R"([{"ai_assistant_id":null,"alpha_sender":null,"created_at":"2024-02-11T22:00:00.000Z",
"daily_spend_limit":"50.00","daily_spend_limit_enabled":false,"enabled":true,
"health_webhook_url":null,"id":"abc85f64-5717-4562-b3fc-2c9600000000",
"mms_fall_back_to_sms":false,"mms_transcoding":false,"mobile_only":false,"name":"Grüße",
"number_pool_settings":null,"organization_id":"1f0c3a52-b7e9-4d0d-8a6e-5b4c3d2e1f0a",
"record_type":"messaging_profile","redaction_enabled":false,"redaction_level":2,
"resource_group_id":null,"smart_encoding":true,"updated_at":"2026-01-02T03:04:05.000Z",
"url_shortener_settings":null,"v1_secret":"not-a-real-secret","webhook_api_version":"2",
"webhook_failover_url":null,"webhook_url":"https://hooks.example.com/telnyx/sms",
"whitelisted_destinations":["AU","US"]}])"},
    {"/v2/call_control_applications",
     R"([{"active":true,"anchorsite_override":"Sydney, Australia","application_name":"call-router",
"call_cost_in_webhooks":true,"created_at":"2024-02-11T22:00:00Z","dtmf_type":"RFC 2833",
"first_command_timeout":true,"first_command_timeout_secs":30,"id":"1293384261075731600",
"inbound":{"channel_limit":10,"shaken_stir_enabled":false,"sip_subdomain":"example",
"sip_subdomain_receive_settings":"only_my_connections"},"outbound":{"channel_limit":10,
"outbound_voice_profile_id":"1293384261075731500"},"record_type":"call_control_application",
"redact_dtmf_debug_logging":false,"tags":[],"updated_at":"2026-01-02T03:04:05Z",
"webhook_api_version":"2","webhook_event_failover_url":null,
"webhook_event_url":"https://hooks.example.com/telnyx/voice","webhook_timeout_secs":null}])"},
    {"/v2/number_orders",
     R"([{"billing_group_id":"","connection_id":"1293384261075731499",
"created_at":"2026-05-20T00:00:00.000000Z","customer_reference":"MY REF 001",
"id":"12ade33a-21c0-473b-b055-b3c836e1c292","messaging_profile_id":"","phone_numbers":[{
"id":"dc8e4d67-33a0-4cbb-af74-7b58f05bd494","phone_number":"+61255501235"}],
"phone_numbers_count":1,"record_type":"number_order","requirements_met":true,
"status":"success","sub_number_orders_ids":[],"updated_at":"2026-05-20T00:01:00.000000Z"},{
"billing_group_id":"","connection_id":"","created_at":"2026-05-21T00:00:00.000000Z",
"customer_reference":"","id":"12ade33a-21c0-473b-b055-b3c836e1c293","messaging_profile_id":"",
"phone_numbers":[],"phone_numbers_count":0,"record_type":"number_order",
"requirements_met":false,"status":"pending","sub_number_orders_ids":[
"22ade33a-21c0-473b-b055-b3c836e1c293"],"updated_at":"2026-05-21T00:00:00.000000Z"}])"},
    {"/v2/portouts",
     R"([{"already_ported":false,"authorized_name":"Zoë Müller","carrier_name":"Other Carrier",
"city":"Sydney","created_at":"2026-05-25T22:25:27.521Z","current_carrier":"telnyx",
"end_user_name":"Müller GmbH","foc_date":"2026-06-05T22:00:00.000Z","host_messaging":false,
"id":"0ccc7b54-4df3-4bca-a65a-3da1ecc777f0","inserted_at":"2026-05-25T22:25:27.521Z","lsr":[
"https://files.example/lsr.pdf"],"phone_numbers":["+61255501236"],"pon":"00000000",
"reason":null,"record_type":"portout","rejection_code":1002,
"requested_foc_date":"2026-06-05T22:00:00.000Z","service_address":"1 Example St","spid":"987H",
"state":"NSW","status":"pending","support_key":"PO_764725",
"updated_at":"2026-05-25T22:25:27.521Z","user_id":"7865816a-ee85-4e50-b19e-52983dcc6d4a",
"vendor":"0e66ed3b-37e6-4fed-93d6-a30ce2493661","zip":"2000"}])"},
    {"/v2/portouts/events",
     R"([{"available_notification_methods":["email","webhook"],
"created_at":"2026-05-26T10:07:15.527000Z","event_type":"portout.status_changed",
"id":"eef3340b-8903-4466-b445-89b697315a3a","payload":{"attempted_pin":"1234",
"carrier_name":"Other Carrier","id":"0ccc7b54-4df3-4bca-a65a-3da1ecc777f0","phone_numbers":[
"+61255501236"],"rejection_reason":null,"spid":"987H","status":"authorized",
"subscriber_name":"Zoë Müller","user_id":"96dfa9e4-c753-4fd3-97cd-42d66f26cf0c"},
"payload_status":"completed","portout_id":"0ccc7b54-4df3-4bca-a65a-3da1ecc777f0",
"record_type":"portout_event","updated_at":"2026-05-26T10:07:15.527000Z"}])"},
    {"/v2/verify_profiles",
     R"([{"call":{"app_name":"Example","code_length":5,"default_verification_timeout_secs":300,
"messaging_template_id":"0abb5b4f-459f-445a-bfcd-488998b7572d","whitelisted_destinations":[
"AU"]},"created_at":"2024-09-14T17:03:32.965812","daily_spend_limit":100.0,
"daily_spend_limit_enabled":false,"flashcall":{"app_name":"Example",
"default_verification_timeout_secs":300},"id":"12ade33a-21c0-473b-b055-b3c836e1c292",
"language":"en-AU","name":"Logins","record_type":"verification_profile","sms":{
"alpha_sender":null,"app_name":"Example","code_length":5,
"default_verification_timeout_secs":300,
"messaging_template_id":"0abb5b4f-459f-445a-bfcd-488998b7572d","whitelisted_destinations":[
"AU"]},"updated_at":"2024-09-14T17:03:32.965812","webhook_failover_url":"",
"webhook_url":"https://hooks.example.com/telnyx/verify","whatsapp":{"sender_phone_number":null,
"template_id":null,"waba_id":null,"app_name":"Example","code_length":5,
"default_verification_timeout_secs":300,
"messaging_template_id":"0abb5b4f-459f-445a-bfcd-488998b7572d","whitelisted_destinations":[
"AU"]}}])"},
    {"/v2/billing_groups",
     R"([{"created_at":"2024-10-15T10:07:15.527Z","deleted_at":null,
"id":"f5586561-8ff0-4291-a0ac-84fe544797bd","name":"Default",
"organization_id":"f1486bae-f067-460c-ad43-73a92848f902","record_type":"billing_group",
"updated_at":"2024-10-15T10:07:15.527Z"}])"},
}};

json::Value number_row(const OwnNumber& number, std::size_t position) {
  std::string bought = iso(number.bought_at);
  bought.insert(bought.size() - 1, ".000");
  return json::object({{"record_type", "phone_number"},
                       {"id", fmt::format("21000000000000000{:02}", position + 1)},
                       {"phone_number", number.number},
                       {"status", "active"},
                       {"phone_number_type", "local"},
                       {"country_iso_alpha2", "AU"},
                       {"connection_id", "1293384261075731499"},
                       {"connection_name", "office-fqdn"},
                       {"customer_reference", nullptr},
                       {"external_pin", "not-a-real-pin"},
                       {"messaging_profile_id", "abc85f64-5717-4562-b3fc-2c9600000000"},
                       {"messaging_profile_name", "Grüße"},
                       {"purchased_at", bought},
                       {"created_at", bought},
                       {"updated_at", "2026-05-31T00:00:00.000Z"},
                       {"tags", json::array({"sydney", "main"})}});
}

json::Array services() {
  json::Array list;
  for (const NumberService& each : number_services)
    list.push_back(json::object({{"name", each.name}, {"cost", each.cost}, {"cost_type", "MRC"}}));
  return list;
}

// The first day of a month, "2026-05-01", and the month after or before it.
std::string month_day(Month month) {
  return to_text(month) + "-01";
}
Month month_before(Month month) {
  return month_of(month.begin() - days(1));
}

}  // namespace

std::optional<json::Array> reference_list(const World& world, std::string_view path, Instant now) {
  for (const FixedList& each : fixed_lists) {
    if (each.path == path) return *json::parse(each.rows)->as_array();
  }
  json::Array rows;
  if (path == "/v2/phone_numbers") {
    const std::vector<OwnNumber> numbers = world.own_numbers(now);
    for (std::size_t position = 0; position < numbers.size(); ++position)
      rows.push_back(number_row(numbers[position], position));
    return rows;
  }
  if (path == "/v2/invoices") {
    const Month first = month_of(world.options().begin);
    for (Month month = month_before(month_of(now)); month >= first; month = month_before(month))
      rows.push_back(invoice(world, month));
    return rows;
  }
  constexpr std::string_view verifications = "/v2/verifications/by_phone_number/";
  if (path.starts_with(verifications)) {
    rows.push_back(json::object({{"record_type", "verification"},
                                 {"id", "12ade33a-21c0-473b-b055-b3c836e1c2a1"},
                                 {"phone_number", path.substr(verifications.size())},
                                 {"status", "accepted"},
                                 {"type", "sms"},
                                 {"custom_code", "43612"},
                                 {"timeout_secs", 300},
                                 {"verify_profile_id", "12ade33a-21c0-473b-b055-b3c836e1c292"},
                                 {"created_at", "2026-06-01T01:10:00.032965"},
                                 {"updated_at", "2026-06-01T01:10:20.032965"}}));
    return rows;
  }
  return std::nullopt;
}

json::Value invoice(const World& world, Month month) {
  const std::string last_day = format_rfc3339(month.end() - days(1)).substr(0, 10);
  const std::string id =
      scatter_uuid(world.options().seed, month.year * 12 + static_cast<int>(month.month), 60);
  return json::object({{"invoice_id", id},
                       {"file_id", id},
                       {"paid", true},
                       {"period_start", month_day(month)},
                       {"period_end", last_day},
                       {"url", "https://api.telnyx.com:443/v2/invoices/" + id}});
}

json::Value balance(const World& world, Instant now) {
  const Decimal balance = world.balance(now);
  return json::object({{"record_type", "balance"},
                       {"balance", balance.to_text(4)},
                       {"credit_limit", "100.00"},
                       {"available_credit", (balance + Decimal(100)).to_text(2)},
                       {"pending", "10.00"},
                       {"currency", "USD"}});
}

json::Value charges_breakdown(const World& world, const std::string& start, const std::string& end) {
  json::Array results;
  const auto begin = parse_instant(start);
  for (const OwnNumber& each : world.own_numbers(begin.value_or(world.options().begin))) {
    results.push_back(json::object({{"tn", each.number},
                                    {"charge_type", "local"},
                                    {"service_owner_email", "ops@example.com"},
                                    {"services", services()}}));
  }
  return json::object({{"currency", "USD"},
                       {"start_date", start},
                       {"end_date", end},
                       {"user_email", "ops@example.com"},
                       {"results", std::move(results)}});
}

json::Value charges_summary(const World& world, const std::string& start, const std::string& end) {
  const auto begin = parse_instant(start);
  const auto count =
      static_cast<std::int64_t>(world.own_numbers(begin.value_or(world.options().begin)).size());
  const Decimal rental = number_price() * count;
  const json::Value local =
      json::object({{"type", "comparative"},
                    {"alias", "local"},
                    {"name", "Local DIDs"},
                    {"existing_this_month",
                     json::object({{"mrc", rental.to_text(2)}, {"otc", nullptr}, {"quantity", count}})},
                    {"new_this_month", json::object({{"mrc", "1.00"}, {"otc", "1.00"}, {"quantity", 1}})}});
  const json::Value port_out = json::object({{"type", "simple"},
                                             {"alias", "port_out"},
                                             {"name", "Port Out"},
                                             {"amount", "15.75"},
                                             {"quantity", 3}});
  const json::Value credit =
      json::object({{"amount", "-10.00"}, {"description", "Credit – Störung 12.05."}, {"event_date", start}});
  return json::object(
      {{"currency", "USD"},
       {"start_date", start},
       {"end_date", end},
       {"user_email", "ops@example.com"},
       {"summary",
        json::object({{"lines", json::array({local, port_out})}, {"adjustments", json::array({credit})}})},
       {"total", json::object({{"existing_mrc", rental.to_text(2)},
                               {"new_mrc", "1.00"},
                               {"new_otc", "1.00"},
                               {"other", "15.75"},
                               {"credits", "-10.00"},
                               {"ledger_adjustments", "0.00"},
                               {"grand_total", (rental + Decimal::from_units(775, 2)).to_text(2)}})}});
}

}  // namespace trunkline::fakes::telnyx
