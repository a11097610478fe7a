#include "doors/voice/errors.hpp"

#include <map>

#include <fmt/core.h>

#include "base/json/write.hpp"

namespace trunkline::doors::voice {
namespace {

// contracts/voice-api.md, section 8.3.
const std::map<std::string_view, PublishedError>& table() {
  static const std::map<std::string_view, PublishedError> codes{
      {"credential_missing", {401, 1001}},    {"credential_invalid", {401, 1002}},
      {"credential_expired", {401, 1003}},    {"subscription_required", {403, 1005}},
      {"phone_number_format", {400, 2002}},   {"rate_limit_exceeded", {429, 6001}},
      {"quota_exceeded", {429, 6002}},        {"account_not_found", {404, 7001}},
      {"project_not_found", {404, 7002}},     {"call_not_found", {404, 7003}},
      {"no_number_for_country", {400, 7004}}, {"unsupported_country", {400, 7005}},
      {"grace_period_ended", {403, 7008}},    {"method_not_allowed", {405, std::nullopt}},
  };
  return codes;
}

constexpr int validation_error = 2001;

void write_details(json::Writer& writer, const Error& error) {
  writer.begin_object();
  for (const auto& [name, value] : error.details()) {
    writer.key(name);
    std::visit([&](const auto& each) { writer.value(each); }, value);
  }
  if (const auto wait = error.retry_after()) {
    writer.member("retry_after", std::chrono::ceil<seconds>(*wait).count());
  }
  writer.end_object();
}

void write_members(json::Writer& writer, const PublishedError& shown, const Error& error) {
  if (shown.code) writer.member("error_code", *shown.code);
  writer.member("message", error.message());
  writer.key("details");
  write_details(writer, error);
}

}  // namespace

PublishedError published(const ErrorCode& code) {
  if (const auto known = table().find(code.name); known != table().end()) return known->second;
  // What is wrong with a request is always 400 here: clients take every other status for something else.
  if (code.kind == ErrorKind::invalid || code.kind == ErrorKind::too_large) return {400, validation_error};
  return {net::status_for(code.kind), std::nullopt};
}

net::Response render_error(const Error& error, const net::Request&) {
  const PublishedError shown = published(error.code());
  std::string body;
  json::Writer writer(body);
  writer.begin_object().key("detail").begin_object();
  write_members(writer, shown, error);
  writer.end_object();
  write_members(writer, shown, error);
  writer.end_object();
  net::Response response = net::json_response(shown.status, std::move(body));
  if (const auto wait = error.retry_after()) {
    // A whole number: a fraction breaks clients' HTTP layers.
    response.headers.add("Retry-After", fmt::format("{}", std::chrono::ceil<seconds>(*wait).count()));
  }
  return response;
}

}  // namespace trunkline::doors::voice
