#include "doors/engagement/errors.hpp"

#include <fmt/core.h>

#include "base/json/write.hpp"
#include "doors/engagement/door.hpp"

namespace trunkline::doors::engagement {
namespace {

// POST and PUT /customers, POST /customers/actions, DELETE /customers/{customer_id}.
bool is_published_call(const net::Request& request) {
  std::string_view path = request.path();
  if (path == prefix) return request.method == net::Method::post || request.method == net::Method::put;
  if (!path.starts_with(prefix)) return false;
  path.remove_prefix(prefix.size());
  if (path == "/actions") return request.method == net::Method::post;
  return request.method == net::Method::del && path.find('/', 1) == std::string_view::npos;
}

}  // namespace

int published_status(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid:
    case ErrorKind::conflict:
    case ErrorKind::too_large:
      return 400;
    case ErrorKind::unauthenticated:
    case ErrorKind::forbidden:
      return 401;
    case ErrorKind::not_found:
      return 404;
    case ErrorKind::rate_limited:
      return 429;
    case ErrorKind::unavailable:
      return 503;
    case ErrorKind::timed_out:
      return 504;
    case ErrorKind::internal:
      return 500;
  }
  return 500;
}

net::Response render_published(const Error& error) {
  std::string body;
  json::Writer(body)
      .begin_object()
      .member("message", error.message())
      .member("code", error.code().name)
      .end_object();
  net::Response response = net::json_response(published_status(error.kind()), std::move(body));
  if (const auto wait = error.retry_after()) {
    // A whole number: the client takes nothing else.
    response.headers.add("Retry-After", fmt::format("{}", std::chrono::ceil<seconds>(*wait).count()));
  }
  return response;
}

net::Response render_error(const Error& error, const net::Request& request) {
  return is_published_call(request) ? render_published(error) : net::problem_response(error, request.id);
}

}  // namespace trunkline::doors::engagement
