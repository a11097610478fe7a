#include "doors/operations/door.hpp"

#include <algorithm>

#include "base/json/write.hpp"
#include "net/openapi.hpp"

namespace trunkline::doors::operations {
namespace {

net::Response text_response(std::string body, std::string_view type) {
  net::Response response;
  response.content_type = type;
  response.body = std::move(body);
  return response;
}

net::Response readiness_response(const std::vector<Check>& checks) {
  const bool ready =
      std::ranges::none_of(checks, [](const Check& check) { return check.problem.has_value(); });
  std::string body;
  json::Writer writer(body);
  writer.begin_object().member("status", ready ? "ready" : "not ready").key("checks").begin_object();
  for (const Check& check : checks)
    writer.member(check.name, check.problem ? check.problem->message() : "ok");
  writer.end_object().end_object();
  net::Response response = net::json_response(ready ? 200 : 503, std::move(body));
  if (!ready) response.headers.add("Retry-After", "1");
  return response;
}

net::Route route(std::string_view path, std::string_view operation, std::string_view summary,
                 std::function<net::Response(net::Request&)> handler) {
  return net::Route{.method = net::Method::get,
                    .path = path,
                    .door = "operations",
                    .operation = operation,
                    .summary = summary,
                    .priority = net::Priority::live_call,
                    .responses = {{200, "As it says.", {}}},
                    .handler = std::move(handler)};
}

}  // namespace

void add_to(net::Router& router, const Context& context) {
  router.add(net::Door{.name = "operations",
                       .prefix = "/",
                       .description = "Health, metrics, API description.",
                       .render_error = {}});
  router.add(route("/livez", "livez", "The process runs.",
                   [](net::Request&) { return net::json_response(200, R"({"status":"alive"})"); }));
  router.add(route("/health", "health", "The process runs, as older clients ask for it.",
                   [](net::Request&) { return net::json_response(200, R"({"status":"healthy"})"); }));
  router.add(
      route("/readyz", "readyz", "The server can do its work; 503 says what is missing.",
            [readiness = context.readiness](net::Request&) { return readiness_response(readiness()); }));
  router.add(route("/openapi.json", "openapi", "This API, as OpenAPI 3.1.",
                   [&router, version = context.version, url = context.public_url](net::Request&) {
                     return net::json_response(200, json::write(net::open_api(router, version, url)));
                   }));
  if (!context.with_metrics) return;
  router.add(route("/metrics", "metrics", "Prometheus metrics.", [&metrics = context.metrics](net::Request&) {
    return text_response(metrics.page(), "text/plain; version=0.0.4; charset=utf-8");
  }));
}

}  // namespace trunkline::doors::operations
