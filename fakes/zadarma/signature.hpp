// The provider's side of its signatures (contracts/zadarma.md, sections 2 and 11).
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace trunkline::fakes::zadarma {

using Parameters = std::map<std::string, std::string>;  // sorted by byte order, as the signature wants them

// The value of the Authorization header after "key:".
std::string sign_request(std::string_view secret, std::string_view path, const Parameters& parameters);
// The Signature header of a webhook.
std::string sign_text(std::string_view secret, std::string_view text);

}  // namespace trunkline::fakes::zadarma
