// Feeds any bytes as webhooks: as they are, which none may take for genuine, and signed by the provider, when
// what is taken must be storable.
#include <cstdint>

#include <fmt/core.h>

#include "base/crypto/hash.hpp"
#include "check_rows.hpp"
#include "net/http.hpp"
#include "warehouse/retell/webhook.hpp"
#include "warehouse/telnyx/webhook.hpp"
#include "warehouse/zadarma/webhook.hpp"

namespace {

using namespace trunkline;
using namespace trunkline::warehouse;

const Secret secret("fakesecret9876543210");
const Instant now = from_microseconds(1'780'272'000'000'000);

void take(const Result<WebhookEvent>& event) {
  if (event) fuzz::check_rows(event->rows);
}

void feed_zadarma(WebhookDelivery delivery) {
  static const TimeZone sydney = *TimeZone::find("Australia/Sydney");
  const zadarma::Reading reading{.zone = sydney, .default_region = "AU"};
  zadarma::Parameters fields;
  for (auto& [name, value] : net::parse_query(delivery.body)) fields.emplace(name, value);
  const auto text = zadarma::signed_text(fields);
  if (!text) {
    fuzz::require(!zadarma::read_webhook(delivery, secret, reading));
    return;
  }
  delivery.headers = {{"Signature", zadarma::webhook_signature(secret, *text)}};
  take(zadarma::read_webhook(delivery, secret, reading));
}

void feed_retell(WebhookDelivery delivery) {
  const std::string at = std::to_string(to_microseconds(now) / 1000);
  const crypto::Sha256 digest = crypto::hmac_sha256(secret.reveal(), delivery.body + at);
  delivery.headers = {{"x-retell-signature", fmt::format("v={},d={}", at, hex_encode(digest))}};
  take(retell::read_webhook(delivery, secret, {.default_region = "AU"}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  WebhookDelivery delivery{.body = std::string(reinterpret_cast<const char*>(data), size),
                           .received_at = now};
  const std::string public_key = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
  fuzz::require(!telnyx::read_webhook(delivery, public_key, {.default_region = "AU"}));
  fuzz::require(!retell::read_webhook(delivery, secret, {.default_region = "AU"}));
  feed_retell(delivery);
  feed_zadarma(std::move(delivery));
  return 0;
}
