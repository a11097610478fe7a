#include "fakes/zadarma/signature.hpp"

#include "base/crypto/hash.hpp"
#include "base/encoding.hpp"

namespace trunkline::fakes::zadarma {

std::string sign_request(std::string_view secret, std::string_view path, const Parameters& parameters) {
  std::string query;
  for (const auto& [key, value] : parameters) {
    if (!query.empty()) query += '&';
    query += form_encode(key) + "=" + form_encode(value);
  }
  const std::string digest = hex_encode(crypto::md5(query));
  return sign_text(secret, std::string(path) + query + digest);
}

std::string sign_text(std::string_view secret, std::string_view text) {
  return base64_encode(hex_encode(crypto::hmac_sha1(secret, text)));
}

}  // namespace trunkline::fakes::zadarma
