// URLs of requests.
#pragma once

#include <string>
#include <string_view>

namespace trunkline::inline v1::detail {

// The base URL without slashes at its end. Throws ValidationError unless it is http or https with a host
// and, maybe, a path: no user, query or fragment.
std::string checked_base_url(std::string_view url);

// Escapes all but letters, digits and "-._~" (RFC 3986, section 2.3).
std::string percent_encoded(std::string_view text);

}  // namespace trunkline::inline v1::detail
