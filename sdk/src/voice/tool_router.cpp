#include "trunkline/voice/tool_router.hpp"

#include "core/json_fields.hpp"
#include "core/refusal.hpp"

namespace trunkline::inline v1::voice {
namespace {

[[noreturn]] void refuse_signature() {
  Failure failure;
  failure.kind = FailureKind::authentication;
  failure.message = "the signature is wrong";
  throw_failure(failure);
}

// What was verified; the contract requires all four (voice API, section 9.4).
ToolRequest read_request(std::string_view raw_body) {
  using detail::text;
  auto value = detail::parse_json(raw_body);
  if (!value || !value->is_object()) throw_failure(detail::refusal("the tool request is not a JSON object"));
  const Json* arguments = detail::find(*value, "arguments");
  ToolRequest request{.tool_name = text(*value, "tool_name"),
                      .call_id = text(*value, "call_id"),
                      .correlation_id = text(*value, "correlation_id"),
                      .call_session_id = text(*value, "call_session_id"),
                      .partner_id = text(*value, "partner_id"),
                      .project_id = text(*value, "project_id")};
  const bool identified =
      !request.tool_name.empty() && !request.call_id.empty() && !request.correlation_id.empty();
  if (!identified || arguments == nullptr || !arguments->is_object()) {
    throw_failure(detail::refusal(
        "the tool request lacks tool_name, call_id, correlation_id or an object as arguments"));
  }
  request.arguments = *arguments;
  request.raw = std::move(*value);
  return request;
}

std::string written(const Json& body) {
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

ToolRequest parse_tool_request(std::string_view raw_body, std::string_view signature,
                               const Secrets& secrets) {
  if (!verify_webhook(raw_body, signature, secrets)) refuse_signature();
  return read_request(raw_body);
}

ToolRequest parse_tool_request(std::string_view raw_body, const StandardHeaders& headers,
                               const Secrets& secrets, const StandardCheck& check) {
  if (!verify_standard_webhook(raw_body, headers, secrets, check)) refuse_signature();
  return read_request(raw_body);
}

std::string tool_result(const Json& value, std::string_view correlation_id) {
  Json body{{"result", value}};
  if (!correlation_id.empty()) body["correlation_id"] = correlation_id;
  return written(body);
}

std::string tool_error(std::string_view text) {
  return written(Json{{"error", text}});
}

ToolRouter::ToolRouter(Secrets secrets) : secrets_(std::move(secrets)) {}

ToolRouter& ToolRouter::on(std::string tool_name, Handler handler) {
  handlers_.insert_or_assign(std::move(tool_name), std::move(handler));
  return *this;
}

ToolRouter& ToolRouter::on_failure(Observer observer) {
  observer_ = std::move(observer);
  return *this;
}

ToolAnswer ToolRouter::handle(std::string_view raw_body, std::string_view signature) const {
  return dispatch([&] { return parse_tool_request(raw_body, signature, secrets_); });
}

ToolAnswer ToolRouter::handle(std::string_view raw_body, const StandardHeaders& headers,
                              const StandardCheck& check) const {
  return dispatch([&] { return parse_tool_request(raw_body, headers, secrets_, check); });
}

ToolAnswer ToolRouter::dispatch(const std::function<ToolRequest()>& parse) const {
  ToolRequest request;
  try {
    request = parse();
  } catch (const AuthenticationError& error) {
    return {.status = 401, .body = tool_error(error.message())};
  } catch (const ValidationError& error) {
    return {.status = 400, .body = tool_error(error.message())};
  }
  return run(request);
}

ToolAnswer ToolRouter::run(const ToolRequest& request) const {
  const auto handler = handlers_.find(request.tool_name);
  if (handler == handlers_.end()) {
    return {.status = 400, .body = tool_error("there is no tool " + request.tool_name)};
  }
  const auto observe = [&](const std::exception& thrown) {
    if (observer_) observer_(request, thrown);
  };
  const ToolAnswer failed{.status = 500, .body = tool_error("the tool failed")};
  try {
    return {.body = tool_result(handler->second(request.arguments, request), request.correlation_id)};
  } catch (const ToolError& error) {
    observe(error);
    return {.status = 422, .body = tool_error(error.what())};
  } catch (const std::exception& error) {
    observe(error);
    return failed;
  } catch (...) {
    observe(std::runtime_error("the handler threw something that is no std::exception"));
    return failed;
  }
}

}  // namespace trunkline::inline v1::voice
