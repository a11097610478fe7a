// Zadarma's signatures, ours on requests and theirs on webhooks: the Base64 of the hexadecimal digits of an
// HMAC-SHA1 (contracts/zadarma.md, sections 2 and 11).
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/secret.hpp"

namespace trunkline::warehouse::zadarma {

using Parameters = std::map<std::string, std::string>;  // sorted by bytes, as the signature wants them

// "a=1&b=two+words"
std::string query_text(const Parameters& parameters);

// The Authorization header for a request. The path has no host and no question mark.
std::string authorization(std::string_view key, const Secret& secret, std::string_view path,
                          const Parameters& parameters);

// The Signature header of a webhook over the text that its event signs.
std::string webhook_signature(const Secret& secret, std::string_view signed_text);

}  // namespace trunkline::warehouse::zadarma
