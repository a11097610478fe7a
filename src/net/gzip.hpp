// gzip for large answers (RFC 1952).
#pragma once

#include <string>
#include <string_view>

namespace trunkline::net {

// Level 6 or so takes about 10 ms a megabyte: call it on a pool thread when the text is large.
std::string gzip(std::string_view text);

}  // namespace trunkline::net
