#include "net/curl_driver.hpp"

#include <algorithm>
#include <functional>
#include <future>
#include <mutex>
#include <system_error>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <curl/curl.h>
#include <fmt/core.h>
#include <openssl/x509_vfy.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.hpp"

namespace trunkline::net {
namespace {

using Descriptor = boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type>;

constexpr std::size_t shard_count = 16;
constexpr int events_per_wake = 32;
constexpr std::size_t idle_transfers_max = 1024;

void check(CURLMcode code) {
  if (code != CURLM_OK) throw std::logic_error(curl_multi_strerror(code));
}

int make_epoll() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) throw std::runtime_error("libcurl does not start");
  });
  const int descriptor = epoll_create1(EPOLL_CLOEXEC);
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  return descriptor;
}

struct FreeCertificates {
  void operator()(X509_STORE* store) const { X509_STORE_free(store); }
};
using Certificates = std::unique_ptr<X509_STORE, FreeCertificates>;

std::string certificates_of_system() {
  const char* file = curl_version_info(CURLVERSION_NOW)->cainfo;
  return file == nullptr ? "/etc/ssl/certs/ca-certificates.crt" : file;
}

Certificates load_certificates(const std::string& file) {
  Certificates store(X509_STORE_new());
  if (!store) throw std::bad_alloc();
  if (X509_STORE_load_file(store.get(), file.c_str()) != 1) {
    throw std::runtime_error(fmt::format("The CA file {} cannot be read or has no certificates.", file));
  }
  // As libcurl sets it: an authority in the file is trusted whether or not it is a root.
  X509_STORE_set_flags(store.get(), X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
  return store;
}

// The system's file has some hundred authorities, and reading them takes longer than the rest of the
// program's start: that happens beside it. A file of one's own is read at once, so that a wrong name shows at
// once.
std::shared_future<Certificates> begin_loading_certificates(const std::string& file) {
  if (file.empty()) {
    std::string of_system = certificates_of_system();
    if (access(of_system.c_str(), R_OK) == 0)
      return std::async(std::launch::async, load_certificates, std::move(of_system));
  }
  std::promise<Certificates> loaded;
  loaded.set_value(load_certificates(file.empty() ? certificates_of_system() : file));
  return loaded.get_future();
}

// One multi handle and what belongs to it.
struct Shard {
  void* state = nullptr;
  CURLM* multi = nullptr;
  bool is_due = false;  // its time-outs are about to be run
  runtime::Timer timer;
  std::vector<std::string> pins_to_drop;
};

// What is registered for a socket, and what libcurl wants to hear of. A socket number is given out again
// after a close; the generation tells an event of the former socket from one of the next.
struct Watch {
  std::uint32_t registered = 0;
  std::uint32_t wanted = 0;
  std::uint32_t generation = 0;
  Shard* shard = nullptr;
};

// Null for the handle that libcurl itself closes connections with.
Transfer* transfer_of(CURL* easy) {
  Transfer* transfer = nullptr;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
  return transfer;
}

}  // namespace

struct CurlDriver::State : std::enable_shared_from_this<State> {
  State(runtime::EventLoop& event_loop, const ClientOptions& client_options)
      : loop(event_loop),
        options(client_options),
        certificates(begin_loading_certificates(client_options.ca_file)),
        ready(loop.context(), make_epoll()) {}

  static int on_interest(CURL* easy, curl_socket_t socket, int what, void* shard, void*);
  static int on_timer(CURLM*, long delay_ms, void* shard);

  void open_shard(Shard& shard);
  Shard& shard_of(const Url& url) { return shards[std::hash<std::string>()(url.origin()) % shard_count]; }
  void await_events();
  void serve_events();
  bool register_events(int socket, std::uint32_t events);
  void retire(int socket);
  void run_time_outs_soon(Shard& shard);
  void run_time_outs(Shard& shard);
  void collect_finished(Shard& shard);

  void schedule(Transfer& transfer);
  void unschedule(Transfer& transfer);
  void arm();
  void end_late();

  runtime::EventLoop& loop;
  const ClientOptions options;
  std::shared_future<Certificates> certificates;
  const Authorities authorities = [this]() -> X509_STORE* {
    try {
      return certificates.get().get();
    } catch (const std::exception& problem) {
      log::error("the certificates of the authorities cannot be read", {{"what", problem.what()}});
      return nullptr;
    }
  };
  Descriptor ready;
  bool is_closed = false;
  std::array<Shard, shard_count> shards;
  std::vector<Shard*> due_shards;
  std::vector<Watch> watches;  // by socket number

  Schedule deadlines;
  runtime::Timer alarm;
  runtime::SteadyTime armed_for = runtime::SteadyTime::max();

  std::vector<std::unique_ptr<Transfer>> idle;
};

CurlDriver::CurlDriver(runtime::EventLoop& loop, const ClientOptions& options)
    : state_(std::make_shared<State>(loop, options)) {
  for (Shard& shard : state_->shards) state_->open_shard(shard);
  state_->await_events();
}

CurlDriver::~CurlDriver() {
  state_->idle.clear();
  for (Shard& shard : state_->shards) {
    curl_multi_cleanup(shard.multi);  // closes the connections
    shard.timer.cancel();
  }
  state_->is_closed = true;
  state_->alarm.cancel();
  boost::system::error_code ignored;  // the descriptor is gone either way
  state_->ready.close(ignored);
}

void CurlDriver::State::open_shard(Shard& shard) {
  shard.state = this;
  shard.multi = curl_multi_init();
  if (shard.multi == nullptr) throw std::bad_alloc();
  // Libcurl counts idle connections and those in use. Hosts fall on the shards unevenly, hence the one host
  // more.
  const std::size_t connections_max =
      (options.transfers_max + options.idle_connections_max) / shard_count + options.transfers_per_host_max;
  check(curl_multi_setopt(shard.multi, CURLMOPT_SOCKETFUNCTION, &State::on_interest));
  check(curl_multi_setopt(shard.multi, CURLMOPT_SOCKETDATA, &shard));
  check(curl_multi_setopt(shard.multi, CURLMOPT_TIMERFUNCTION, &State::on_timer));
  check(curl_multi_setopt(shard.multi, CURLMOPT_TIMERDATA, &shard));
  check(curl_multi_setopt(shard.multi, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING)));
  check(curl_multi_setopt(shard.multi, CURLMOPT_MAXCONNECTS, static_cast<long>(connections_max)));
}

Transfer& CurlDriver::start(const TransferOrder& order) {
  State& state = *state_;
  Shard& shard = state.shard_of(order.url);
  if (state.idle.empty()) {
    state.idle.push_back(std::make_unique<Transfer>(*this, state.options, state.authorities));
  }
  Transfer& transfer = *state.idle.back();
  transfer.prepare(order, shard.pins_to_drop);
  transfer.multi = shard.multi;
  check(curl_multi_add_handle(shard.multi, transfer.easy()));
  shard.pins_to_drop.clear();
  Transfer* given = state.idle.back().release();  // owned by whoever releases it
  state.idle.pop_back();
  state.schedule(*given);
  return *given;
}

void CurlDriver::release(Transfer& transfer) {
  std::unique_ptr<Transfer> owner(&transfer);
  if (!transfer.is_finished()) {
    state_->unschedule(transfer);
    transfer.resume();
    curl_multi_remove_handle(transfer.multi, transfer.easy());  // closes its connection
  }
  transfer.rest();
  if (state_->idle.size() < idle_transfers_max) state_->idle.push_back(std::move(owner));
}

void CurlDriver::resume(Transfer& transfer) {
  transfer.resume();
  curl_easy_pause(transfer.easy(), CURLPAUSE_CONT);
}

void CurlDriver::drop_pin(const Url& url) {
  if (!url.literal()) state_->shard_of(url).pins_to_drop.push_back(url.host_and_port());
}

void CurlDriver::open_socket(int socket) {
  std::vector<Watch>& watches = state_->watches;
  const auto index = static_cast<std::size_t>(socket);
  if (index >= watches.size()) watches.resize(index + 64);
  watches[index] = {.generation = watches[index].generation + 1};
}

void CurlDriver::close_socket(int socket) {
  Watch& watch = state_->watches[static_cast<std::size_t>(socket)];
  watch = {.generation = watch.generation + 1};
  close(socket);  // takes it out of the epoll set
}

int CurlDriver::State::on_interest(CURL* easy, curl_socket_t socket, int what, void* shard_pointer, void*) {
  Shard& shard = *static_cast<Shard*>(shard_pointer);
  State& state = *static_cast<State*>(shard.state);
  Watch& watch = state.watches[static_cast<std::size_t>(socket)];
  watch.shard = &shard;
  if (what != CURL_POLL_REMOVE) {
    const auto flag = [what](int poll, std::uint32_t event) { return (what & poll) != 0 ? event : 0U; };
    watch.wanted = flag(CURL_POLL_IN, EPOLLIN) | flag(CURL_POLL_OUT, EPOLLOUT);
    return state.register_events(socket, watch.wanted) ? 0 : -1;
  }
  watch.wanted = 0;
  const Transfer* transfer = transfer_of(easy);
  if (transfer != nullptr && transfer->is_paused()) return state.register_events(socket, 0) ? 0 : -1;
  // The connection goes idle. It stays registered for reading: the next request will want that, and until
  // then whatever there is to read means that the connection is over.
  return 0;
}

bool CurlDriver::State::register_events(int socket, std::uint32_t events) {
  Watch& watch = watches[static_cast<std::size_t>(socket)];
  if (watch.registered == events) return true;
  const int operation = events == 0 ? EPOLL_CTL_DEL : watch.registered == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  epoll_event event{};
  event.events = events;
  event.data.u64 = std::uint64_t{watch.generation} << 32 | static_cast<std::uint32_t>(socket);
  if (epoll_ctl(ready.native_handle(), operation, socket, &event) != 0) return false;
  watch.registered = events;
  return true;
}

void CurlDriver::State::await_events() {
  ready.async_wait(Descriptor::wait_read, [weak = weak_from_this()](const boost::system::error_code& error) {
    const std::shared_ptr<State> state = weak.lock();
    if (error || !state || state->is_closed) return;
    state->serve_events();
    state->await_events();
  });
}

void CurlDriver::State::serve_events() {
  epoll_event events[events_per_wake];
  const int count = epoll_wait(ready.native_handle(), events, events_per_wake, 0);
  for (int i = 0; i < count; ++i) {
    const auto socket = static_cast<int>(events[i].data.u64 & 0xffffffffU);
    const Watch watch = watches[static_cast<std::size_t>(socket)];
    if (watch.generation != events[i].data.u64 >> 32) continue;
    if (watch.wanted == 0) {
      retire(socket);
      continue;
    }
    int what = 0;
    if ((events[i].events & EPOLLIN) != 0) what |= CURL_CSELECT_IN;
    if ((events[i].events & EPOLLOUT) != 0) what |= CURL_CSELECT_OUT;
    if ((events[i].events & (EPOLLERR | EPOLLHUP)) != 0) what |= CURL_CSELECT_ERR;
    int running = 0;
    check(curl_multi_socket_action(watch.shard->multi, socket, what, &running));
    collect_finished(*watch.shard);
  }
}

// An idle connection at its end, or one with bytes that nobody asked for, which libcurl would take for the
// next answer: it is made useless, and libcurl lets go of it when it looks for a connection.
void CurlDriver::State::retire(int socket) {
  register_events(socket, 0);
  shutdown(socket, SHUT_RDWR);
  char unwanted[4096];
  while (recv(socket, unwanted, sizeof unwanted, MSG_DONTWAIT) > 0) {
  }
}

int CurlDriver::State::on_timer(CURLM*, long delay_ms, void* shard_pointer) {
  Shard& shard = *static_cast<Shard*>(shard_pointer);
  State& state = *static_cast<State*>(shard.state);
  if (delay_ms == 0) {
    state.run_time_outs_soon(shard);
  } else if (delay_ms < 0) {
    shard.timer.cancel();
  } else {
    shard.timer =
        state.loop.call_after(milliseconds(delay_ms), [&state, &shard] { state.run_time_outs(shard); });
  }
  return 0;
}

// What fibers start in one round of the loop begins together, after the round.
void CurlDriver::State::run_time_outs_soon(Shard& shard) {
  if (std::exchange(shard.is_due, true)) return;
  due_shards.push_back(&shard);
  if (due_shards.size() > 1) return;
  loop.post([weak = weak_from_this()] {
    const std::shared_ptr<State> state = weak.lock();
    if (!state || state->is_closed) return;
    for (Shard* each : std::exchange(state->due_shards, {})) {
      each->is_due = false;
      state->run_time_outs(*each);
    }
  });
}

void CurlDriver::State::run_time_outs(Shard& shard) {
  int running = 0;
  check(curl_multi_socket_action(shard.multi, CURL_SOCKET_TIMEOUT, 0, &running));
  collect_finished(shard);
}

void CurlDriver::State::collect_finished(Shard& shard) {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(shard.multi, &left)) {
    const CURLcode code = message->data.result;
    Transfer& transfer = *transfer_of(message->easy_handle);
    curl_multi_remove_handle(shard.multi, transfer.easy());
    unschedule(transfer);
    transfer.finish(code);
  }
}

void CurlDriver::State::schedule(Transfer& transfer) {
  const runtime::SteadyTime due = transfer.next_deadline();
  if (transfer.unscheduled) {
    transfer.unscheduled.key() = due;
    transfer.scheduled = deadlines.insert(std::move(transfer.unscheduled));
  } else {
    transfer.scheduled = deadlines.emplace(due, &transfer);
  }
  arm();
}

void CurlDriver::State::unschedule(Transfer& transfer) {
  transfer.unscheduled = deadlines.extract(transfer.scheduled);
}

// The alarm is set for the earliest deadline but not put off when that one is called off: most transfers end
// long before, and so cost no timer.
void CurlDriver::State::arm() {
  if (deadlines.empty() || deadlines.begin()->first >= armed_for) return;
  armed_for = deadlines.begin()->first;
  alarm = loop.call_after(runtime::time_left(armed_for), [this] {
    armed_for = runtime::SteadyTime::max();
    end_late();
  });
}

void CurlDriver::State::end_late() {
  const runtime::SteadyTime now = std::chrono::steady_clock::now();
  while (!deadlines.empty() && deadlines.begin()->first <= now) {
    Transfer& transfer = *deadlines.begin()->second;
    unschedule(transfer);
    if (transfer.next_deadline() > now) {
      schedule(transfer);
      continue;
    }
    transfer.resume();
    curl_multi_remove_handle(transfer.multi, transfer.easy());
    transfer.finish_late();
  }
  arm();
}

}  // namespace trunkline::net
