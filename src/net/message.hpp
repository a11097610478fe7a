// A request as a handler sees it and the response it gives back.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "net/event_stream.hpp"
#include "net/http.hpp"
#include "net/websocket.hpp"

namespace trunkline::net {

// A request's header fields, as slices of one buffer.
class RequestHeaders {
 public:
  // The first field of that name, without regard to case.
  std::optional<std::string_view> find(std::string_view name) const;
  void add(std::string_view name, std::string_view value);
  std::size_t count(std::string_view name) const;
  bool has_field(std::string_view name) const { return find(name).has_value(); }
  std::size_t size() const { return fields_.size(); }
  void clear();

 private:
  struct Field {
    std::uint32_t name_at, name_size, value_at, value_size;
  };
  std::string_view name(const Field& field) const {
    return std::string_view(text_).substr(field.name_at, field.name_size);
  }
  std::string_view value(const Field& field) const {
    return std::string_view(text_).substr(field.value_at, field.value_size);
  }
  std::string text_;
  std::vector<Field> fields_;
};

struct Request {
  Method method = Method::get;
  std::string target;  // as sent: path and query
  RequestHeaders headers;
  std::string body;
  std::string remote_address;    // of the peer, or of the client behind a trusted proxy
  std::string id;                // X-Request-Id, given or made
  std::uint64_t connection = 0;  // which it came by; unique in the process, from 1
  std::vector<std::pair<std::string_view, std::string>> path_parameters;  // decoded; names live in the route
  Instant received_at{};

  std::string_view path() const { return std::string_view(target).substr(0, target.find('?')); }
  std::string_view query() const;
  // The decoded value of a path parameter; "" when the route has none of that name.
  std::string_view path_parameter(std::string_view name) const;
  // The last value of a query parameter (as most servers do with repeated ones); nothing when absent.
  std::optional<std::string> query_parameter(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::string_view content_type = "";  // static text
  Headers headers;                     // further ones
  std::string body;
  // Told whether the answer was written to a connection whose client was still there. Destroyed without a
  // call when it was not written at all.
  std::move_only_function<void(bool delivered)> on_written;
  // Instead of a body: an open event stream, or a web socket. The function runs on the request's fiber and
  // ends it.
  std::move_only_function<void(EventStream&)> stream;
  std::move_only_function<void(WebSocket&)> web_socket;
};

// A response with a JSON body.
Response json_response(int status, std::string body);

// RFC 9457: how new paths say what went wrong. Carries the code, the message, the details and the request's
// id.
Response problem_response(const Error& error, std::string_view request_id);

// The status that a kind of failure has where no contract says otherwise.
int status_for(ErrorKind kind);

}  // namespace trunkline::net
