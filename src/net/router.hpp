// The routes as data. One table says which door a path belongs to, who may call it, its limits, what it takes
// and gives; the server, GET /openapi.json and the tests that walk all routes read the same table.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/json/value.hpp"
#include "net/limits.hpp"
#include "net/message.hpp"

namespace trunkline::net {

// Who may call a route.
enum class Access : std::uint8_t {
  open,            // anybody
  api_key,         // Authorization: Bearer pk_live_…
  user_token,      // Authorization: Bearer of a logged-in user
  either,          // an API key or a user's token
  operator_token,  // the token of whoever runs the installation
};

std::string_view to_text(Access access);

// What is shed first when there is too much to do (docs/operations.md, "Overload").
enum class Priority : std::uint8_t { live_call, normal, background };

struct QueryParameter {
  std::string_view name;
  std::string_view description;
  json::Value schema;
};

struct DocumentedResponse {
  int status;
  std::string_view description;
  std::function<json::Value()> schema;  // none: an empty object
};

struct Route {
  Method method;
  std::string_view path;       // "/api/b2b/v1/calls/{call_id}"
  std::string_view door;       // "voice"
  std::string_view operation;  // "getCall": unique; labels metrics and logs
  std::string_view summary;
  Access access = Access::open;
  Priority priority = Priority::normal;
  std::size_t body_bytes_max = limits::body_bytes;
  Duration deadline = limits::request_deadline;
  std::vector<QueryParameter> query = {};
  std::function<json::Value()> request_schema = {};  // none: no body
  std::vector<DocumentedResponse> responses = {};
  std::function<Response(Request&)> handler = {};      // on the request's fiber
  std::vector<std::string_view> path_parameters = {};  // filled in by the router
};

// A family of paths with one way to say what went wrong.
struct Door {
  std::string_view name;
  std::string_view prefix;  // "/api/b2b/v1"
  std::string_view description;
  std::function<Response(const Error&, const Request&)> render_error;
};

namespace error_codes {
inline constexpr ErrorCode unknown_path{"unknown_path", ErrorKind::not_found};
inline constexpr ErrorCode method_not_allowed{"method_not_allowed", ErrorKind::invalid};
}  // namespace error_codes

class Router {
 public:
  void add(Door door);
  void add(Route route);

  // Finds the route and fills in the request's path parameters; nullptr when there is none.
  const Route* match(Request& request) const;
  // The methods that have a route at this path: for a 405, and for a browser's preflight.
  std::vector<std::string_view> allowed_methods(std::string_view path) const;

  // The answer to a failed request, in the words of the door that the path belongs to.
  Response render_error(const Error& error, const Request& request) const;

  const std::vector<std::unique_ptr<Route>>& routes() const { return routes_; }
  const std::vector<Door>& doors() const { return doors_; }
  const Door* door_of(std::string_view path) const;

 private:
  struct Node {
    std::vector<std::pair<std::string_view, std::unique_ptr<Node>>> literals;
    std::unique_ptr<Node> parameter;
    std::vector<const Route*> routes;
  };
  using Values = std::array<std::string_view, 8>;
  const Node* find(std::string_view path, Values& values) const;

  Node root_;
  std::vector<std::unique_ptr<Route>> routes_;
  std::vector<Door> doors_;
};

}  // namespace trunkline::net
