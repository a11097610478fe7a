#include "net/curl_transfer.hpp"

#include <algorithm>
#include <charconv>

#include <curl/curl.h>
#include <fmt/core.h>

#include "base/text.hpp"

namespace trunkline::net {
namespace {

constexpr std::size_t head_bytes_max = 64UL * 1024;
// A streamed body that is not read as fast as it comes is held back beyond this.
constexpr std::size_t unread_bytes_max = 256UL * 1024;

}  // namespace

bool Transfer::may_connect_to(const sockaddr& address) {
  const auto parsed = IpAddress::from_socket_address(address);
  if (parsed && (!public_only_ || is_public(*parsed))) return true;
  failure_ = Failure::address_refused;
  return false;
}

// Called for each connection that the request is about to be sent on, kept-alive ones included.
bool Transfer::may_send_to(const char* address) {
  if (public_only_) {
    const auto parsed = IpAddress::parse(address);
    if (!parsed || !is_public(*parsed)) return refuse(Failure::address_refused);
  }
  if (failure_ != Failure::none) return false;
  if (times_sent_++ > 0 && !repeatable_) return refuse(Failure::lost);
  phase_ = Phase::sent;
  return true;
}

bool Transfer::refuse(Failure failure) {
  failure_ = failure;
  return false;
}

bool Transfer::take_head_line(std::string_view line) {
  head_bytes_ += line.size();
  if (head_bytes_ > head_bytes_max) return refuse(Failure::too_large);
  if (head_is_complete_) return true;  // trailers after the body say nothing to us
  if (line.starts_with("HTTP/")) return take_status_line(line);
  if (line != "\r\n" && line != "\n") return take_field(line);
  if (status_ >= 200) {
    head_is_complete_ = true;
    if (streamed_) changed_.ring();
  }
  return true;
}

// "HTTP/1.1 200 OK"; after an interim status (1xx) another follows.
bool Transfer::take_status_line(std::string_view line) {
  headers_ = Headers();
  status_ = 0;
  is_delimited_ = is_head_;
  const std::size_t space = line.find(' ');
  if (space != std::string_view::npos) {
    std::from_chars(line.data() + space + 1, line.data() + line.size(), status_);
  }
  phase_ = Phase::answered;
  if (status_ == 204 || status_ == 304) is_delimited_ = true;
  const bool is_status = status_ >= 100 && status_ <= 999 && status_ != 101;
  return is_status || refuse(Failure::malformed);
}

bool Transfer::take_field(std::string_view line) {
  const auto field = split_once(line, ':');
  if (!field || field->first.empty() || line[0] == ' ' || line[0] == '\t') return refuse(Failure::malformed);
  const std::string_view value = trim(field->second);
  if (equal_ignoring_case(field->first, "Content-Length") && !take_length(value)) return false;
  if (equal_ignoring_case(field->first, "Transfer-Encoding")) is_delimited_ = true;
  headers_.add(std::string(field->first), std::string(value));
  return true;
}

bool Transfer::take_length(std::string_view digits) {
  std::size_t size = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size);
  is_delimited_ = true;
  if (is_head_) return true;
  if (headers_.find("Content-Length").value_or(digits) != digits) return refuse(Failure::malformed);
  if (error == std::errc::result_out_of_range || size > body_bytes_max_) return refuse(Failure::too_large);
  if (error != std::errc() || end != digits.data() + digits.size()) return refuse(Failure::malformed);
  if (!streamed_) body_.reserve(size);
  return true;
}

Transfer::Taken Transfer::take_body(std::string_view bytes) {
  if (streamed_ && !body_.empty() && body_.size() + bytes.size() > unread_bytes_max) {
    paused_ = true;
    return Taken::later;
  }
  body_bytes_ += bytes.size();
  if (body_bytes_ > body_bytes_max_) {
    failure_ = Failure::too_large;
    return Taken::never;
  }
  body_.append(bytes);
  if (streamed_) changed_.ring();
  return Taken::all;
}

runtime::SteadyTime Transfer::next_deadline() const {
  runtime::SteadyTime next = finish_by_;
  if (phase_ != Phase::answered) next = std::min(next, first_byte_by_);
  if (phase_ == Phase::connecting) next = std::min(next, connect_by_);
  return next;
}

void Transfer::finish_late() {
  failure_ = phase_ == Phase::connecting ? Failure::connect_late : Failure::response_late;
  finish(CURLE_OPERATION_TIMEDOUT);
}

void Transfer::finish(int curl_code) {
  if (failure_ == Failure::none) failure_ = classify(curl_code);
  if (failure_ == Failure::none && !head_is_complete_) failure_ = Failure::lost;  // it ended within the head
  phase_ = Phase::finished;
  changed_.ring();
}

Transfer::Failure Transfer::classify(int curl_code) const {
  const bool is_connected = phase_ != Phase::connecting;
  switch (curl_code) {
    case CURLE_OK:
      return Failure::none;
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
      return Failure::not_connected;  // none in libcurl's own time
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return Failure::tls;
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_PARTIAL_FILE:
      return is_connected ? Failure::lost : Failure::not_connected;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:  // HTTP/0.9
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_WRITE_ERROR:
      return Failure::malformed;
    case CURLE_OUT_OF_MEMORY:
      return Failure::too_large;  // its word for a header field without end
    default:
      return Failure::internal;
  }
}

std::optional<Error> Transfer::error() const {
  const std::string& host = url_->host_and_port();
  switch (failure_) {
    case Failure::none:
      return std::nullopt;
    case Failure::address_refused:
      return Error(address_not_allowed,
                   fmt::format("{} leads to an address that is not on the public Internet.", host));
    case Failure::not_connected:
      return Error(cannot_connect,
                   fmt::format("Nothing answers at {}; check the address and that the server runs.", host));
    case Failure::no_socket:
      return Error(client_busy, "Too many files and connections are open; raise the limit (LimitNOFILE).")
          .after(seconds(1));
    case Failure::tls:
      return Error(tls_failure, fmt::format("There is no trusted TLS connection to {}: {}.", host,
                                            trim(std::string_view(curl_message_.data()))));
    case Failure::connect_late:
      return Error(connect_timed_out, fmt::format("There was no connection to {} in time.", host));
    case Failure::response_late:
      return Error(response_timed_out, fmt::format("{} did not answer in time.", host));
    case Failure::lost:
      return Error(connection_lost,
                   fmt::format("{} closed the connection before its answer was complete.", host));
    case Failure::malformed:
      return Error(malformed_response, fmt::format("The answer of {} is not HTTP as it should be.", host));
    case Failure::too_large:
      return Error(response_too_large,
                   fmt::format("The answer of {} is larger than {} bytes.", host, body_bytes_max_));
    case Failure::internal:
      break;
  }
  return Error(trunkline::error_codes::internal, fmt::format("The request to {} failed: {}.", host,
                                                             trim(std::string_view(curl_message_.data()))));
}

void Transfer::wait_for_head() {
  while (!head_is_complete_ && !is_finished()) changed_.wait();
}

void Transfer::wait_until_finished() {
  while (!is_finished()) changed_.wait();
}

void Transfer::wait_for_body(runtime::SteadyTime until) {
  while (body_.empty() && !is_finished()) {
    if (until >= finish_by_) {
      changed_.wait();
      continue;
    }
    const Duration left = runtime::time_left(until);
    if (left <= Duration::zero() || !changed_.wait_for(left)) return;
  }
}

}  // namespace trunkline::net
