#include "webhooks/signature.hpp"

#include "base/encoding.hpp"

namespace trunkline::webhooks {
namespace {

constexpr std::string_view secret_prefix = "whsec_";

}  // namespace

std::string legacy_signature(std::string_view secret, std::string_view body) {
  return hex_encode(crypto::hmac_sha256(secret, body));
}

std::string standard_key(std::string_view secret) {
  if (secret.starts_with(secret_prefix)) {
    if (auto decoded = base64_decode(secret.substr(secret_prefix.size())); decoded && !decoded->empty()) {
      return std::move(*decoded);
    }
  }
  return std::string(secret);
}

Signer::Signer(const std::vector<std::string>& secrets) : legacy_(secrets.at(0)) {
  for (const std::string& secret : secrets) standard_.emplace_back(standard_key(secret));
}

void Signer::sign(net::Headers& headers, std::string_view message_id, Instant sent_at,
                  std::string_view body) const {
  const std::string seconds_sent =
      std::to_string(std::chrono::floor<seconds>(sent_at).time_since_epoch().count());
  std::string signatures;
  for (const crypto::HmacSha256Key& key : standard_) {
    if (!signatures.empty()) signatures += ' ';
    signatures += "v1," + base64_encode(key.sign_joined({message_id, ".", seconds_sent, ".", body}));
  }
  headers.add(std::string(legacy_signature_header), hex_encode(legacy_.sign(body)));
  headers.add("webhook-id", std::string(message_id));
  headers.add("webhook-timestamp", seconds_sent);
  headers.add("webhook-signature", std::move(signatures));
}

}  // namespace trunkline::webhooks
