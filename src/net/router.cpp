#include "net/router.hpp"

#include <algorithm>
#include <stdexcept>

#include "base/encoding.hpp"

namespace trunkline::net {
namespace {

// Takes the next segment off "/a/b": "a", leaving "/b".
std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

bool is_parameter(std::string_view segment) {
  return segment.starts_with('{') && segment.ends_with('}');
}

// The names in "{…}", in order.
std::vector<std::string_view> parameter_names(std::string_view path) {
  std::vector<std::string_view> names;
  while (!path.empty()) {
    const std::string_view segment = take_segment(path);
    if (is_parameter(segment)) names.push_back(segment.substr(1, segment.size() - 2));
  }
  return names;
}

}  // namespace

std::string_view to_text(Access access) {
  switch (access) {
    case Access::open:
      return "open";
    case Access::api_key:
      return "api_key";
    case Access::user_token:
      return "user_token";
    case Access::either:
      return "either";
    case Access::operator_token:
      return "operator_token";
  }
  return "open";
}

void Router::add(Door door) {
  doors_.push_back(std::move(door));
}

void Router::add(Route added) {
  routes_.push_back(std::make_unique<Route>(std::move(added)));
  Route& route = *routes_.back();
  route.path_parameters = parameter_names(route.path);
  Node* node = &root_;
  for (std::string_view rest = route.path; !rest.empty();) {
    const std::string_view segment = take_segment(rest);
    if (is_parameter(segment)) {
      if (!node->parameter) node->parameter = std::make_unique<Node>();
      node = node->parameter.get();
      continue;
    }
    auto literal =
        std::ranges::find_if(node->literals, [&](const auto& each) { return each.first == segment; });
    if (literal == node->literals.end()) {
      literal = node->literals.emplace(literal, segment, std::make_unique<Node>());
    }
    node = literal->second.get();
  }
  for (const Route* other : node->routes) {
    if (other->method == route.method) throw std::logic_error("two routes for " + std::string(route.path));
  }
  node->routes.push_back(&route);
}

// A literal segment wins over a parameter at the same place; there is no going back.
const Router::Node* Router::find(std::string_view path, Values& values) const {
  if (!path.starts_with('/')) return nullptr;
  std::size_t value_count = 0;
  const Node* node = &root_;
  while (!path.empty()) {
    const std::string_view segment = take_segment(path);
    const auto literal =
        std::ranges::find_if(node->literals, [&](const auto& each) { return each.first == segment; });
    if (literal != node->literals.end()) {
      node = literal->second.get();
    } else if (node->parameter && !segment.empty() && value_count < values.size()) {
      values[value_count++] = segment;
      node = node->parameter.get();
    } else {
      return nullptr;
    }
  }
  return node;
}

const Route* Router::match(Request& request) const {
  Values values;
  const Node* node = find(request.path(), values);
  if (node == nullptr) return nullptr;
  for (const Route* route : node->routes) {
    const bool fits =
        route->method == request.method || (request.method == Method::head && route->method == Method::get);
    if (!fits) continue;
    for (std::size_t i = 0; i < route->path_parameters.size(); ++i) {
      // A broken escape is taken as it stands; no id looks like that.
      request.path_parameters.emplace_back(route->path_parameters[i],
                                           percent_decode(values[i]).value_or(std::string(values[i])));
    }
    return route;
  }
  return nullptr;
}

std::vector<std::string_view> Router::allowed_methods(std::string_view path) const {
  Values values;
  std::vector<std::string_view> methods;
  if (const Node* node = find(path, values)) {
    for (const Route* route : node->routes) methods.push_back(to_text(route->method));
  }
  return methods;
}

const Door* Router::door_of(std::string_view path) const {
  const Door* longest = nullptr;
  for (const Door& door : doors_) {
    if (path.starts_with(door.prefix) &&
        (longest == nullptr || door.prefix.size() > longest->prefix.size())) {
      longest = &door;
    }
  }
  return longest;
}

Response Router::render_error(const Error& error, const Request& request) const {
  const Door* door = door_of(request.path());
  if (door != nullptr && door->render_error) return door->render_error(error, request);
  return problem_response(error, request.id);
}

}  // namespace trunkline::net
