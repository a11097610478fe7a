#include "runtime/signals.hpp"

#include <csignal>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

namespace trunkline::runtime {

struct TerminationSignals::State : std::enable_shared_from_this<State> {
  State(EventLoop& loop, std::function<void()> on_signal)
      : signals(loop.context(), SIGTERM, SIGINT), task(std::move(on_signal)) {}

  void wait() {
    signals.async_wait([self = shared_from_this()](const boost::system::error_code& error, int) {
      if (error) return;
      self->task();
      self->wait();
    });
  }

  boost::asio::signal_set signals;
  std::function<void()> task;
};

TerminationSignals::TerminationSignals(EventLoop& loop, std::function<void()> task)
    : state_(std::make_shared<State>(loop, std::move(task))) {
  state_->wait();
}

TerminationSignals::~TerminationSignals() {
  state_->signals.cancel();
}

void ignore_broken_pipes() {
  std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace trunkline::runtime
