#include "net/readiness.hpp"

#include <cerrno>
#include <system_error>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <sys/epoll.h>

namespace trunkline::net {
namespace {

constexpr int events_per_wake = 64;

int make_epoll() {
  const int descriptor = epoll_create1(EPOLL_CLOEXEC);
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  return descriptor;
}

}  // namespace

struct Readiness::Set {
  explicit Set(runtime::EventLoop& loop) : descriptor(loop.context(), make_epoll()) {}
  boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type> descriptor;
};

std::shared_ptr<Readiness> Readiness::create(runtime::EventLoop& loop) {
  const std::shared_ptr<Readiness> made(new Readiness(loop));
  made->await_events();
  return made;
}

Readiness::Readiness(runtime::EventLoop& loop) : set_(std::make_unique<Set>(loop)) {}

Readiness::~Readiness() = default;

bool Readiness::join(int socket, Reader& reader) {
  const auto index = static_cast<std::size_t>(socket);
  if (index >= places_.size()) places_.resize(index + 64);
  Place& place = places_[index];
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = std::uint64_t{place.generation} << 32 | static_cast<std::uint32_t>(socket);
  if (epoll_ctl(set_->descriptor.native_handle(), EPOLL_CTL_ADD, socket, &event) != 0) return false;
  place.reader = &reader;
  return true;
}

void Readiness::leave(int socket) {
  Place& place = places_[static_cast<std::size_t>(socket)];
  if (std::exchange(place.reader, nullptr) == nullptr) return;
  ++place.generation;
  epoll_ctl(set_->descriptor.native_handle(), EPOLL_CTL_DEL, socket, nullptr);
}

void Readiness::await_events() {
  set_->descriptor.async_wait(boost::asio::posix::descriptor_base::wait_read,
                              [weak = weak_from_this()](const boost::system::error_code& error) {
                                const std::shared_ptr<Readiness> self = weak.lock();
                                if (error || !self) return;
                                self->serve_events();
                                self->await_events();
                              });
}

void Readiness::serve_events() {
  epoll_event events[events_per_wake];
  const int count = epoll_wait(set_->descriptor.native_handle(), events, events_per_wake, 0);
  for (int i = 0; i < count; ++i) {
    const Place place = places_[events[i].data.u64 & 0xffffffffU];
    const bool is_current = place.generation == events[i].data.u64 >> 32;
    if (is_current && place.reader != nullptr) place.reader->on_readable();
  }
}

}  // namespace trunkline::net
