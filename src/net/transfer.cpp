#include "net/transfer.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace trunkline::net {
namespace {

// A streamed body that is not read as fast as it comes is held back beyond this.
constexpr std::size_t unread_bytes_max = 256UL * 1024;
// Up to here a body is copied behind its head, so that both go out in one piece.
constexpr std::size_t short_body_bytes = 32UL * 1024;

}  // namespace

void Transfer::prepare(const TransferOrder& order, std::string_view user_agent) {
  const ClientRequest& request = order.request;
  url_ = order.url;
  addresses_.assign(order.addresses.begin(), order.addresses.end());
  public_only_ = order.public_only;
  streamed_ = order.streamed;
  repeatable_ = request.repeatable;
  is_head_ = request.method == Method::head;
  body_bytes_max_ = request.response_bytes_max;
  connect_within_ = request.connect_deadline;
  first_byte_by_ = order.first_byte_by;
  finish_by_ = order.finish_by;
  failure_.reset();
  write_head(request, user_agent);
}

// RFC 9112, section 3. What comes after the first header fields is in the order of the request.
void Transfer::write_head(const ClientRequest& request, std::string_view user_agent) {
  const auto line = [this](const auto&... parts) {
    (head_.append(parts), ...);
    head_.append("\r\n");
  };
  head_.clear();
  line(to_text(request.method), " ", url_->target(), " HTTP/1.1");
  line("Host: ", url_->host_field());
  line("Accept: */*");
  for (const auto& [name, value] : request.headers) line(name, value.empty() ? ":" : ": ", value);
  if (!user_agent.empty() && !request.headers.has("User-Agent")) line("User-Agent: ", user_agent);
  const bool has_body = !request.body.empty() || request.method == Method::post ||
                        request.method == Method::put || request.method == Method::patch;
  if (has_body) {
    const fmt::format_int length(request.body.size());
    line("Content-Length: ", std::string_view(length.data(), length.size()));
  }
  line();
  if (request.body.size() <= short_body_bytes) {
    head_ += request.body;
    rest_of_body_ = {};
  } else {
    rest_of_body_ = request.body;
  }
}

void Transfer::begin_connecting() {
  phase_ = Phase::connecting;
  failure_.reset();
  parser_.reset();
  connect_by_ = runtime::steady_now() + connect_within_;
}

void Transfer::begin_sending() {
  phase_ = Phase::sent;
  has_answer_ = false;
  head_bytes_ = 0;
  unparsed_.clear();
  parser_.emplace(is_head_, body_bytes_max_);
}

void Transfer::take(std::string_view bytes) {
  has_answer_ = true;
  if (unparsed_.empty()) {
    unparsed_ = parse(bytes);
  } else {
    unparsed_ += bytes;
    unparsed_.erase(0, unparsed_.size() - parse(unparsed_).size());
  }
  if (streamed_ && has_head()) changed_.ring();
}

// Gives back what is left: less than the parser can do something with, or what follows the answer.
std::string_view Transfer::parse(std::string_view bytes) {
  while (!bytes.empty() && !is_complete()) {
    if (parser_->complete()) parser_.emplace(is_head_, body_bytes_max_);  // after an interim answer
    const bool is_in_head = !parser_->header_done();
    const std::size_t eaten = parser_->feed(bytes);
    bytes.remove_prefix(eaten);
    if (is_in_head) head_bytes_ += eaten;
    if (parser_->header_done()) phase_ = Phase::answered;
    const ResponseParser::Problem problem = parser_->problem();
    // Without a body of its own an answer counts as head: interim ones without end do not pass.
    const bool head_is_too_large = !has_head() && head_bytes_ > ResponseParser::head_bytes_max;
    const std::string& host = url_->host_and_port();
    if (problem == ResponseParser::Problem::malformed) {
      fail({malformed_response, fmt::format("The answer of {} is not HTTP as it should be.", host)});
    }
    if (problem == ResponseParser::Problem::too_large || head_is_too_large) {
      fail({response_too_large,
            fmt::format("The answer of {} is larger than {} bytes.", host, body_bytes_max_)});
    }
    if (!parser_->complete()) break;  // it has eaten what it can
  }
  return bytes;
}

void Transfer::take_end(bool in_good_order) {
  if (in_good_order) parser_->feed_end();
  if (is_complete()) return;
  fail({connection_lost,
        fmt::format("{} closed the connection before its answer was complete.", url_->host_and_port())});
}

void Transfer::fail_late() {
  const std::string& host = url_->host_and_port();
  if (phase_ == Phase::connecting) {
    fail({connect_timed_out, fmt::format("There was no connection to {} in time.", host)});
  } else {
    fail({response_timed_out, fmt::format("{} did not answer in time.", host)});
  }
}

void Transfer::finish() {
  phase_ = Phase::finished;
  changed_.ring();
}

void Transfer::rest() {
  url_.reset();
  unparsed_ = std::string();
  if (head_.capacity() > 2 * short_body_bytes) head_ = std::string();
  parser_.reset();
}

bool Transfer::is_held_back() const {
  return streamed_ && parser_ && parser_->unread_bytes() > unread_bytes_max;
}

bool Transfer::leaves_connection_usable() const {
  return !failure_ && is_whole() && unparsed_.empty() && parser_->keep_alive();
}

runtime::SteadyTime Transfer::next_deadline() const {
  runtime::SteadyTime next = finish_by_;
  if (phase_ != Phase::answered) next = std::min(next, first_byte_by_);
  if (phase_ == Phase::connecting) next = std::min(next, connect_by_);
  return next;
}

void Transfer::wait_for_head() {
  while (!has_head() && !is_finished()) changed_.wait();
}

void Transfer::wait_until_finished() {
  while (!is_finished()) changed_.wait();
}

void Transfer::wait_for_body(runtime::SteadyTime until) {
  while (body().empty() && !is_finished()) {
    if (until >= finish_by_) {
      changed_.wait();
      continue;
    }
    const Duration left = runtime::time_left(until);
    if (left <= Duration::zero() || !changed_.wait_for(left)) return;
  }
}

}  // namespace trunkline::net
