#include "net/resolver.hpp"

#include <algorithm>
#include <cstring>
#include <list>
#include <unordered_map>

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "runtime/semaphore.hpp"

namespace trunkline::net {
namespace {

using Addresses = std::vector<IpAddress>;

// Longer answers than this are cut: no sane name has so many, and each is tried in turn.
constexpr std::size_t addresses_max = 32;

Error not_resolved(const std::string& host, std::string_view why) {
  return Error(name_not_resolved, fmt::format("The host name {} could not be looked up: {}.", host, why));
}

// Blocks; runs on the pool.
Result<Addresses> ask_system(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* answer = nullptr;
  const int status = getaddrinfo(host.c_str(), nullptr, &hints, &answer);
  if (status != 0) {
    const bool unknown = status == EAI_NONAME || status == EAI_NODATA;
    return fail(not_resolved(host, unknown ? "there is no such host" : gai_strerror(status)));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(answer, &freeaddrinfo);
  Addresses addresses;
  for (const addrinfo* each = answer; each != nullptr && addresses.size() < addresses_max;
       each = each->ai_next) {
    const auto address = IpAddress::from_socket_address(*each->ai_addr);
    if (address && std::ranges::find(addresses, *address) == addresses.end()) addresses.push_back(*address);
  }
  if (addresses.empty()) return fail(not_resolved(host, "it has no address"));
  return addresses;
}

// What is known of a name, and who waits to know it.
struct Name {
  Addresses addresses;
  runtime::SteadyTime answered_at = runtime::SteadyTime::min();
  std::optional<Error> failure;  // of the last look-up
  bool being_looked_up = false;
  std::list<runtime::Bell*> waiting;
};

void look_up_on_pool(runtime::ThreadPool& pool, Name& name, const std::string& host) {
  auto accepted = pool.run([&host] { return ask_system(host); });
  Result<Addresses> answer = accepted ? std::move(*accepted) : fail(std::move(accepted.error()));
  if (answer) {
    name.addresses = std::move(*answer);
    name.answered_at = std::chrono::steady_clock::now();
    name.failure.reset();
  } else {
    name.failure = std::move(answer.error());
  }
  name.being_looked_up = false;
  for (runtime::Bell* bell : std::exchange(name.waiting, {})) bell->ring();
}

// False when the answer did not come in time.
bool wait_for_answer(Name& name, runtime::SteadyTime until) {
  runtime::Bell bell;
  name.waiting.push_back(&bell);
  const Duration left = runtime::time_left(until);
  if (left > Duration::zero() && bell.wait_for(left)) return true;
  name.waiting.remove(&bell);
  return false;
}

}  // namespace

IpAddress::IpAddress(const V4Bytes& bytes) : is_v4_(true) {
  std::ranges::copy(bytes, bytes_.begin());
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  char terminated[INET6_ADDRSTRLEN + 1] = {};
  if (text.size() >= sizeof terminated || text.find('\0') != std::string_view::npos) return std::nullopt;
  std::ranges::copy(text, terminated);
  V4Bytes v4;
  if (inet_pton(AF_INET, terminated, v4.data()) == 1) return IpAddress(v4);
  V6Bytes v6;
  if (inet_pton(AF_INET6, terminated, v6.data()) == 1) return IpAddress(v6);
  return std::nullopt;
}

std::optional<IpAddress> IpAddress::from_socket_address(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in typed;
    std::memcpy(&typed, &address, sizeof typed);
    V4Bytes bytes;
    std::memcpy(bytes.data(), &typed.sin_addr, bytes.size());
    return IpAddress(bytes);
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 typed;
    std::memcpy(&typed, &address, sizeof typed);
    V6Bytes bytes;
    std::memcpy(bytes.data(), &typed.sin6_addr, bytes.size());
    return IpAddress(bytes);
  }
  return std::nullopt;
}

std::string IpAddress::to_text() const {
  char text[INET6_ADDRSTRLEN];
  inet_ntop(is_v4_ ? AF_INET : AF_INET6, bytes_.data(), text, sizeof text);
  return text;
}

struct SystemResolver::State {
  std::shared_ptr<Name> find_or_add(const std::string& host);

  runtime::ThreadPool& pool;
  ResolverOptions options;
  std::unordered_map<std::string, std::shared_ptr<Name>> names;
};

SystemResolver::SystemResolver(runtime::ThreadPool& pool, ResolverOptions options)
    : state_(std::make_unique<State>(pool, options, decltype(State::names){})) {}

SystemResolver::~SystemResolver() = default;

std::shared_ptr<Name> SystemResolver::State::find_or_add(const std::string& host) {
  if (const auto known = names.find(host); known != names.end()) return known->second;
  if (names.size() >= options.names_max) {
    const auto oldest_kept = std::chrono::steady_clock::now() - options.fresh_for;
    std::erase_if(names, [&](const auto& each) {
      return !each.second->being_looked_up && each.second->answered_at < oldest_kept;
    });
  }
  auto name = std::make_shared<Name>();
  // When all that is remembered is fresh or on its way, this one is asked and not remembered.
  if (names.size() < options.names_max) names.emplace(host, name);
  return name;
}

Result<std::vector<IpAddress>> SystemResolver::look_up(const std::string& host) {
  const auto start = std::chrono::steady_clock::now();
  const std::shared_ptr<Name> name = state_->find_or_add(host);
  const auto is_younger_than = [&](Duration age) {
    return !name->addresses.empty() && start - name->answered_at < age;
  };
  if (is_younger_than(state_->options.fresh_for)) return name->addresses;
  if (!name->being_looked_up) {
    name->being_looked_up = true;
    runtime::EventLoop::current()->spawn(
        "name look-up", [&pool = state_->pool, name, host] { look_up_on_pool(pool, *name, host); });
  }
  const Duration grace = state_->options.grace;
  const bool answered =
      wait_for_answer(*name, std::min(runtime::current_deadline(), start + state_->options.look_up_limit));
  if (answered && !name->failure) return name->addresses;
  if (is_younger_than(grace)) return name->addresses;
  if (answered) return fail(*name->failure);
  return fail(not_resolved(host, "the name server did not answer in time"));
}

}  // namespace trunkline::net
