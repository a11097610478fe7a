#include "net/server.hpp"

#include <array>

#include <boost/asio/ip/address.hpp>
#include <fmt/chrono.h>
#include <linux/filter.h>
#include <sys/socket.h>

#include "base/log.hpp"
#include "net/connection.hpp"

namespace trunkline::net {
namespace {

namespace asio = boost::asio;

constexpr std::size_t accepted_at_once = 128;
constexpr std::size_t begun_at_once = 16;

RouteMetrics metrics_for(Metrics& metrics, std::string_view door, std::string_view operation) {
  const auto counter = [&](const char* status) {
    return metrics.counter(
        "trunkline_http_requests_total", "Requests answered, by route and class of status.",
        {{"door", std::string(door)}, {"operation", std::string(operation)}, {"status", status}});
  };
  return {
      .by_status_class = {counter("1xx"), counter("2xx"), counter("3xx"), counter("4xx"), counter("5xx")},
      .duration = metrics.histogram("trunkline_http_request_duration_seconds",
                                    "From the last byte of the request to the first of the answer.",
                                    {{"door", std::string(door)}, {"operation", std::string(operation)}})};
}

Result<asio::ssl::context> load_tls(const ServerOptions& options) {
  asio::ssl::context context = tls_context(asio::ssl::context::tls_server);
  boost::system::error_code problem;
  context.use_certificate_chain_file(options.tls_certificate_file, problem);
  if (problem) {
    return fail(
        trunkline::error_codes::invalid_argument,
        fmt::format("The TLS certificate {} cannot be used: {}. It must be a PEM file with the whole chain.",
                    options.tls_certificate_file, problem.message()));
  }
  context.use_private_key_file(options.tls_key_file, asio::ssl::context::pem, problem);
  if (problem) {
    return fail(trunkline::error_codes::invalid_argument,
                fmt::format("The TLS key {} cannot be used: {}. It must be the PEM key of the certificate.",
                            options.tls_key_file, problem.message()));
  }
  return context;
}

}  // namespace

Server::State::State(ServerContext server_context, ServerOptions server_options)
    : context(server_context),
      options(std::move(server_options)),
      admission({.running_max = options.requests_running, .wait_max = options.request_wait}),
      acceptor(context.loop.context().get_executor()),
      readiness(Readiness::create(context.loop)),
      unrouted_metrics(metrics_for(context.metrics, "none", "none")),
      refused_connections(context.metrics.counter("trunkline_http_connections_refused_total",
                                                  "Connections refused because their address has too many.")),
      shed_requests(context.metrics.counter("trunkline_http_requests_shed_total",
                                            "Requests refused because the server had too much to do.")),
      waiting_requests(
          context.metrics.gauge("trunkline_http_requests_waiting", "Requests in line for their turn.")),
      request_id_base(context.random.next()) {
  for (const auto& route : context.router.routes()) {
    route_metrics.emplace(route.get(), metrics_for(context.metrics, route->door, route->operation));
  }
}

// A random beginning tells the runs of servers apart, a counter the requests of one run.
void Server::State::write_soon(std::shared_ptr<Connection> connection, bool keep_alive) {
  unwritten.emplace_back(std::move(connection), keep_alive);
  if (unwritten.size() > 1) return;
  context.loop.post([self = shared_from_this()] {
    for (const auto& [ready, stays_open] : std::exchange(self->unwritten, {}))
      ready->write_output(stays_open);
  });
}

void Server::State::leave() {
  admission.leave();
  begin_waiting();
}

// A few at a time, so that whoever asks meanwhile hears soon that they wait or are refused.
void Server::State::begin_waiting() {
  if (admission.waiting() == 0 || std::exchange(beginning, true)) return;
  context.loop.post([self = shared_from_this()] {
    self->beginning = false;
    const auto now = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < begun_at_once; ++i) {
      auto begin = self->admission.next(now);
      if (!begin) return;
      self->waiting_requests.add(-1);
      (*begin)();
    }
    self->begin_waiting();
  });
}

std::string Server::State::next_request_id() {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string id = "req_0000000000000000";
  std::uint64_t rest = request_id_base + ++requests_seen;
  for (std::size_t end = id.size(); rest > 0; rest /= 16) id[--end] = digits[rest % 16];
  return id;
}

const std::string& Server::State::date() {
  const auto now = std::chrono::time_point_cast<seconds>(context.clock.now());
  if (now.time_since_epoch().count() != date_second || date_text.empty()) {
    date_second = now.time_since_epoch().count();
    const std::time_t time = date_second;
    std::tm parts{};
    gmtime_r(&time, &parts);
    date_text = fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", parts);
  }
  return date_text;
}

void Server::State::accept() {
  acceptor.async_wait(asio::socket_base::wait_read,
                      [self = shared_from_this()](boost::system::error_code error) {
                        if (error || self->draining) return;
                        self->accept_waiting();
                        self->accept();
                      });
}

// One a turn of the loop would leave a storm of new clients waiting behind each other's requests.
std::size_t Server::State::accept_waiting() {
  for (std::size_t i = 0; i < accepted_at_once; ++i) {
    boost::system::error_code error;
    TcpSocket socket(context.loop.context().get_executor());
    acceptor.accept(socket, error);
    if (error) return i;  // none waits any more, or the process is out of files: the next turn tries again
    adopt(std::move(socket));
  }
  return accepted_at_once;
}

void Server::State::adopt(TcpSocket socket) {
  auto transport =
      tls ? tls_transport(std::move(socket), *tls) : plain_transport(std::move(socket), readiness);
  std::size_t& of_address = connections_by_address[transport->remote_address()];
  if (of_address >= options.connections_per_address) {
    refused_connections.increment();
    transport->close();
    return;
  }
  ++of_address;
  auto connection = std::make_shared<Connection>(shared_from_this(), std::move(transport));
  connections.emplace(connection.get(), connection);
  connection->start();
}

void Server::State::forget(Connection& connection) {
  if (connections.erase(&connection) == 0) return;
  const auto of_address = connections_by_address.find(connection.remote_address());
  if (of_address != connections_by_address.end() && --of_address->second == 0)
    connections_by_address.erase(of_address);
}

// Held while they are walked through, since a connection that closes leaves the map.
std::vector<std::shared_ptr<Connection>> Server::State::all_connections() const {
  std::vector<std::shared_ptr<Connection>> all;
  all.reserve(connections.size());
  for (const auto& [address, weak] : connections) {
    if (auto connection = weak.lock()) all.push_back(std::move(connection));
  }
  return all;
}

// One clock for all connections instead of a timer each.
void Server::State::sweep() {
  const auto now = std::chrono::steady_clock::now();
  for (const auto& connection : all_connections()) connection->check_deadline(now);
  sweeper = context.loop.call_after(seconds(1), [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->sweep();
  });
}

void Server::State::observe(const Route* route, const Request& request, const Response& response,
                            runtime::SteadyTime started) {
  const auto duration = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - started);
  const auto known = route_metrics.find(route);
  RouteMetrics& observed = known == route_metrics.end() ? unrouted_metrics : known->second;
  const auto status_class = static_cast<std::size_t>(std::clamp(response.status / 100, 1, 5) - 1);
  observed.by_status_class[status_class].increment();
  observed.duration.observe(duration);
  if (!options.log_requests || !log::enabled(log::Level::info)) return;
  log::info("request", {{"request_id", request.id},
                        {"method", to_text(request.method)},
                        {"operation", route == nullptr ? std::string_view("none") : route->operation},
                        {"status", response.status},
                        {"duration_us", duration},
                        {"remote", request.remote_address}});
}

Server::Server(ServerContext context, ServerOptions options)
    : state_(std::make_shared<State>(context, std::move(options))) {}

Server::~Server() {
  state_->draining = true;
  boost::system::error_code ignored;
  state_->acceptor.close(ignored);
  state_->sweeper.cancel();
  for (const auto& connection : state_->all_connections()) connection->close();
}

Result<void> Server::start() {
  const ServerOptions& options = state_->options;
  if (!options.tls_certificate_file.empty()) {
    Result<asio::ssl::context> tls = load_tls(options);
    if (!tls) return fail(std::move(tls.error()));
    state_->tls.emplace(std::move(*tls));
  }
  boost::system::error_code problem;
  const auto address = asio::ip::make_address(options.address, problem);
  if (problem) {
    return fail(trunkline::error_codes::invalid_argument,
                fmt::format("'{}' is not an IP address to listen on.", options.address));
  }
  const asio::ip::tcp::endpoint endpoint(address, options.port);
  using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
  state_->acceptor.open(endpoint.protocol(), problem);
  if (!problem) state_->acceptor.set_option(asio::socket_base::reuse_address(true), problem);
  if (!problem && options.share_port) state_->acceptor.set_option(ReusePort(true), problem);
  if (!problem) state_->acceptor.bind(endpoint, problem);
  if (!problem) state_->acceptor.listen(4096, problem);
  if (!problem) state_->acceptor.non_blocking(true, problem);
  if (problem) {
    return fail(trunkline::error_codes::unavailable,
                fmt::format("Cannot listen on {}:{}: {}. Choose another address by TRUNKLINE_LISTEN.",
                            options.address, options.port, problem.message()));
  }
  state_->accept();
  state_->sweep();
  return {};
}

std::uint16_t Server::port() const {
  boost::system::error_code ignored;
  return state_->acceptor.local_endpoint(ignored).port();
}

// Closing a listening socket resets whom the kernel has let into its queue, and those think of themselves as
// connected. So first the kernel is told to overlook further SYNs (a client sends its SYN again a second
// later, and is refused then), then whoever is under way may arrive.
void Server::State::take_the_last() {
  // Load the byte of TCP flags; SYN without ACK: drop; else: keep.
  std::array<sock_filter, 5> no_new_clients{
      {BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x12),
       BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x02, 0, 1), BPF_STMT(BPF_RET | BPF_K, 0),
       BPF_STMT(BPF_RET | BPF_K, 0xFFFFFFFF)}};
  sock_fprog program{no_new_clients.size(), no_new_clients.data()};
  // Where that is not allowed, all that is lost is the courtesy.
  ::setsockopt(acceptor.native_handle(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
  runtime::sleep_for(milliseconds(5));
  while (accept_waiting() == accepted_at_once) {
  }
}

void Server::drain(Duration at_most) {
  state_->take_the_last();
  state_->draining = true;
  boost::system::error_code ignored;
  state_->acceptor.close(ignored);
  for (const auto& connection : state_->all_connections()) connection->close_when_idle();
  const auto until = std::chrono::steady_clock::now() + at_most;
  while (!state_->connections.empty() && std::chrono::steady_clock::now() < until)
    runtime::sleep_for(milliseconds(20));
}

}  // namespace trunkline::net
