// Turns bytes into a Request: Beast's parser for the grammar, and a guard in front of it for what it lets
// through (docs/decisions/0002-http.md lists the cases; server_guard_test.cpp holds them).
#pragma once

#include "net/guarded_parser.hpp"
#include "net/message.hpp"

namespace trunkline::net {

namespace error_codes {
inline constexpr ErrorCode malformed_request{"malformed_request", ErrorKind::invalid};
inline constexpr ErrorCode header_too_large{"header_too_large", ErrorKind::too_large};
inline constexpr ErrorCode target_too_long{"target_too_long", ErrorKind::too_large};
inline constexpr ErrorCode body_too_large{"body_too_large", ErrorKind::too_large};
inline constexpr ErrorCode method_unknown{"method_unknown", ErrorKind::invalid};
}  // namespace error_codes

class RequestParser final : public GuardedParser<true> {
 public:
  // `body_limit` is asked once the header is there: how much body this request may have.
  explicit RequestParser(std::function<std::size_t(Request&)> body_limit);

  // Eats from the front of `bytes` what belongs to this request. Fails with one of the codes above.
  Result<std::size_t> feed(std::string_view bytes);

  bool wants_continue() const { return expects_continue_; }
  bool is_upgrade() const;
  Request& request() { return request_; }

 private:
  void on_request_impl(verb, string_view method, string_view target, int version, error_code&) override;
  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_header_field(string_view name, string_view value, error_code&) override;
  void on_header_impl(error_code&) override;
  std::size_t on_body_impl(string_view body, error_code&) override;

  void refuse(ErrorCode code, std::string message, error_code& result);
  void refuse_body(error_code& result);

  std::function<std::size_t(Request&)> body_limit_;
  Request request_;
  std::optional<Error> refusal_;
  std::size_t body_bytes_max_ = 0;
  bool expects_continue_ = false;
  bool http_1_1_ = true;
};

}  // namespace trunkline::net
