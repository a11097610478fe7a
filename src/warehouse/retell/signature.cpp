#include "warehouse/retell/signature.hpp"

#include <algorithm>

#include "base/crypto/compare.hpp"
#include "base/crypto/hash.hpp"
#include "base/encoding.hpp"
#include "base/text.hpp"

namespace trunkline::warehouse::retell {
namespace {

constexpr std::int64_t tolerance_ms = 300'000;
constexpr std::size_t digest_digits = 64;
constexpr std::size_t time_digits_max = 15;

std::unexpected<Error> forged(std::string message) {
  return fail(error_codes::webhook_forged, std::move(message));
}

}  // namespace

Result<Instant> verify_webhook(const Secret& key, std::string_view signature, std::string_view body,
                               Instant now) {
  const auto parts = split_once(signature, ',');
  if (!parts || !parts->first.starts_with("v=") || !parts->second.starts_with("d="))
    return forged("The webhook is not signed as \"v=…,d=…\".");
  const std::string_view time = parts->first.substr(2);
  const std::string_view digest = parts->second.substr(2);
  const auto ms = time.size() <= time_digits_max ? parse_integer(time) : std::nullopt;
  if (!ms || digest.size() != digest_digits || !hex_decode(digest))
    return forged("The webhook's signature has not the form of one.");
  const std::int64_t now_ms = std::chrono::floor<milliseconds>(now).time_since_epoch().count();
  if (std::abs(now_ms - *ms) > tolerance_ms)
    return forged("The webhook is too old, or this machine's clock is wrong.");
  std::string message(body);
  message += time;
  const std::string expected = hex_encode(crypto::hmac_sha256(key.reveal(), message));
  if (!crypto::equal_in_constant_time(ascii_lower(digest), expected))
    return forged("The webhook's signature does not fit. Check which API key is marked as the webhook key.");
  return from_microseconds(*ms * 1000);
}

}  // namespace trunkline::warehouse::retell
