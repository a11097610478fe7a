#include "warehouse/zadarma/signature.hpp"

#include <fmt/core.h>

#include "base/crypto/hash.hpp"
#include "base/encoding.hpp"

namespace trunkline::warehouse::zadarma {

std::string query_text(const Parameters& parameters) {
  std::string query;
  for (const auto& [key, value] : parameters) {
    if (!query.empty()) query += '&';
    query += form_encode(key) + '=' + form_encode(value);
  }
  return query;
}

std::string authorization(std::string_view key, const Secret& secret, std::string_view path,
                          const Parameters& parameters) {
  const std::string query = query_text(parameters);
  const std::string text = fmt::format("{}{}{}", path, query, hex_encode(crypto::md5(query)));
  return fmt::format("{}:{}", key, webhook_signature(secret, text));
}

std::string webhook_signature(const Secret& secret, std::string_view signed_text) {
  return base64_encode(hex_encode(crypto::hmac_sha1(secret.reveal(), signed_text)));
}

}  // namespace trunkline::warehouse::zadarma
