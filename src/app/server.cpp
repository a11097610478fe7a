#include "app/server.hpp"

#include <cerrno>

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/version.hpp"
#include "base/log.hpp"
#include "runtime/signals.hpp"

namespace trunkline::app {
namespace {

const db::Statement ping{"server.ping", "SELECT 1"};

std::string default_node_name(const Settings& settings) {
  char host[256] = {};
  ::gethostname(host, sizeof host - 1);
  return fmt::format("{}/{}", host, settings.text("listen"));
}

Result<std::optional<InstanceLock>> lock_sqlite(const Settings& settings) {
  static constexpr std::string_view sqlite = "sqlite:";
  const std::string& url = settings.text("database_url");
  if (!url.starts_with(sqlite)) return std::nullopt;
  Result<InstanceLock> lock = InstanceLock::take(url.substr(sqlite.size()) + ".lock");
  if (!lock) return fail(std::move(lock.error()));
  return std::move(*lock);
}

// Several loops share their port (SO_REUSEPORT), which would let another server in beside them. A socket that
// does not share finds out whether somebody listens there.
Result<void> check_free(const Address& address) {
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  v4.sin_port = v6.sin6_port = htons(address.port);
  const bool is_v4 = ::inet_pton(AF_INET, address.host.c_str(), &v4.sin_addr) == 1;
  const bool is_v6 = !is_v4 && ::inet_pton(AF_INET6, address.host.c_str(), &v6.sin6_addr) == 1;
  if (address.port == 0 || (!is_v4 && !is_v6)) return {};
  v4.sin_family = AF_INET;
  v6.sin6_family = AF_INET6;
  const int probe = ::socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe < 0) return {};
  const int on = 1;
  ::setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const int bound = is_v4 ? ::bind(probe, reinterpret_cast<const sockaddr*>(&v4), sizeof v4)
                          : ::bind(probe, reinterpret_cast<const sockaddr*>(&v6), sizeof v6);
  const bool taken = bound != 0 && errno == EADDRINUSE;
  ::close(probe);
  if (!taken) return {};
  return fail(trunkline::error_codes::unavailable,
              fmt::format("{}:{} is in use already: stop what listens there, or choose another address by "
                          "TRUNKLINE_LISTEN.",
                          address.host, address.port));
}

}  // namespace

Result<std::unique_ptr<Server>> Server::start(Installation& installation) {
  std::unique_ptr<Server> server(new Server(installation));
  const Settings& settings = installation.settings;
  auto lock = lock_sqlite(settings);
  if (!lock) return fail(std::move(lock.error()));
  server->lock_ = std::move(*lock);
  const auto drain = settings.duration("drain_timeout");
  if (!drain) return fail(drain.error());
  server->drain_timeout_ = *drain;
  const auto loops = loops_wanted(settings, *installation.database);
  if (!loops) return fail(loops.error());
  const auto address = parse_address("listen", settings.text("listen"));
  if (!address) return fail(address.error());
  if (const auto free = check_free(*address); !free) return fail(free.error());

  const std::string& name = settings.text("node_name");
  auto worker = Worker::make(installation, name.empty() ? default_node_name(settings) : name);
  if (!worker) return fail(std::move(worker.error()));
  server->worker_ = std::move(*worker);
  auto front =
      server->make_front(server->worker_->network(), server->worker_->domain(), *loops > 1, address->port);
  if (!front) return fail(std::move(front.error()));
  server->front_ = std::move(*front);
  if (const auto metrics = server->add_metrics_server(*server->front_); !metrics)
    return fail(metrics.error());
  if (const auto further = server->start_further_loops(*loops - 1); !further) return fail(further.error());
  const auto works = settings.flag("worker");
  if (!works) return fail(works.error());
  server->works_ = *works;
  if (*works) {
    // The address is ours: whoever had this node's name before is gone.
    if (const auto started = server->worker_->start(); !started) return fail(started.error());
  }
  log::info("serving",
            {{"url", server->url()}, {"database", installation.database->location()}, {"loops", *loops}});
  return server;
}

Result<net::ServerOptions> Server::server_options() const {
  const Settings& settings = installation_.settings;
  const auto address = parse_address("listen", settings.text("listen"));
  if (!address) return fail(address.error());
  const auto per_address = settings.number("connections_per_address", 1, 1'000'000);
  if (!per_address) return fail(per_address.error());
  const auto running = settings.number("requests_running", 1, 1'000'000);
  if (!running) return fail(running.error());
  const auto wait = settings.duration("request_wait");
  if (!wait) return fail(wait.error());
  const auto forwarded = settings.flag("trust_forwarded_for");
  if (!forwarded) return fail(forwarded.error());
  const auto log_requests = settings.flag("log_requests");
  if (!log_requests) return fail(log_requests.error());
  if (settings.text("tls_certificate").empty() != settings.text("tls_key").empty()) {
    return fail(error_codes::setting_invalid,
                "tls_certificate and tls_key belong together: give both or neither.");
  }
  return net::ServerOptions{.address = address->host,
                            .port = address->port,
                            .tls_certificate_file = settings.text("tls_certificate"),
                            .tls_key_file = settings.text("tls_key"),
                            .cors_origins = settings.list("cors_origins"),
                            .connections_per_address = static_cast<std::size_t>(*per_address),
                            .requests_running = static_cast<std::size_t>(*running),
                            .request_wait = *wait,
                            .trust_forwarded_for = *forwarded,
                            .log_requests = *log_requests};
}

Result<std::unique_ptr<Server::Front>> Server::make_front(Network& network, Domain& domain, bool share_port,
                                                          std::uint16_t port) {
  Result<net::ServerOptions> options = server_options();
  if (!options) return fail(std::move(options.error()));
  options->share_port = share_port;
  options->port = port;
  auto front = std::make_unique<Front>();
  auto doors = Doors::make(installation_, network, domain, [this] { return readiness(); });
  if (!doors) return fail(std::move(doors.error()));
  front->doors = std::move(*doors);
  front->server = std::make_unique<net::Server>(net::ServerContext{.loop = *runtime::EventLoop::current(),
                                                                   .router = front->doors->router,
                                                                   .clock = installation_.clock,
                                                                   .random = installation_.random,
                                                                   .metrics = installation_.metrics,
                                                                   .pool = installation_.pool},
                                                std::move(*options));
  if (const auto started = front->server->start(); !started) return fail(started.error());
  return front;
}

Result<void> Server::add_metrics_server(Front& front) {
  const std::string& listen = installation_.settings.text("metrics_listen");
  if (listen.empty()) return {};
  const auto address = parse_address("metrics_listen", listen);
  if (!address) return fail(address.error());
  doors::operations::add_to(front.metrics_router, {.metrics = installation_.metrics,
                                                   .readiness = [this] { return readiness(); },
                                                   .version = std::string(version),
                                                   .public_url = ""});
  front.metrics_server = std::make_unique<net::Server>(
      net::ServerContext{.loop = *runtime::EventLoop::current(),
                         .router = front.metrics_router,
                         .clock = installation_.clock,
                         .random = installation_.random,
                         .metrics = installation_.metrics,
                         .pool = installation_.pool},
      net::ServerOptions{.address = address->host, .port = address->port, .log_requests = false});
  return front.metrics_server->start();
}

Result<void> Server::start_further_loops(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    further_.push_back(std::make_unique<FurtherLoop>());
    FurtherLoop& further = *further_.back();
    further.thread = std::thread([&further, i] {
      runtime::name_this_thread(fmt::format("loop-{}", i + 2));
      further.loop.run();
    });
    runtime::Completion<Result<void>> started;
    further.loop.spawn("start", [&] {
      const auto allow_private = installation_.settings.flag("allow_private_urls");
      auto network = std::make_unique<Network>(installation_, allow_private.value_or(false));
      auto domain = std::make_unique<Domain>(installation_, *network, worker_->carrier());
      auto front = make_front(*network, *domain, true, port());
      if (!front) return started.complete(fail(std::move(front.error())));
      further.front = std::move(*front);
      further.front->network = std::move(network);
      further.front->domain = std::move(domain);
      started.complete({});
    });
    if (const auto outcome = started.wait(); !outcome) return outcome;
  }
  return {};
}

std::vector<doors::operations::Check> Server::readiness() {
  const auto answered = installation_.database->query(db::Scope::operations(), ping, {});
  std::vector<doors::operations::Check> checks;
  checks.push_back(
      {.name = "database", .problem = answered ? std::nullopt : std::optional(answered.error())});
  std::optional<Error> lease;
  // A server that only serves requests has no lease, and needs none.
  if (works_ && !worker_->is_alive()) {
    lease =
        Error(trunkline::error_codes::unavailable, "this server's lease has run out; it is being renewed");
  }
  checks.push_back({.name = "jobs", .problem = lease});
  return checks;
}

std::uint16_t Server::port() const {
  return front_->server->port();
}

std::string Server::url() const {
  const std::string& given = installation_.settings.text("public_url");
  if (!given.empty()) return given;
  const auto address = parse_address("listen", installation_.settings.text("listen"));
  const bool tls = !installation_.settings.text("tls_certificate").empty();
  const std::string host = address && address->host != "0.0.0.0" ? address->host : "127.0.0.1";
  return fmt::format("{}://{}:{}", tls ? "https" : "http", host, port());
}

void Server::run_until_told() {
  runtime::Bell told;
  bool again = false;
  const runtime::TerminationSignals signals(*runtime::EventLoop::current(), [&] {
    if (again) std::_Exit(130);
    again = true;
    told.ring();
  });
  told.wait();
  log::info("stopping", {});
  stop();
}

void Server::stop() {
  // All parts share the time that there is.
  const runtime::SteadyTime until = std::chrono::steady_clock::now() + drain_timeout_;
  for (const auto& further : further_) {
    runtime::Completion<bool> drained;
    further->loop.spawn("drain", [&] {
      further->front->server->drain(runtime::time_left(until));
      drained.complete(true);
    });
    drained.wait();
  }
  front_->server->drain(runtime::time_left(until));
  installation_.replies->close();
  if (works_) worker_->stop(until);
  for (const auto& further : further_) {
    further->loop.stop();
    further->thread.join();
  }
}

}  // namespace trunkline::app
