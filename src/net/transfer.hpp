// One exchange of the HTTP client: what is sent, what has come, how it ended. Only for net/client.cpp and
// net/transfer_driver.cpp. The driver feeds it; a fiber waits for it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "net/client.hpp"
#include "net/connector.hpp"
#include "net/response_parser.hpp"
#include "runtime/semaphore.hpp"

namespace trunkline::net {

class ClientConnection;
class Transfer;

struct TransferOrder {
  const Url& url;
  const ClientRequest& request;               // must stay until the answer's head is there
  std::span<const IpAddress> addresses = {};  // the only ones to connect to
  bool public_only = true;
  bool streamed = false;
  runtime::SteadyTime first_byte_by = runtime::SteadyTime::max();
  runtime::SteadyTime finish_by = runtime::SteadyTime::max();
};

// Transfers by the moment at which the driver looks whether they are late.
using Schedule = std::multimap<runtime::SteadyTime, Transfer*>;

class Transfer {
 public:
  // For the driver: what the exchange wants.
  void prepare(const TransferOrder& order, std::string_view user_agent);
  const Url& url() const { return *url_; }
  std::span<const IpAddress> addresses() const { return addresses_; }
  bool public_only() const { return public_only_; }
  // What goes out, in this order. A short body is part of the head.
  std::string_view head() const { return head_; }
  std::string_view rest_of_body() const { return rest_of_body_; }

  // For the driver: what happens to it.
  void begin_connecting();
  void begin_sending();
  void take(std::string_view bytes);
  void take_end(bool in_good_order);  // of the connection
  void fail(Error failure) { failure_ = std::move(failure); }
  void fail_late();  // which deadline has passed decides how it failed
  void finish();     // wakes whoever waits
  void rest();       // until it is used again it keeps nothing of what it carried

  // For the driver: how it stands.
  bool is_complete() const { return failure_ || is_whole(); }
  bool wants_more() const { return !is_complete() && !is_held_back(); }
  // The connection did not get as far as an answer, and the request may go out anew.
  bool may_be_repeated() const {
    return failure_ && failure_->code() == connection_lost && !has_answer_ && repeatable_;
  }
  bool leaves_connection_usable() const;
  runtime::SteadyTime next_deadline() const;

  std::shared_ptr<ClientConnection> connection;  // that carries it
  std::shared_ptr<Connector> connector;          // that opens one for it
  Schedule::node_type unscheduled;               // its place in the schedule, kept while it has none
  Schedule::iterator scheduled;

  // For the client. The three waits suspend.
  void wait_for_head();
  bool has_head() const { return parser_ && parser_->header_done() && !parser_->is_interim(); }
  void wait_until_finished();
  void wait_for_body(runtime::SteadyTime until);
  bool is_finished() const { return phase_ == Phase::finished; }
  const std::optional<Error>& error() const { return failure_; }
  int status() const { return parser_->status(); }
  Headers& headers() { return parser_->headers(); }
  bool body_ends_by_close() const { return parser_->body_ends_by_close(); }
  std::string& body() { return parser_->body(); }

 private:
  enum class Phase : std::uint8_t { connecting, sent, answered, finished };

  void write_head(const ClientRequest& request, std::string_view user_agent);
  bool is_whole() const { return parser_ && parser_->complete() && !parser_->is_interim(); }
  bool is_held_back() const;  // more has come than the reader takes
  std::string_view parse(std::string_view bytes);

  std::optional<Url> url_;
  std::vector<IpAddress> addresses_;
  bool public_only_ = false;
  bool streamed_ = false;
  bool repeatable_ = false;
  bool is_head_ = false;
  std::size_t body_bytes_max_ = 0;
  Duration connect_within_{};
  runtime::SteadyTime connect_by_;
  runtime::SteadyTime first_byte_by_;
  runtime::SteadyTime finish_by_;

  std::string head_;
  std::string_view rest_of_body_;  // of the request's

  Phase phase_ = Phase::finished;
  std::optional<Error> failure_;
  bool has_answer_ = false;     // its first byte
  std::size_t head_bytes_ = 0;  // of all the answers, interim ones included
  std::optional<ResponseParser> parser_;
  std::string unparsed_;
  runtime::Bell changed_;
};

}  // namespace trunkline::net
