#include "fakes/retell/hooks.hpp"

#include <fmt/core.h>

#include "base/crypto/hash.hpp"
#include "base/json/write.hpp"

namespace trunkline::fakes::retell {

std::string sign_webhook(std::string_view key, std::string_view body, Instant now) {
  const std::string milliseconds_text = std::to_string(to_microseconds(now) / 1000);
  const auto digest = crypto::hmac_sha256(key, std::string(body) + milliseconds_text);
  return fmt::format("v={},d={}", milliseconds_text, hex_encode(digest));
}

std::vector<SignedHook> hooks_between(const World& world, std::string_view key, Instant from, Instant to,
                                      Instant now) {
  std::vector<SignedHook> hooks;
  const auto add = [&](std::string_view event, const Call& call, Instant at, bool with_analysis) {
    json::Value object = world.object(call, at, at >= call.end);
    if (!with_analysis) object.as_object()->remove("call_analysis");
    std::string body = json::write(json::object({{"event", event}, {"call", std::move(object)}}));
    hooks.push_back({.headers = {{"Content-Type", "application/json"},
                                 {"x-retell-signature", sign_webhook(key, body, now)}},
                     .body = std::move(body)});
  };
  const Series& series = world.series();
  for (std::int64_t index = series.first_from(from); index < series.first_from(to); ++index) {
    const Call call = world.call(index);
    if (call.is_connected()) add("call_started", call, call.start, false);
    const Instant all_known = std::max({call.end, call.analysed_at, call.cost_at});
    add("call_ended", call, all_known, false);
    if (call.is_connected()) add("call_analyzed", call, all_known, true);
  }
  return hooks;
}

}  // namespace trunkline::fakes::retell
