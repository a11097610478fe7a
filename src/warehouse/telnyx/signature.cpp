#include "warehouse/telnyx/signature.hpp"

#include <algorithm>

#include "base/crypto/sign.hpp"
#include "base/encoding.hpp"
#include "base/text.hpp"

namespace trunkline::warehouse::telnyx {
namespace {

constexpr std::int64_t tolerance_seconds = 300;
constexpr std::size_t timestamp_digits_max = 12;

std::unexpected<Error> forged(std::string message) {
  return fail(error_codes::webhook_forged, std::move(message));
}

}  // namespace

Result<void> verify_webhook(std::string_view public_key, std::string_view timestamp,
                            std::string_view signature, std::string_view body, Instant now) {
  const auto key = base64_decode(trim(public_key));
  if (!key || key->size() != std::tuple_size_v<crypto::PublicKey>)
    return forged("The account has no usable public key; it is in Telnyx's portal, as Base64 of 32 bytes.");
  const auto second = timestamp.size() <= timestamp_digits_max ? parse_integer(timestamp) : std::nullopt;
  if (!second) return forged("The webhook's timestamp is not a number.");
  const std::int64_t now_second = std::chrono::floor<seconds>(now).time_since_epoch().count();
  if (std::abs(now_second - *second) > tolerance_seconds)
    return forged("The webhook is too old, or this machine's clock is wrong.");
  const auto bytes = base64_decode(signature);
  if (!bytes || bytes->size() != std::tuple_size_v<crypto::Signature>)
    return forged("The webhook's signature is not 64 bytes of Base64.");
  std::string message(timestamp);
  message += '|';
  message += body;
  if (!crypto::verify(*key, message, *bytes)) return forged("The webhook's signature does not fit.");
  return {};
}

Result<void> verify_webhook(std::string_view public_key, const WebhookDelivery& delivery) {
  const auto timestamp = delivery.header("telnyx-timestamp");
  const auto signature = delivery.header("telnyx-signature-ed25519");
  if (!timestamp || !signature) return forged("The webhook is not signed.");
  return verify_webhook(public_key, *timestamp, *signature, delivery.body, delivery.received_at);
}

}  // namespace trunkline::warehouse::telnyx
