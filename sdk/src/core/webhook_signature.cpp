#include <array>
#include <charconv>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "core/refusal.hpp"
#include "trunkline/webhooks.hpp"

namespace trunkline::inline v1 {
namespace {

constexpr std::size_t digest_bytes = 32;
using Digest = std::array<unsigned char, digest_bytes>;

Digest hmac_sha256(std::string_view key, std::string_view text) {
  Digest digest{};
  unsigned int size = digest_bytes;
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  const auto* made =
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes, text.size(), digest.data(), &size);
  if (made == nullptr || size != digest_bytes) throw std::runtime_error("OpenSSL has no HMAC-SHA256");
  return digest;
}

std::string hex(const Digest& digest) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : digest) {
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

std::string base64(const Digest& digest) {
  std::array<unsigned char, 4 * ((digest_bytes + 2) / 3) + 1> text{};
  const int size = EVP_EncodeBlock(text.data(), digest.data(), digest_bytes);
  return std::string(text.begin(), text.begin() + size);
}

// The time that it takes depends on the lengths only, which are no secret.
bool same(std::string_view left, std::string_view right) {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

int base64_value(char c) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::size_t value = digits.find(c);
  return value == std::string_view::npos ? -1 : static_cast<int>(value);
}

// Padded base64 (RFC 4648, section 4) and nothing else: bits that encode nothing must be zero.
std::optional<std::string> base64_decoded(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
  std::string bytes;
  unsigned pending = 0;
  unsigned pending_bits = 0;
  for (const char digit : text) {
    const int value = base64_value(digit);
    if (value < 0) return std::nullopt;
    pending = (pending << 6U | static_cast<unsigned>(value)) & 0xffffU;
    pending_bits += 6;
    if (pending_bits < 8) continue;
    pending_bits -= 8;
    bytes += static_cast<char>(pending >> pending_bits & 0xffU);
  }
  if ((pending & ((1U << pending_bits) - 1)) != 0) return std::nullopt;
  return bytes;
}

// What stands after "whsec_" in base64. A secret of another form is its own key; the server does the same.
std::string standard_key(std::string_view secret) {
  constexpr std::string_view prefix = "whsec_";
  if (!secret.starts_with(prefix)) return std::string(secret);
  auto decoded = base64_decoded(secret.substr(prefix.size()));
  return decoded && !decoded->empty() ? std::move(*decoded) : std::string(secret);
}

// What Standard Webhooks signs.
std::string standard_text(std::string_view raw_body, std::string_view id, std::string_view timestamp) {
  std::string text(id);
  return text.append(".").append(timestamp).append(".").append(raw_body);
}

std::string standard_signature(std::string_view text, std::string_view secret) {
  return "v1," + base64(hmac_sha256(standard_key(secret), text));
}

void check_secret(std::string_view secret) {
  if (secret.empty()) throw_failure(detail::refusal("a webhook secret must not be empty"));
}

bool is_near(std::string_view timestamp, const StandardCheck& check) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(timestamp.data(), timestamp.data() + timestamp.size(), seconds);
  if (error != std::errc() || end != timestamp.data() + timestamp.size()) return false;
  constexpr std::int64_t latest = 253'402'300'799;  // the end of the year 9999
  if (seconds < 0 || seconds > latest) return false;
  const auto now =
      check.now.value_or(std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()));
  const auto distance = now - Timestamp(std::chrono::seconds(seconds));
  return distance <= check.tolerance && distance >= -check.tolerance;
}

}  // namespace

Secrets::Secrets(std::vector<std::string> secrets) : secrets_(std::move(secrets)) {
  if (secrets_.empty()) throw_failure(detail::refusal("a webhook secret is needed"));
  for (const std::string& secret : secrets_) check_secret(secret);
}

std::string sign_webhook(std::string_view raw_body, std::string_view secret) {
  check_secret(secret);
  return hex(hmac_sha256(secret, raw_body));
}

std::string sign_standard_webhook(std::string_view raw_body, std::string_view id, std::string_view timestamp,
                                  std::string_view secret) {
  check_secret(secret);
  return standard_signature(standard_text(raw_body, id, timestamp), secret);
}

bool verify_webhook(std::string_view raw_body, std::string_view signature, const Secrets& secrets) {
  bool valid = false;
  for (const std::string& secret : secrets) valid |= same(sign_webhook(raw_body, secret), signature);
  return valid;
}

bool verify_standard_webhook(std::string_view raw_body, const StandardHeaders& headers,
                             const Secrets& secrets, const StandardCheck& check) {
  if (headers.id.empty() || !is_near(headers.timestamp, check)) return false;
  const std::string text = standard_text(raw_body, headers.id, headers.timestamp);
  bool valid = false;
  for (const std::string& secret : secrets) {
    const std::string expected = standard_signature(text, secret);
    // The header holds signatures of several versions and keys, separated by spaces.
    for (std::string_view rest = headers.signature; !rest.empty();) {
      const std::string_view each = rest.substr(0, rest.find(' '));
      rest.remove_prefix(std::min(each.size() + 1, rest.size()));
      valid |= same(expected, each);
    }
  }
  return valid;
}

}  // namespace trunkline::inline v1
