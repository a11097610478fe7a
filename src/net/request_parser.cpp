#include "net/request_parser.hpp"

#include <charconv>

#include <fmt/core.h>

#include "base/text.hpp"
#include "net/limits.hpp"

namespace trunkline::net {
namespace http = boost::beast::http;

namespace {

// A line that begins with a space or tab continues the one before (obs-fold, RFC 9112 section 5.2). Beast
// joins them; a proxy in front may not, so they are refused. The parser eats whole lines of the header, with
// what continues them, so `bytes` begin with one.
bool has_folded_line(std::string_view bytes) {
  if (bytes.starts_with("\r\n"))
    return false;  // the header's end; what follows is the body, or another request
  const std::string_view head = bytes.substr(0, bytes.find("\r\n\r\n"));
  for (std::size_t at = head.find('\n'); at != std::string_view::npos && at + 1 < head.size();
       at = head.find('\n', at + 1)) {
    if (head[at + 1] == ' ' || head[at + 1] == '\t') return true;
  }
  return false;
}

}  // namespace

RequestParser::RequestParser(std::function<std::size_t(Request&)> body_limit)
    : GuardedParser(limits::header_bytes), body_limit_(std::move(body_limit)) {}

Result<std::size_t> RequestParser::feed(std::string_view bytes) {
  if (!header_done() && has_folded_line(bytes)) {
    return fail(error_codes::malformed_request,
                "A header line is folded over two lines, which HTTP/1.1 forbids.");
  }
  error_code code;
  const std::size_t eaten = feed_guarded(bytes, code);
  if (refusal_) return fail(std::move(*refusal_));
  if (!code) return eaten;
  if (code == http::error::header_limit) {
    const std::string_view what =
        header_done() ? "line of a chunk, or the trailers, are" : "request's header is";
    return fail(error_codes::header_too_large,
                fmt::format("The {} larger than {} bytes.", what, limits::header_bytes));
  }
  return fail(error_codes::malformed_request,
              fmt::format("The request is not valid HTTP/1.1: {}.", code.message()));
}

bool RequestParser::is_upgrade() const {
  return request_.headers.find("Upgrade").has_value();
}

void RequestParser::refuse(ErrorCode code, std::string message, error_code& result) {
  refusal_ = Error(code, std::move(message));
  result = http::make_error_code(http::error::bad_value);
}

void RequestParser::on_request_impl(verb, string_view method, string_view target, int version,
                                    error_code& result) {
  const auto known = net::parse_method({method.data(), method.size()});
  if (!known) {
    return refuse(error_codes::method_unknown, "The method is none that this server speaks.", result);
  }
  if (target.size() > limits::target_bytes) {
    return refuse(error_codes::target_too_long,
                  fmt::format("The URL is longer than {} bytes.", limits::target_bytes), result);
  }
  const bool whole_server = target == "*" && *known == Method::options;
  if (target.empty() || (target.front() != '/' && !whole_server)) {
    return refuse(error_codes::malformed_request, "The request target must be a path.", result);
  }
  request_.method = *known;
  request_.target.assign(target.data(), target.size());
  http_1_1_ = version == 11;
}

void RequestParser::on_header_field(string_view name, string_view value, error_code& result) {
  if (request_.headers.size() >= limits::header_fields) {
    return refuse(error_codes::header_too_large,
                  fmt::format("The request has more than {} header fields.", limits::header_fields), result);
  }
  request_.headers.add({name.data(), name.size()}, {value.data(), value.size()});
}

void RequestParser::on_header_impl(error_code& result) {
  const RequestHeaders& headers = request_.headers;
  const std::size_t hosts = headers.count("Host");
  if (hosts > 1 || (hosts == 0 && http_1_1_)) {
    return refuse(error_codes::malformed_request, "The request must have exactly one Host field.", result);
  }
  const auto transfer_encoding = headers.find("Transfer-Encoding");
  if (transfer_encoding &&
      (headers.count("Transfer-Encoding") > 1 || !equal_ignoring_case(*transfer_encoding, "chunked") ||
       headers.has_field("Content-Length") || !http_1_1_)) {
    return refuse(error_codes::malformed_request,
                  "The only transfer coding this server takes is `chunked`, alone.", result);
  }
  const auto encoding = headers.find("Content-Encoding");
  if (encoding && !equal_ignoring_case(*encoding, "identity")) {
    return refuse(error_codes::malformed_request,
                  "Compressed request bodies are not taken; send it as it is.", result);
  }
  const auto expect = headers.find("Expect");
  expects_continue_ = expect && equal_ignoring_case(*expect, "100-continue");
  body_bytes_max_ = body_limit_(request_);
  // Beast has seen to it that the length is a number; a body that is announced too large is not waited for.
  const auto length = headers.find("Content-Length");
  std::uint64_t announced = 0;
  if (length) std::from_chars(length->data(), length->data() + length->size(), announced);
  if (announced > body_bytes_max_) return refuse_body(result);
  request_.body.reserve(announced);
}

void RequestParser::refuse_body(error_code& result) {
  refuse(error_codes::body_too_large, fmt::format("The body is larger than {} bytes.", body_bytes_max_),
         result);
}

std::size_t RequestParser::on_body_impl(string_view body, error_code& result) {
  if (request_.body.size() + body.size() > body_bytes_max_) {
    refuse_body(result);
    return 0;
  }
  request_.body.append(body.data(), body.size());
  return body.size();
}

}  // namespace trunkline::net
