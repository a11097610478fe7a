#include "fakes/telnyx/fake_telnyx.hpp"

#include "fakes/provider/quota.hpp"
#include "fakes/telnyx/api.hpp"
#include "fakes/telnyx/hooks.hpp"

namespace trunkline::fakes {

crypto::SigningKey::Seed fake_telnyx_signing_seed() {
  crypto::SigningKey::Seed seed{};
  for (std::size_t byte = 0; byte < seed.size(); ++byte) seed[byte] = static_cast<std::uint8_t>(byte);
  return seed;
}

struct FakeTelnyx::State {
  explicit State(FakeTelnyxOptions fake_options)
      : options(std::move(fake_options)),
        world(options.world),
        key(options.signing_seed),
        records_quota(options.detail_records_quota, options.quota_window),
        api(world),
        server(options.port, options.clock, rules()) {}

  ProviderRules rules() {
    return {
        .answer = [this](const net::Request& request,
                         const FaultHits& hits) { return answer(request, hits); },
        .truth = [this](std::string_view name, Instant from, Instant to, std::int64_t offset,
                        std::int64_t limit) { return truth(name, from, to, offset, limit); },
        .webhooks = [this](Instant from,
                           Instant to) { return telnyx::hooks_between(world, key, from, to, server.now()); }};
  }

  Reply answer(const net::Request& request, const FaultHits& hits) {
    const Instant now = server.now();
    const bool is_records = request.path() == "/v2/detail_records";
    const QuotaVerdict verdict = (is_records ? records_quota : other_quota).take(now);
    const bool is_limited = !verdict.admitted || hits.has(FaultKind::rate_limited);
    Reply reply = is_limited ? telnyx::api_error(429, "10011", "Too many requests",
                                                 "You have exceeded the maximum number of allowed requests.")
                             : answer_admitted(request, hits, now);
    const auto window = std::chrono::ceil<seconds>(is_records ? options.quota_window : Duration(seconds(1)));
    reply.headers.add("x-ratelimit-limit", std::to_string(verdict.limit) + ", " +
                                               std::to_string(verdict.limit) +
                                               ";w=" + std::to_string(window.count()));
    reply.headers.add("x-ratelimit-remaining", std::to_string(verdict.remaining));
    const auto wait = std::chrono::ceil<seconds>(verdict.resets_at - now);
    reply.headers.add("x-ratelimit-reset", std::to_string(verdict.admitted && is_limited ? 0 : wait.count()));
    reply.headers.add("x-request-id", scatter_uuid(world.options().seed, ++request_number, 90));
    return reply;
  }

  Reply answer_admitted(const net::Request& request, const FaultHits& hits, Instant now) {
    if (hits.has(FaultKind::server_error))
      return telnyx::api_error(500, "10007", "Unexpected error", "An unexpected error occurred.");
    const bool is_download =
        request.path().starts_with("/recordings/") || request.path().starts_with("/downloads/");
    if (!is_download && request.headers.find("Authorization") != "Bearer " + options.api_key) {
      return telnyx::api_error(401, "10009", "Authentication failed",
                               "No key found matching the ID with the provided secret");
    }
    return api.answer(request, hits, now, server.base_url());
  }

  std::optional<json::Value> truth(std::string_view name, Instant from, Instant to, std::int64_t offset,
                                   std::int64_t limit) const {
    TruthPage page(offset, limit);
    const auto take = [&page](const auto& row) { page(row); };
    if (name == "calls") {
      world.each_call(from, to, take);
    } else if (name == "charges") {
      world.each_charge(from, to, take);
    } else if (name == "recordings") {
      world.each_recording(from, to, take);
    } else if (name == "messages") {
      world.each_message(from, to, take);
    } else {
      return std::nullopt;
    }
    return page.take();
  }

  FakeTelnyxOptions options;
  telnyx::World world;
  crypto::SigningKey key;
  Quota records_quota;
  Quota other_quota{1000, seconds(1)};
  std::int64_t request_number = 0;
  telnyx::Api api;
  ProviderServer server;  // last: it serves from the moment it exists, and ends first
};

FakeTelnyx::FakeTelnyx(FakeTelnyxOptions options) : state_(std::make_unique<State>(std::move(options))) {}
FakeTelnyx::~FakeTelnyx() = default;

std::uint16_t FakeTelnyx::port() const {
  return state_->server.port();
}
std::string FakeTelnyx::base_url() const {
  return state_->server.base_url() + "/v2";
}
const telnyx::World& FakeTelnyx::truth() const {
  return state_->world;
}
ProviderServer& FakeTelnyx::server() {
  return state_->server;
}
std::string FakeTelnyx::public_key() const {
  return base64_encode(state_->key.public_key());
}
std::vector<SignedHook> FakeTelnyx::webhooks(Instant from, Instant to) const {
  return telnyx::hooks_between(state_->world, state_->key, from, to, state_->server.now());
}

}  // namespace trunkline::fakes
