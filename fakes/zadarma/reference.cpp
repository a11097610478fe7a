#include "fakes/zadarma/reference.hpp"

#include <fmt/core.h>

#include "base/json/write.hpp"
#include "base/text.hpp"

namespace trunkline::fakes::zadarma {
namespace {

struct FixedAnswer {
  std::string_view path;
  std::string_view body;
};

constexpr std::array<FixedAnswer, 17> fixed_answers{{
    {"/v1/sip/",
     R"({"status":"success","sips":[{"id":"00001","display_name":"Reception","lines":3},{"id":"00002",
"display_name":"Zażółć gęślą","lines":1}],"left":3})"},
    {"/v1/sip/00001/status/", R"({"status":"success","sip":"00001","is_online":"true"})"},
    {"/v1/sip/00002/status/", R"({"status":"success","sip":"00002","is_online":"false"})"},
    {"/v1/sip/redirection/",
     R"({"status":"success","info":[{"sip_id":"00001","status":"on","condition":"always",
"destination":"phone","destination_value":"61255502001"},{"sip_id":"00002","status":"off",
"condition":"unavailable","destination":"pbx","destination_value":"1234"}]})"},
    {"/v1/tariff/",
     R"({"status":"success","info":{"tariff_id":5,"tariff_name":"Standard","is_active":true,
"cost":23.5,"currency":"USD","used_seconds":1643,"used_seconds_mobile":34,
"used_seconds_fix":726,"used_seconds_speech_recognition":0,"tariff_id_for_next_period":5,
"tariff_for_next_period":"Standard"}})"},
    {"/v1/info/lists/currencies/", R"({"status":"success","currencies":["USD","EUR","GBP","PLN"]})"},
    {"/v1/info/lists/languages/", R"({"status":"success","languages":["en","es","de","pl"]})"},
    {"/v1/pbx/internal/", R"({"status":"success","pbx_id":1234,"numbers":[100,101,102]})"},
    {"/v1/pbx/redirection/",
     R"({"status":"success","current_status":"on","pbx_id":"1234","pbx_name":"100","type":"voicemail",
"destination":"desk@example.com","condition":"noanswer"})"},
    {"/v1/pbx/ivr/",
     R"({"status":"success","pbx_id":1234,"ivrs":[{"menu_id":"0","title":"Main menu","type":"file",
"status":"on","waitexten":5,"auto_responder":{"status":"off","waitexten":1},
"dinner_status":"off"},{"menu_id":"1","title":"Soirée","type":"readtext","status":"off",
"waitexten":3,"auto_responder":{"status":"off","waitexten":1},"dinner_status":"off"}]})"},
    {"/v1/pbx/ivr/scenario/",
     R"({"status":"success","scenarios":[{"id":"132","title":"-1","push_button":-1,"first_sips":["100",
"101"],"second_sips":["102"],"second_sips_delay":10,"third_sips":[],"third_sips_delay":20}]})"},
    {"/v1/pbx/callinfo/",
     R"({"status":"success","url":"https://hooks.example.com/zadarma/pbx","notifications":{
"notify_start":"true","notify_internal":"false","notify_end":"true","notify_out_start":"false",
"notify_out_end":"true","notify_answer":"false"}})"},
    {"/v1/pbx/webhooks/",
     R"({"status":"success","url":"https://hooks.example.com/zadarma/events","hooks":{
"number_lookup":"false","call_tracking":"false","sms":"true","speech_recognition":"true"}})"},
    {"/v1/webrtc/get_key/", R"({"status":"success","key":"fake-webrtc-key-never-to-be-stored"})"},
    {"/v1/sms/templates/",
     R"({"list":[{"cath_id":"1","title":"Notifications","templates":[{"id":"1",
"text":"Your order {$order_id} has left the store."},{"id":"2","text":"Ваш код: {$code}"}]}]})"},
    {"/v1/sms/senderid/", R"({"senders":["Teamsale","61255501234"]})"},
    {"/v1/zcrm/calls", R"({"status":"success","data":{"totalCount":0,"calls":[]}})"},
}};

// The end of the month that is paid for: numbers are paid by months from the day on which they were bought.
std::string paid_until(const LocalTime& local, Instant bought, Instant now) {
  const std::chrono::year_month_day first(std::chrono::floor<days>(bought + local.offset_at(bought)));
  const std::chrono::sys_days today = std::chrono::floor<days>(now + local.offset_at(now));
  std::chrono::sys_days end;
  for (int count = 1; end <= today; ++count) {
    std::chrono::year_month_day day = first + std::chrono::months(count);
    if (!day.ok()) day = day.year() / day.month() / std::chrono::last;
    end = day;
  }
  return format_rfc3339(Instant(end)).substr(0, 10) + local.write(bought).substr(10);
}

json::Value number_row(const World& world, const OwnNumber& number, Instant now, bool single) {
  const LocalTime& local = world.local();
  const bool is_second = number.digits == "61370101234";
  const bool is_euro = number.currency == "EUR";
  json::Object row{
      {"number", number.digits},
      {"status", is_second ? "parking" : "on"},
      {"country", is_euro ? "Poland" : "Australia"},
      {"description", is_euro     ? "Warszawa"
                      : is_second ? "Melbourne"
                                  : "Sydney"},
      {"number_name", is_euro ? json::Value("Łódź – biuro główne") : json::Value()},
      {"sip", number.sip},
      {"sip_name", "Reception"},
      {"start_date", local.write(world.bought_at(number))},
      {"stop_date", paid_until(local, world.bought_at(number), now)},
      {"monthly_fee", *json::Value::number(number.monthly_fee)},
      {"currency", number.currency},
      {"channels", single ? json::Value("3") : json::Value(3)},
      {"autorenew", "true"},
      {"is_on_test", "false"},
  };
  if (single) {
    row.set("receive_sms", nullptr);
  } else {
    row.set("minutes", 120);
    row.set("type", "common");
  }
  return row;
}

std::string success(const json::Object& members) {
  json::Object body{{"status", "success"}};
  for (const auto& [key, value] : members) body.set(key, value);
  return json::write(std::move(body));
}

std::optional<std::string> extension_body(std::string_view path) {
  constexpr std::string_view prefix = "/v1/pbx/internal/";
  if (!path.starts_with(prefix)) return std::nullopt;
  const auto parts = split(path.substr(prefix.size()), '/');
  if (parts.size() != 3 || !parts[2].empty()) return std::nullopt;
  if (parts[0] != "100" && parts[0] != "101" && parts[0] != "102") return std::nullopt;
  const json::Value number = *json::Value::number(parts[0]);
  if (parts[1] == "status") return success({{"pbx_id", 1234}, {"number", number}, {"is_online", "true"}});
  if (parts[1] != "info") return std::nullopt;
  return success({{"pbx_id", 1234},
                  {"number", number},
                  {"name", "Reception – José"},
                  {"caller_id", "+61255501234"},
                  {"caller_id_app_change", "true"},
                  {"caller_id_by_direction", "false"},
                  {"lines", "3"},
                  {"ip_restriction", "false"},
                  {"record_store", "For automatic speech recognition"},
                  {"record_email", "false"},
                  {"supervisor_status", 1}});
}

std::string timezone_body(const World& world, Instant now) {
  const auto offset_hours = std::chrono::duration_cast<hours>(world.local().offset_at(now)).count();
  return success({{"unixtime", to_microseconds(now) / 1'000'000},
                  {"datetime", world.local().write(now)},
                  {"timezone", fmt::format("UTC+{}", offset_hours)}});
}

}  // namespace

std::optional<std::string> reference_body(const World& world, std::string_view path,
                                          const Parameters& parameters, Instant now) {
  for (const FixedAnswer& each : fixed_answers) {
    if (each.path == path) return std::string(each.body);
  }
  if (path == "/v1/info/balance/")
    return success({{"balance", *json::Value::number(world.balance(now).to_text())}, {"currency", "USD"}});
  if (path == "/v1/info/timezone/") return timezone_body(world, now);
  if (path == "/v1/direct_numbers/") {
    json::Array rows;
    for (const OwnNumber& number : own_numbers(world, now))
      rows.push_back(number_row(world, number, now, false));
    return success({{"info", std::move(rows)}});
  }
  const auto wanted = parameters.find("number");
  if (wanted == parameters.end()) return extension_body(path);
  if (path == "/v1/direct_numbers/number/") {
    for (const OwnNumber& number : own_numbers(world, now)) {
      if (number.digits == wanted->second) return success({{"info", number_row(world, number, now, true)}});
    }
  }
  if (path == "/v1/info/price/") {
    return success({{"info", json::object({{"prefix", wanted->second.substr(0, 3)},
                                           {"description", "Australia, mobile"},
                                           {"price", "0.049"},
                                           {"currency", "USD"}})}});
  }
  return extension_body(path);
}

}  // namespace trunkline::fakes::zadarma
