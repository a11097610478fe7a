// The running server: every loop with its doors, and the worker on the first.
#pragma once

#include <thread>

#include "app/doors.hpp"
#include "app/instance_lock.hpp"
#include "app/worker.hpp"
#include "net/server.hpp"

namespace trunkline::app {

class Server {
 public:
  // Binds, migrates an empty database, begins to work. On a fiber of the first loop. Suspends.
  static Result<std::unique_ptr<Server>> start(Installation& installation);

  // Waits until the process is asked to end, then ends in order: no new connections, running requests finish,
  // live calls are left for the next start. A second signal does not wait. Suspends.
  void run_until_told();
  void stop();

  std::uint16_t port() const;
  // How clients reach it: TRUNKLINE_PUBLIC_URL, or what it listens on.
  std::string url() const;
  Worker& worker() { return *worker_; }

 private:
  // The doors of one loop.
  struct Front {
    std::unique_ptr<Network> network;  // of the further loops; the first one has the worker's
    std::unique_ptr<Domain> domain;
    std::unique_ptr<Doors> doors;
    std::unique_ptr<net::Server> server;
    net::Router metrics_router;
    std::unique_ptr<net::Server> metrics_server;
  };
  struct FurtherLoop {
    runtime::EventLoop loop;
    std::thread thread;
    std::unique_ptr<Front> front;
  };

  explicit Server(Installation& installation) : installation_(installation) {}
  Result<std::unique_ptr<Front>> make_front(Network& network, Domain& domain, bool share_port,
                                            std::uint16_t port);
  Result<void> add_metrics_server(Front& front);
  Result<void> start_further_loops(std::size_t count);
  Result<net::ServerOptions> server_options() const;
  std::vector<doors::operations::Check> readiness();

  Installation& installation_;
  std::optional<InstanceLock> lock_;
  std::unique_ptr<Worker> worker_;
  std::unique_ptr<Front> front_;
  std::vector<std::unique_ptr<FurtherLoop>> further_;
  Duration drain_timeout_{};
  bool works_ = true;
};

}  // namespace trunkline::app
