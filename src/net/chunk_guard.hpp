// What Beast 1.81's parser must be kept from when a body comes in chunks (RFC 9112, section 7.1): it ends the
// program by an assertion when it is asked again about a last chunk that has come in part.
#pragma once

#include <string_view>

#include <boost/beast/http/basic_parser.hpp>

namespace trunkline::net {

// True when `bytes` are to wait for more. The end of every chunked body is longer than what is held back.
template <bool is_request>
bool is_piece_of_a_chunk(const boost::beast::http::basic_parser<is_request>& parser, std::string_view bytes) {
  constexpr std::string_view shortest_end = "0\r\n\r\n";
  return parser.is_header_done() && !parser.is_done() && parser.chunked() &&
         bytes.size() < shortest_end.size();
}

// True when what is left of the bytes, of which the parser can make nothing yet, is longer than a chunk's
// line or the trailers may be. Without a limit such a line would be waited for, and kept, for ever.
template <bool is_request>
bool is_endless_line(const boost::beast::http::basic_parser<is_request>& parser, std::size_t left,
                     std::size_t left_max) {
  return parser.is_header_done() && !parser.is_done() && left > left_max;
}

}  // namespace trunkline::net
