// What the connections of one server share. Used by server.cpp and connection.cpp only.
#pragma once

#include <optional>
#include <unordered_set>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "net/admission.hpp"
#include "net/server.hpp"
#include "net/transport.hpp"

namespace trunkline::net {

class Connection;

// The metrics of one route.
struct RouteMetrics {
  std::array<Counter, 5> by_status_class;  // 1xx to 5xx
  Histogram duration;
};

struct Server::State : std::enable_shared_from_this<Server::State> {
  State(ServerContext server_context, ServerOptions server_options);

  void accept();
  // How many it took, at most accepted_at_once.
  std::size_t accept_waiting();
  void take_the_last();
  void adopt(TcpSocket socket);
  void sweep();
  std::vector<std::shared_ptr<Connection>> all_connections() const;
  void forget(Connection& connection);
  void observe(const Route* route, const Request& request, const Response& response,
               runtime::SteadyTime started);
  // Sends the connection's answer together with the others of this turn of the loop: clients wake once for
  // many answers, and the requests of one turn are all read before the first is answered.
  void write_soon(std::shared_ptr<Connection> connection, bool keep_alive);
  // A request has ended: the next in line begins, soon.
  void leave();
  void begin_waiting();
  // For requests that bring none: unlike any other's, and cheap.
  std::string next_request_id();
  // The Date field's value, made once a second.
  const std::string& date();

  ServerContext context;
  ServerOptions options;
  Admission admission;
  boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, boost::asio::io_context::executor_type> acceptor;
  std::shared_ptr<Readiness> readiness;
  std::optional<boost::asio::ssl::context> tls;
  std::unordered_map<Connection*, std::weak_ptr<Connection>> connections;
  std::unordered_map<std::string, std::size_t> connections_by_address;
  std::vector<std::pair<std::shared_ptr<Connection>, bool>> unwritten;  // with whether it stays open
  bool beginning = false;
  bool draining = false;
  runtime::Timer sweeper;
  std::unordered_map<const Route*, RouteMetrics> route_metrics;
  RouteMetrics unrouted_metrics;
  Counter refused_connections;
  Counter shed_requests;
  Gauge waiting_requests;
  std::string date_text;
  std::int64_t date_second = 0;
  std::uint64_t request_id_base;
  std::uint64_t requests_seen = 0;
};

}  // namespace trunkline::net
