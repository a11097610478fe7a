#include "net/client.hpp"

#include <algorithm>
#include <array>
#include <list>
#include <unordered_map>

#include <fmt/core.h>

#include "base/text.hpp"
#include "net/transfer_driver.hpp"
#include "runtime/semaphore.hpp"

namespace trunkline::net {
namespace {

using runtime::SteadyTime;

// URLs that are remembered as they were read. Most requests go where one went before.
constexpr std::size_t urls_max = 4096;

// Permits in the order of asking, with a deadline and a limit to the line.
class Gate {
 public:
  Gate(std::size_t permits, std::size_t waiting_max) : permits_(permits), waiting_max_(waiting_max) {}

  enum class Entry : std::uint8_t { granted, too_late, line_is_full };
  Entry enter(SteadyTime until) {  // suspends
    if (permits_ > 0) {
      --permits_;
      return Entry::granted;
    }
    if (line_.size() >= waiting_max_) return Entry::line_is_full;
    runtime::Bell turn;
    const auto place = line_.insert(line_.end(), &turn);
    const Duration left = runtime::time_left(until);
    if (left > Duration::zero() && turn.wait_for(left)) return Entry::granted;  // handed over by `leave`
    line_.erase(place);
    return Entry::too_late;
  }

  void leave() {
    if (line_.empty()) {
      ++permits_;
      return;
    }
    runtime::Bell* next = line_.front();
    line_.pop_front();
    next->ring();
  }

  std::size_t waiting() const { return line_.size(); }

 private:
  std::size_t permits_;
  std::size_t waiting_max_;
  std::list<runtime::Bell*> line_;
};

// One scheme, host and port.
struct Host {
  Url url;  // any of its URLs
  Gate gate;
  std::size_t users = 0;  // exchanges under way or in line
};

// RFC 9110, section 5.6.2 "Tokens".
constexpr std::array<bool, 128> make_token_characters() {
  std::array<bool, 128> is_token{};
  constexpr std::string_view separators = "\"(),/:;<=>?@[\\]{}";
  for (char c = '!'; c < '\x7f'; ++c) is_token[static_cast<unsigned char>(c)] = !separators.contains(c);
  return is_token;
}
constexpr auto token_characters = make_token_characters();

// What frames a message is ours to say, and a line end in a value would be a second header.
std::optional<Error> objection_to_headers(const Headers& headers) {
  constexpr std::string_view ours[] = {
      "Host", "Content-Length", "Transfer-Encoding", "Connection", "Expect",
      "TE",   "Trailer",        "Proxy-Connection",  "Keep-Alive", "Upgrade"};
  for (const auto& [name, value] : headers) {
    const bool is_token = !name.empty() && std::ranges::all_of(name, [](char c) {
      return c >= '\0' && token_characters[static_cast<unsigned char>(c)];
    });
    const bool is_line =
        std::ranges::none_of(value, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
    if (!is_token || !is_line) {
      return Error(trunkline::error_codes::invalid_argument,
                   "A header field of the request has characters that HTTP does not allow.");
    }
    if (std::ranges::any_of(ours, [&](std::string_view each) { return equal_ignoring_case(each, name); })) {
      return Error(trunkline::error_codes::invalid_argument,
                   fmt::format("The header field {} is set by the client itself.", name));
    }
  }
  return std::nullopt;
}

Error busy(std::string_view what) {
  return Error(client_busy, fmt::format("Too many requests wait for {}; try again shortly.", what))
      .after(seconds(1));
}

}  // namespace

struct Client::State {
  State(runtime::EventLoop& loop, UrlGuard& url_guard, ClientOptions client_options)
      : guard(url_guard),
        options(std::move(client_options)),
        gate(options.transfers_max, SIZE_MAX),
        driver(loop, options) {}

  Result<std::pair<Url, std::vector<IpAddress>>> resolve(const ClientRequest& request);
  Host& find_or_add_host(const Url& url);
  void forget_old_host();

  UrlGuard& guard;
  ClientOptions options;
  Gate gate;
  TransferDriver driver;
  std::list<Host> hosts;  // the one used last in front
  std::unordered_map<std::string_view, std::list<Host>::iterator> hosts_by_origin;
  std::unordered_map<std::string, Url> urls;
  std::unordered_map<std::string, GuardedUrl> guarded_urls;
  std::size_t waiting = 0;
  std::size_t under_way = 0;
};

// What `read` makes of a URL, which it does once.
template <class Known, class Read>
Result<Known> read_once(std::unordered_map<std::string, Known>& known, const std::string& text,
                        const Read& read) {
  if (const auto found = known.find(text); found != known.end()) return found->second;
  Result<Known> url = read(text);
  if (!url) return url;
  if (known.size() >= urls_max) known.clear();
  known.emplace(text, *url);
  return url;
}

// A transfer with its places in the two gates.
class ClientStream::Exchange {
 public:
  explicit Exchange(std::shared_ptr<Client::State> state) : state_(std::move(state)) {}
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  Result<void> begin(const ClientRequest& request, bool streamed);  // suspends
  Transfer& transfer() { return *transfer_; }
  TransferDriver& driver() { return state_->driver; }

 private:
  Result<void> enter(const Url& url);

  std::shared_ptr<Client::State> state_;
  Host* host_ = nullptr;
  bool is_in_host_gate_ = false;
  bool is_in_gate_ = false;
  Transfer* transfer_ = nullptr;
};

ClientStream::Exchange::~Exchange() {
  if (transfer_ != nullptr) {
    state_->driver.release(*transfer_);
    --state_->under_way;
  }
  if (is_in_gate_) state_->gate.leave();
  if (is_in_host_gate_) host_->gate.leave();
  if (host_ != nullptr) --host_->users;
}

Result<void> ClientStream::Exchange::enter(const Url& url) {
  host_ = &state_->find_or_add_host(url);
  ++host_->users;
  ++state_->waiting;
  const SteadyTime until = runtime::current_deadline();
  Gate::Entry entry = host_->gate.enter(until);
  is_in_host_gate_ = entry == Gate::Entry::granted;
  if (is_in_host_gate_) {
    entry = state_->gate.enter(until);
    is_in_gate_ = entry == Gate::Entry::granted;
  }
  --state_->waiting;
  if (is_in_gate_) return {};
  if (entry == Gate::Entry::line_is_full) return fail(busy(url.host()));
  return fail(busy(is_in_host_gate_ ? "free connections" : url.host()));
}

Result<void> ClientStream::Exchange::begin(const ClientRequest& request, bool streamed) {
  if (auto error = objection_to_headers(request.headers)) return fail(std::move(*error));
  auto target = state_->resolve(request);
  if (!target) return fail(std::move(target.error()));
  const auto& [url, addresses] = *target;
  if (auto entered = enter(url); !entered) return entered;
  const SteadyTime now = std::chrono::steady_clock::now();
  transfer_ = &state_->driver.start({
      .url = url,
      .request = request,
      .addresses = addresses,
      .public_only = request.url_source == UrlSource::user && !state_->guard.allows_private(),
      .streamed = streamed,
      .first_byte_by = now + request.first_byte_deadline,
      .finish_by = runtime::current_deadline(),
  });
  ++state_->under_way;
  return {};
}

Result<std::pair<Url, std::vector<IpAddress>>> Client::State::resolve(const ClientRequest& request) {
  const runtime::DeadlineScope deadline(request.connect_deadline);
  if (request.url_source == UrlSource::user) {
    const auto url =
        read_once(guarded_urls, request.url, [&](const std::string& text) { return guard.check(text); });
    if (!url) return fail(url.error());
    auto addresses = guard.resolve(*url);
    if (!addresses) return fail(std::move(addresses.error()));
    return std::pair(url->url(), std::move(*addresses));
  }
  const auto url = read_once(urls, request.url, [](const std::string& text) { return Url::parse(text); });
  if (!url) return fail(url.error());
  if (url->literal()) return std::pair(*url, std::vector{*url->literal()});
  auto addresses = guard.resolver().look_up(url->host());
  if (!addresses) return fail(std::move(addresses.error()));
  return std::pair(*url, std::move(*addresses));
}

Host& Client::State::find_or_add_host(const Url& url) {
  if (const auto known = hosts_by_origin.find(url.origin()); known != hosts_by_origin.end()) {
    hosts.splice(hosts.begin(), hosts, known->second);
    return hosts.front();
  }
  if (hosts.size() >= options.hosts_max) forget_old_host();
  hosts.push_front({url, Gate(options.transfers_per_host_max, options.waiting_per_host_max)});
  hosts_by_origin.emplace(hosts.front().url.origin(), hosts.begin());
  return hosts.front();
}

// The one used longest ago, of those that nobody uses now.
void Client::State::forget_old_host() {
  for (std::size_t looked_at = 0; looked_at < hosts.size(); ++looked_at) {
    if (hosts.back().users == 0) {
      hosts_by_origin.erase(hosts.back().url.origin());
      hosts.pop_back();
      return;
    }
    hosts.splice(hosts.begin(), hosts, std::prev(hosts.end()));
  }
}

Client::Client(runtime::EventLoop& loop, UrlGuard& guard, ClientOptions options)
    : state_(std::make_shared<State>(loop, guard, std::move(options))) {}

Client::~Client() = default;

Result<ClientResponse> Client::send(const ClientRequest& request) {
  const runtime::DeadlineScope deadline(request.total_deadline);
  ClientStream::Exchange exchange(state_);
  if (auto begun = exchange.begin(request, false); !begun) return fail(std::move(begun.error()));
  Transfer& transfer = exchange.transfer();
  transfer.wait_until_finished();
  if (auto error = transfer.error()) return fail(std::move(*error));
  return ClientResponse{
      .status = transfer.status(),
      .headers = std::move(transfer.headers()),
      .body = std::move(transfer.body()),
      .body_ends_by_close = transfer.body_ends_by_close(),
  };
}

Result<ClientStream> Client::open(const ClientRequest& request) {
  const runtime::DeadlineScope deadline(request.total_deadline);
  auto exchange = std::make_unique<ClientStream::Exchange>(state_);
  if (auto begun = exchange->begin(request, true); !begun) return fail(std::move(begun.error()));
  Transfer& transfer = exchange->transfer();
  transfer.wait_for_head();
  // A failure that came together with the head is for the reader of the body, after what there is of it.
  if (!transfer.has_head()) return fail(*transfer.error());
  return ClientStream(std::move(exchange));
}

ClientStatistics Client::statistics() const {
  return {.transfers = state_->under_way, .waiting = state_->waiting};
}

ClientStream::ClientStream(std::unique_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
ClientStream::ClientStream(ClientStream&& other) noexcept = default;
ClientStream& ClientStream::operator=(ClientStream&& other) noexcept = default;
ClientStream::~ClientStream() = default;

int ClientStream::status() const {
  return exchange_->transfer().status();
}
const Headers& ClientStream::headers() const {
  return exchange_->transfer().headers();
}

bool ClientStream::body_ends_by_close() const {
  return exchange_->transfer().body_ends_by_close();
}

Result<std::optional<std::string>> ClientStream::next_chunk() {
  Transfer& transfer = exchange_->transfer();
  transfer.wait_for_body(runtime::current_deadline());
  std::string chunk = std::exchange(transfer.body(), {});
  exchange_->driver().resume(transfer);
  if (!chunk.empty()) return chunk;
  if (auto error = transfer.error()) return fail(std::move(*error));
  if (transfer.is_finished()) return std::nullopt;
  return fail(response_timed_out, "The rest of the answer did not come in time.");
}

bool may_have_been_received(const Error& failure) {
  const ErrorCode codes[] = {response_timed_out, connection_lost, malformed_response, response_too_large,
                             trunkline::error_codes::internal};
  return std::ranges::find(codes, failure.code()) != std::end(codes);
}

}  // namespace trunkline::net
