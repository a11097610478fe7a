// One client connection: reads requests one after the other, runs each on a fiber, writes its answer. Used by
// server.cpp only.
#pragma once

#include <memory>
#include <optional>

#include "net/request_parser.hpp"
#include "net/server_state.hpp"
#include "runtime/semaphore.hpp"

namespace trunkline::net {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<Server::State> server, std::unique_ptr<Transport> transport);
  ~Connection();

  void start();
  // Closes it when it has stood longer than its phase allows. Called once a second.
  void check_deadline(runtime::SteadyTime now);
  // For draining: closes at once when idle, else after the answer under way.
  void close_when_idle();
  void close();
  const std::string& remote_address() const { return address_; }
  // Sends the answer that is ready (Server::State::write_soon).
  void write_output(bool keep_alive);

 private:
  enum class Phase : std::uint8_t {
    handshake,
    idle,
    header,
    body,
    running,
    writing,
    streaming,
    lingering,
    closed
  };

  void enter(Phase phase);
  void read();
  void received(std::string_view bytes);
  void parse(std::string_view bytes);
  void refuse(const Error& error);
  std::size_t body_limit(Request& request);

  void dispatch();
  void run();
  Response respond(Request& request);
  Response answer_without_route(const Request& request) const;
  Response preflight(const Request& request) const;
  void refuse_for_now();
  void identify(Request& request) const;

  void allow_origin(const Request& request, Response& response) const;
  void compress(const Request& request, Response& response);
  std::string head(const Request& request, const Response& response,
                   std::optional<std::size_t> content_length, bool keep_alive) const;
  void write_response(Response response);
  void written(bool keep_alive);
  void run_stream(Response& response);
  void run_web_socket(Response& response);
  bool write_and_wait(std::string_view bytes);
  void watch_for_leaving();

  std::shared_ptr<Server::State> server_;
  std::unique_ptr<Transport> transport_;
  std::string address_;
  std::uint64_t number_;
  Phase phase_ = Phase::handshake;
  runtime::SteadyTime phase_since_;
  std::string pending_;  // received and not yet parsed
  std::optional<RequestParser> parser_;
  const Route* route_ = nullptr;
  bool keep_alive_ = true;
  bool client_left_ = false;
  bool continue_sent_ = false;
  std::size_t body_bytes_seen_ = 0;
  std::string output_;
  std::move_only_function<void(bool)> on_written_;
  runtime::SteadyTime started_;
  runtime::Bell* leaving_bell_ = nullptr;
};

}  // namespace trunkline::net
