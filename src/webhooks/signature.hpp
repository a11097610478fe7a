// How receivers know that a message is ours: the project's legacy header over the body, and the headers of
// Standard Webhooks (github.com/standard-webhooks, specification 1.0) over id, time and body. Both cover the
// very same bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/crypto/hash.hpp"
#include "base/time.hpp"
#include "net/http.hpp"

namespace trunkline::webhooks {

inline constexpr std::string_view legacy_signature_header = "X-Pamela-Signature";

// contracts/voice-api.md, section 9.2: lower-case hex of HMAC-SHA256, keyed with the secret's own bytes.
std::string legacy_signature(std::string_view secret, std::string_view body);

// The key that Standard Webhooks derives from a secret: what stands after "whsec_" in base64. A secret of
// another form is its own key.
std::string standard_key(std::string_view secret);

// Signs for one receiver. Holds the keys ready, since most receivers get many messages.
class Signer {
 public:
  // The first secret is the current one; further ones sign too while they are being replaced.
  explicit Signer(const std::vector<std::string>& secrets);

  // The signature headers of one sending.
  void sign(net::Headers& headers, std::string_view message_id, Instant sent_at, std::string_view body) const;

 private:
  crypto::HmacSha256Key legacy_;
  std::vector<crypto::HmacSha256Key> standard_;
};

}  // namespace trunkline::webhooks
