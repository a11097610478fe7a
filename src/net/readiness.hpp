// Tells when plain sockets have something to read. They stand in an epoll set of their own, which the loop
// watches as one descriptor: a wake-up serves all that are ready, and a socket stays registered from one read
// to the next, where Asio would make a system call for each.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/event_loop.hpp"

namespace trunkline::net {

class Readiness : public std::enable_shared_from_this<Readiness> {
 public:
  class Reader {
   public:
    // Called in each turn of the loop in which the socket has something to read, its end included. Anything
    // may join and leave meanwhile.
    virtual void on_readable() = 0;

   protected:
    ~Reader() = default;
  };

  // For one loop, which must outlive it. Throws when the system gives no epoll set.
  static std::shared_ptr<Readiness> create(runtime::EventLoop& loop);
  ~Readiness();
  Readiness(const Readiness&) = delete;
  Readiness& operator=(const Readiness&) = delete;

  // False when the system does not take the socket (errno says why). The reader must stay until it leaves.
  bool join(int socket, Reader& reader);
  // Before the socket is closed, at the latest.
  void leave(int socket);

 private:
  struct Set;
  // A number is given out again when its socket has been closed; the generation tells an event of the former
  // socket from one of the next.
  struct Place {
    Reader* reader = nullptr;
    std::uint32_t generation = 0;
  };

  explicit Readiness(runtime::EventLoop& loop);
  void await_events();
  void serve_events();

  std::unique_ptr<Set> set_;
  std::vector<Place> places_;  // by socket number
};

}  // namespace trunkline::net
