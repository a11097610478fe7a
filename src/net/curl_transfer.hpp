// One exchange through libcurl: what libcurl is told, what has come, how it ended. Only for net/client.cpp
// and net/curl_driver.cpp. Libcurl's callbacks collect and ring a bell; the fiber goes on later, from the
// loop.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "net/client.hpp"
#include "runtime/semaphore.hpp"

struct sockaddr;
struct x509_store_st;

namespace trunkline::net {

class CurlDriver;
class Transfer;

struct TransferOrder {
  const Url& url;
  const ClientRequest& request;  // must stay until the transfer has ended, or is copied when it is streamed
  std::span<const IpAddress> addresses;  // the only ones to connect to
  bool public_only;
  bool streamed;
  runtime::SteadyTime connect_by;
  runtime::SteadyTime first_byte_by;
  runtime::SteadyTime finish_by;
};

// Transfers by the moment at which the driver looks whether they are late.
using Schedule = std::multimap<runtime::SteadyTime, Transfer*>;

// nullptr when they could not be read.
using Authorities = std::function<x509_store_st*()>;

class Transfer {
 public:
  // `authorities` gives those to trust, and waits until they have been read. Must outlive it.
  Transfer(CurlDriver& driver, const ClientOptions& options, const Authorities& authorities);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  // For the driver.
  void prepare(const TransferOrder& order, std::span<const std::string> pins_to_drop);
  void finish(int curl_code);
  void finish_late();  // which deadline has passed decides how it failed
  void rest();         // until it is used again it keeps nothing of what it carried
  runtime::SteadyTime next_deadline() const;
  void* easy() const { return easy_; }
  void* multi = nullptr;  // which it was given to
  bool is_paused() const { return paused_; }
  Schedule::node_type unscheduled;  // its place in the schedule, kept while it has none
  Schedule::iterator scheduled;

  // For the client. The three waits suspend.
  void wait_for_head();
  bool has_head() const { return head_is_complete_; }
  void wait_until_finished();
  void wait_for_body(runtime::SteadyTime until);
  bool is_finished() const { return phase_ == Phase::finished; }
  std::optional<Error> error() const;
  int status() const { return status_; }
  Headers& headers() { return headers_; }
  bool body_ends_by_close() const { return !is_delimited_; }
  std::string& body() { return body_; }

  // For libcurl's callbacks.
  bool take_head_line(std::string_view line);
  enum class Taken : std::uint8_t { all, later, never };
  Taken take_body(std::string_view bytes);
  bool may_connect_to(const sockaddr& address);
  void note_no_socket() { failure_ = Failure::no_socket; }
  bool may_send_to(const char* address);
  bool may_look_up() const { return url_->literal().has_value(); }
  CurlDriver& driver() { return driver_; }

  // After the body has been read: more may come.
  void resume() { paused_ = false; }

 private:
  enum class Phase : std::uint8_t { connecting, sent, answered, finished };
  enum class Failure : std::uint8_t {
    none,
    address_refused,
    no_socket,
    not_connected,
    tls,
    connect_late,
    response_late,
    lost,
    malformed,
    too_large,
    internal,
  };
  struct Lines;  // libcurl's lists of lines

  void set_constant_options(const ClientOptions& options, const Authorities& authorities);
  void set_method(const ClientRequest& request, std::string_view body);
  void set_headers(const ClientRequest& request);
  void set_pins(std::span<const IpAddress> addresses, std::span<const std::string> pins_to_drop);
  bool refuse(Failure failure);
  bool take_status_line(std::string_view line);
  bool take_field(std::string_view line);
  bool take_length(std::string_view digits);
  Failure classify(int curl_code) const;

  CurlDriver& driver_;
  void* easy_;
  std::string user_agent_;
  std::array<char, 256> curl_message_{};
  std::unique_ptr<Lines> header_lines_;
  std::unique_ptr<Lines> pin_lines_;
  std::optional<std::pair<Method, bool>> method_set_;  // and whether there is a body

  std::optional<Url> url_;
  std::string own_body_;  // the request's, when the exchange outlives it
  bool public_only_ = false;
  bool streamed_ = false;
  bool repeatable_ = false;
  bool is_head_ = false;
  std::size_t body_bytes_max_ = 0;
  runtime::SteadyTime connect_by_;
  runtime::SteadyTime first_byte_by_;
  runtime::SteadyTime finish_by_;

  Phase phase_ = Phase::finished;
  Failure failure_ = Failure::none;
  bool head_is_complete_ = false;
  bool is_delimited_ = false;
  bool paused_ = false;
  int times_sent_ = 0;
  int status_ = 0;
  std::size_t head_bytes_ = 0;
  std::size_t body_bytes_ = 0;
  Headers headers_;
  std::string body_;
  runtime::Bell changed_;
};

}  // namespace trunkline::net
