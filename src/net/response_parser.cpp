#include "net/response_parser.hpp"

#include "base/text.hpp"

namespace trunkline::net {
namespace http = boost::beast::http;

ResponseParser::ResponseParser(bool answers_head, std::size_t body_bytes_max)
    : GuardedParser(head_bytes_max), answers_head_(answers_head), body_bytes_left_(body_bytes_max) {
  skip(answers_head);
}

std::size_t ResponseParser::feed(std::string_view bytes) {
  // RFC 9112, section 4: a space follows the status although no reason may follow that. Not all servers send
  // it, and Beast wants it.
  constexpr std::size_t status_end = std::string_view("HTTP/1.1 200").size();
  const bool lacks_space = status_ == 0 && bytes.size() > status_end && bytes[status_end] == '\r';
  if (!lacks_space) return feed_noting_problems(bytes);
  const std::size_t eaten = feed_noting_problems(std::string(bytes).insert(status_end, " "));
  return eaten == 0 ? 0 : eaten - 1;
}

std::size_t ResponseParser::feed_noting_problems(std::string_view bytes) {
  error_code code;
  const std::size_t eaten = feed_guarded(bytes, code);
  if (code && problem_ == Problem::none) {
    problem_ = code == http::error::header_limit ? Problem::too_large : Problem::malformed;
  }
  return eaten;
}

void ResponseParser::feed_end() {
  error_code incomplete;
  if (got_some()) put_eof(incomplete);
}

void ResponseParser::refuse(Problem problem, error_code& result) {
  problem_ = problem;
  result = http::make_error_code(http::error::bad_value);
}

void ResponseParser::on_response_impl(int status, string_view, int, error_code& result) {
  // Nobody here asked for another protocol.
  if (status < 100 || status == 101) return refuse(Problem::malformed, result);
  status_ = status;
}

void ResponseParser::on_header_field(string_view name, string_view value, error_code&) {
  headers_.add({name.data(), name.size()}, {value.data(), value.size()});
}

void ResponseParser::on_header_impl(error_code& result) {
  // Beast takes `xchunked` for no coding at all.
  const auto coding = headers_.find("Transfer-Encoding");
  if (coding && !equal_ignoring_case(*coding, "chunked")) return refuse(Problem::malformed, result);
  const auto length = content_length();
  if (is_done() || !length) return;
  // A body that is announced too large is not waited for.
  if (*length > body_bytes_left_) return refuse(Problem::too_large, result);
  body_.reserve(*length);
}

std::size_t ResponseParser::on_body_impl(string_view body, error_code& result) {
  if (body.size() > body_bytes_left_) {
    refuse(Problem::too_large, result);
    return 0;
  }
  body_bytes_left_ -= body.size();
  body_.append(body.data(), body.size());
  return body.size();
}

}  // namespace trunkline::net
