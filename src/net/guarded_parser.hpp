// Beast's parser, kept from what it must not be given and must not take, for requests and responses alike
// (docs/decisions/0002-http.md). Included by request_parser.hpp and response_parser.hpp only.
#pragma once

#include <string_view>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

namespace trunkline::net {

template <bool is_request>
class GuardedParser : public boost::beast::http::basic_parser<is_request> {
 public:
  bool header_done() const { return this->is_header_done(); }
  bool complete() const { return this->is_done(); }

 protected:
  using error_code = boost::system::error_code;
  using string_view = boost::beast::string_view;
  using verb = boost::beast::http::verb;
  using field = boost::beast::http::field;

  // Bodies are limited by who takes them.
  explicit GuardedParser(std::uint32_t header_bytes_max) : header_bytes_max_(header_bytes_max) {
    this->header_limit(header_bytes_max);
    this->body_limit(boost::none);
    this->eager(true);
  }

  // Eats from the front of `bytes` what belongs to the message. `result` says why it cannot go on, if so, and
  // nothing when it only wants more.
  std::size_t feed_guarded(std::string_view bytes, error_code& result) {
    if (is_piece_of_a_chunk(bytes)) return 0;
    const std::size_t eaten = this->put(boost::asio::const_buffer(bytes.data(), bytes.size()), result);
    if (result == boost::beast::http::error::need_more) result = {};
    if (!result && is_endless_line(bytes.size() - eaten)) result = boost::beast::http::error::header_limit;
    return eaten;
  }

  // A field of the header. Trailers come after what the header decided, so they are not taken for it (RFC
  // 9110, section 6.5.1).
  virtual void on_header_field(string_view name, string_view value, error_code& result) = 0;

 private:
  // Beast 1.81 ends the program by an assertion when it is asked again about a last chunk (RFC 9112, section
  // 7.1) that has come in part. The end of every chunked body is longer than what is held back here.
  bool is_piece_of_a_chunk(std::string_view bytes) const {
    constexpr std::string_view shortest_end = "0\r\n\r\n";
    return header_done() && !complete() && this->chunked() && bytes.size() < shortest_end.size();
  }

  // The line of a chunk, or the trailers, of which the parser can make nothing yet. Without a limit they
  // would be waited for, and kept, for ever.
  bool is_endless_line(std::size_t left) const {
    return header_done() && !complete() && left > header_bytes_max_;
  }

  void on_field_impl(field, string_view name, string_view value, error_code& result) final {
    if (!header_done()) on_header_field(name, value, result);
  }
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code& result) final {
    return this->on_body_impl(body, result);
  }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) final {}
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) final {}
  void on_finish_impl(error_code&) final {}

  std::size_t header_bytes_max_;
};

}  // namespace trunkline::net
