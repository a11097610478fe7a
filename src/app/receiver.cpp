#include "app/receiver.hpp"

#include <fmt/core.h>

#include "base/crypto/compare.hpp"
#include "base/json/parse.hpp"
#include "base/json/write.hpp"
#include "webhooks/signature.hpp"

namespace trunkline::app {
namespace {

constexpr std::size_t events_max = 10'000;

std::string text_member(const json::Value& body, std::string_view name) {
  const json::Value* member = body.find(name);
  return member == nullptr || member->as_text() == nullptr ? "" : *member->as_text();
}

net::Route post(std::string_view path, std::string_view operation,
                std::function<net::Response(net::Request&)> handler) {
  return {.method = net::Method::post,
          .path = path,
          .door = "receiver",
          .operation = operation,
          .summary = "",
          .handler = std::move(handler)};
}

}  // namespace

Receiver::Receiver(Installation& installation, std::string secret, std::map<std::string, Tool> tools)
    : secret_(std::move(secret)),
      tools_(std::move(tools)),
      server_({.loop = *runtime::EventLoop::current(),
               .router = router_,
               .clock = installation.clock,
               .random = installation.random,
               .metrics = installation.metrics,
               .pool = installation.pool},
              {.log_requests = false}) {
  router_.add(post("/events", "receiveEvent", [this](net::Request& request) { return take_event(request); }));
  router_.add(post("/tools", "receiveToolCall", [this](net::Request& request) { return run_tool(request); }));
}

Result<void> Receiver::start() {
  return server_.start();
}
std::string Receiver::events_url() const {
  return fmt::format("http://127.0.0.1:{}/events", server_.port());
}
std::string Receiver::tools_url() const {
  return fmt::format("http://127.0.0.1:{}/tools", server_.port());
}

bool Receiver::signature_right(const net::Request& request) const {
  const auto given = request.headers.find(webhooks::legacy_signature_header);
  return given && crypto::equal_in_constant_time(*given, webhooks::legacy_signature(secret_, request.body));
}

net::Response Receiver::take_event(const net::Request& request) {
  const auto body = json::parse(request.body);
  if (!body) return net::json_response(400, R"({"error":"not JSON"})");
  if (events_.size() < events_max) {
    events_.push_back({.name = text_member(*body, "event"),
                       .body = request.body,
                       .signature_right = signature_right(request)});
  }
  return net::json_response(200, R"({"received":true})");
}

net::Response Receiver::run_tool(const net::Request& request) {
  if (!signature_right(request)) return net::json_response(401, R"({"error":"wrong signature"})");
  const auto body = json::parse(request.body);
  if (!body) return net::json_response(400, R"({"error":"not JSON"})");
  const std::string name = text_member(*body, "tool_name");
  const auto tool = tools_.find(name);
  if (tool == tools_.end()) return net::json_response(400, R"({"error":"unknown tool"})");
  tools_called_.push_back(name);
  const json::Value* arguments = body->find("arguments");
  return net::json_response(200,
                            tool->second(arguments == nullptr ? json::Value(json::Object()) : *arguments));
}

}  // namespace trunkline::app
