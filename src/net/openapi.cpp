#include "net/openapi.hpp"

#include <fmt/core.h>

#include "base/text.hpp"

namespace trunkline::net {
namespace {

json::Value parameters(const Route& route) {
  json::Array list;
  for (const std::string_view name : route.path_parameters) {
    list.push_back(json::object({{"name", name},
                                 {"in", "path"},
                                 {"required", true},
                                 {"schema", json::object({{"type", "string"}})}}));
  }
  for (const QueryParameter& parameter : route.query) {
    list.push_back(json::object({{"name", parameter.name},
                                 {"in", "query"},
                                 {"description", parameter.description},
                                 {"schema", parameter.schema}}));
  }
  return list;
}

json::Value content(const json::Value& schema) {
  return json::object({{"application/json", json::object({{"schema", schema}})}});
}

json::Value responses(const Route& route) {
  json::Object all;
  for (const DocumentedResponse& response : route.responses) {
    json::Object described{{"description", response.description}};
    const json::Value any = json::object({{"type", "object"}});
    if (response.status != 101) described.set("content", content(response.schema ? response.schema() : any));
    all.set(fmt::format("{}", response.status), std::move(described));
  }
  if (route.access == Access::operator_token) {
    all.set("401", json::object({{"description", "That is not the operator's token."}}));
    all.set("403", json::object({{"description", "No operator's token is set on this server."}}));
    all.set("429",
            json::object({{"description", "Too many wrong tokens; Retry-After says how long to wait."}}));
  } else if (route.access != Access::open) {
    all.set("401", json::object({{"description", "No valid credential (1001, 1002, 1003)."}}));
    all.set("403", json::object({{"description", "No active subscription (1005, 7008)."}}));
    all.set("429", json::object({{"description",
                                  "Too many requests (6001); details.retry_after says how long to wait."}}));
  }
  all.set("503", json::object({{"description",
                                "Something the server needs is away; Retry-After says when to try again."}}));
  return all;
}

json::Value security(Access access) {
  const auto scheme = [](std::string_view name) {
    return json::object({{std::string(name), json::Array()}});
  };
  switch (access) {
    case Access::open:
      return json::Array();
    case Access::api_key:
      return json::array({scheme("apiKey")});
    case Access::user_token:
      return json::array({scheme("userToken")});
    case Access::either:
      return json::array({scheme("apiKey"), scheme("userToken")});
    case Access::operator_token:
      return json::array({scheme("operatorToken")});
  }
  return json::Array();
}

json::Value operation(const Route& route) {
  json::Object described{{"operationId", route.operation}, {"tags", json::array({route.door})},
                         {"summary", route.summary},       {"parameters", parameters(route)},
                         {"responses", responses(route)},  {"security", security(route.access)}};
  if (route.request_schema) {
    described.set("requestBody",
                  json::object({{"required", true}, {"content", content(route.request_schema())}}));
  }
  return described;
}

json::Value bearer(std::string_view description) {
  return json::object({{"type", "http"}, {"scheme", "bearer"}, {"description", description}});
}

}  // namespace

json::Value open_api(const Router& router, std::string_view version, std::string_view server_url) {
  json::Object paths;
  for (const auto& route : router.routes()) {
    const std::string path(route->path);
    json::Value* item = paths.find(path);
    if (item == nullptr) item = &paths.set(path, json::Object());
    item->as_object()->set(ascii_lower(to_text(route->method)), operation(*route));
  }
  json::Array tags;
  for (const Door& door : router.doors()) {
    tags.push_back(json::object({{"name", door.name}, {"description", door.description}}));
  }
  json::Object document{
      {"openapi", "3.1.0"},
      {"info",
       json::object({{"title", "Trunkline"},
                     {"version", version},
                     {"description", "Places, answers and bills AI phone calls."},
                     {"license", json::object({{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}})}})}};
  if (!server_url.empty()) document.set("servers", json::array({json::object({{"url", server_url}})}));
  document.set("tags", std::move(tags));
  document.set("paths", std::move(paths));
  document.set("components",
               json::object({{"securitySchemes",
                              json::object({{"apiKey", bearer("An API key, pk_live_…")},
                                            {"userToken", bearer("A log-in's token, ut_live_…")},
                                            {"operatorToken", bearer("The setting operator_token")}})}}));
  return document;
}

}  // namespace trunkline::net
