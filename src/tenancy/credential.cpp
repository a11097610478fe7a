#include "tenancy/credential.hpp"

#include <fmt/core.h>

#include "base/encoding.hpp"

namespace trunkline::tenancy {
namespace {

constexpr std::size_t public_id_size = 8;
constexpr std::size_t secret_size = 43;
constexpr std::size_t check_size = 8;

std::string check_digits(std::string_view text) {
  return fmt::format("{:08x}", crc32(text));
}

}  // namespace

std::optional<CredentialText> parse_credential(std::string_view text) {
  const bool known = text.starts_with(api_key_prefix) || text.starts_with(user_token_prefix);
  static_assert(api_key_prefix.size() == user_token_prefix.size());
  constexpr std::size_t prefix_size = api_key_prefix.size();
  if (!known || text.size() != prefix_size + public_id_size + secret_size + check_size) return std::nullopt;
  const std::string_view checked = text.substr(0, text.size() - check_size);
  if (check_digits(checked) != text.substr(checked.size())) return std::nullopt;
  return CredentialText{.public_id = std::string(text.substr(0, prefix_size + public_id_size)),
                        .secret = std::string(text.substr(prefix_size + public_id_size, secret_size))};
}

MintedCredential mint_credential(std::string_view prefix, Random& random) {
  static constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789";
  MintedCredential minted;
  minted.public_id = prefix;
  for (std::size_t i = 0; i < public_id_size; ++i) minted.public_id += letters[random.below(letters.size())];
  std::array<std::uint8_t, 32> bytes{};
  random.fill(bytes);
  minted.secret = base64url_encode(bytes);
  std::string text = minted.public_id + minted.secret;
  text += check_digits(text);
  minted.text = Secret(std::move(text));
  return minted;
}

}  // namespace trunkline::tenancy
