// Turns bytes into a response: Beast's parser for the grammar, and around it what a client must not take (the
// cases are in client_fault_test.cpp).
#pragma once

#include "net/guarded_parser.hpp"
#include "net/http.hpp"

namespace trunkline::net {

// For one message. An interim one (1xx) is followed by another.
class ResponseParser final : public GuardedParser<false> {
 public:
  enum class Problem : std::uint8_t { none, malformed, too_large };
  static constexpr std::uint32_t head_bytes_max = 64U * 1024;

  // An answer to HEAD has no body, whatever its header says.
  ResponseParser(bool answers_head, std::size_t body_bytes_max);

  // Eats from the front of `bytes` what belongs to this message. Nothing more after a problem.
  std::size_t feed(std::string_view bytes);
  // The connection has ended in good order; a body of no announced length is complete now.
  void feed_end();

  Problem problem() const { return problem_; }
  bool is_interim() const { return status_ < 200; }
  // Nothing but the connection's end says where the body ends.
  bool body_ends_by_close() const { return !answers_head_ && need_eof(); }

  int status() const { return status_; }
  Headers& headers() { return headers_; }
  // What has come of it and has not been taken yet.
  std::string& body() { return body_; }
  std::size_t unread_bytes() const { return body_.size(); }

 private:
  void on_request_impl(verb, string_view, string_view, int, error_code&) override {}
  void on_response_impl(int status, string_view reason, int version, error_code&) override;
  void on_header_field(string_view name, string_view value, error_code&) override;
  void on_header_impl(error_code&) override;
  std::size_t on_body_impl(string_view body, error_code&) override;

  std::size_t feed_noting_problems(std::string_view bytes);
  void refuse(Problem problem, error_code& result);

  bool answers_head_;
  std::size_t body_bytes_left_;
  Problem problem_ = Problem::none;
  int status_ = 0;
  Headers headers_;
  std::string body_;
};

}  // namespace trunkline::net
