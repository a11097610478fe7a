#include "net/ssrf_guard.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <curl/curl.h>
#include <fmt/format.h>

#include "base/text.hpp"

namespace trunkline::net {
namespace {

// A block of addresses: the first `bits` bits of `bytes`.
template <std::size_t Size>
struct Block {
  std::array<std::uint8_t, Size> bytes;
  unsigned bits;

  bool contains(const std::array<std::uint8_t, Size>& address) const {
    for (unsigned bit = 0; bit < bits; bit += 8) {
      const unsigned kept = std::min(8U, bits - bit);
      const auto mask = static_cast<std::uint8_t>(0xff00U >> kept);
      if (((address[bit / 8] ^ bytes[bit / 8]) & mask) != 0) return false;
    }
    return true;
  }
};

// C5 and the rest of IANA's special-purpose registry (RFC 6890).
constexpr Block<4> v4_not_public[] = {
    {{0, 0, 0, 0}, 8},        // "this network"
    {{10, 0, 0, 0}, 8},       // private
    {{100, 64, 0, 0}, 10},    // shared by carriers
    {{127, 0, 0, 0}, 8},      // loopback
    {{169, 254, 0, 0}, 16},   // link-local, where clouds keep their metadata
    {{172, 16, 0, 0}, 12},    // private
    {{192, 0, 0, 0}, 24},     // protocol assignments
    {{192, 0, 2, 0}, 24},     // documentation
    {{192, 88, 99, 0}, 24},   // 6to4 relays
    {{192, 168, 0, 0}, 16},   // private
    {{198, 18, 0, 0}, 15},    // benchmarks
    {{198, 51, 100, 0}, 24},  // documentation
    {{203, 0, 113, 0}, 24},   // documentation
    {{224, 0, 0, 0}, 4},      // multicast
    {{240, 0, 0, 0}, 4},      // reserved, and broadcast
};

// Of IPv6 only global unicast can be public. That leaves out ::, ::1, fc00::/7, fe80::/10 and ff00::/8.
constexpr Block<16> v6_global{{0x20}, 3};
constexpr Block<16> v6_not_public[] = {
    {{0x20, 0x01}, 23},              // protocol assignments; Teredo (2001::/32) hides IPv4
    {{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    {{0x20, 0x02}, 16},              // 6to4, which hides IPv4
    {{0x3f, 0xff}, 20},              // documentation
};
// Here the last four bytes are an IPv4 address: what it is decides.
constexpr Block<16> v4_mapped{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96};
constexpr Block<16> v4_translated{{0x00, 0x64, 0xff, 0x9b}, 96};

Error invalid(std::string_view message) {
  return Error(invalid_url, std::string(message));
}

// Curl's parser is told to be generous in places; what it would mend is refused before it sees it.
std::optional<Error> objection_to_text(std::string_view text) {
  const auto is_printable = [](char c) { return c > ' ' && c < '\x7f'; };
  if (!std::ranges::all_of(text, is_printable)) {
    return invalid(
        "Write the URL in ASCII without spaces: an international host name as punycode (xn--…), anything "
        "else "
        "percent-encoded.");
  }
  const auto scheme_and_rest = split_once(text, ':');
  const bool is_web = scheme_and_rest && (equal_ignoring_case(scheme_and_rest->first, "https") ||
                                          equal_ignoring_case(scheme_and_rest->first, "http"));
  if (!is_web || !scheme_and_rest->second.starts_with("//")) {
    return invalid("A URL begins with https:// here.");
  }
  const std::string_view rest = scheme_and_rest->second.substr(2);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  if (authority.empty()) return invalid("The URL has no host name.");
  if (authority.find('@') != std::string_view::npos) {
    return invalid("A URL with a user name or password is not taken; use a header or a query parameter.");
  }
  if (authority.find_first_of("%\\") != std::string_view::npos)
    return invalid("The host name of the URL is malformed.");
  return std::nullopt;
}

// Whether the last label is a number, which makes it an attempt at an IPv4 address (WHATWG URL, section 3.5).
bool ends_in_number(std::string_view host) {
  const std::string_view label = host.substr(host.rfind('.') + 1);
  return std::ranges::all_of(label, is_digit) || label.starts_with("0x");
}

bool is_host_name(std::string_view host) {
  if (host.empty() || host.size() > 253) return false;
  return std::ranges::all_of(split(host, '.'), [](std::string_view label) {
    const auto is_allowed = [](char c) { return is_lower(c) || is_digit(c) || c == '-' || c == '_'; };
    return !label.empty() && label.size() <= 63 && std::ranges::all_of(label, is_allowed);
  });
}

struct CurlFree {
  void operator()(char* text) const { curl_free(text); }
};

std::string part(CURLU* handle, CURLUPart what, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(handle, what, &text, flags) != CURLUE_OK) return "";
  const std::unique_ptr<char, CurlFree> owner(text);
  return text;
}

// From the path to where the fragment begins. In a URL that libcurl has written there always is a path.
std::string target_of(std::string_view url) {
  const std::size_t path = url.find('/', url.find("://") + 3);
  return std::string(url.substr(path, url.find('#') - path));
}

}  // namespace

struct Url::Parts {
  std::string text;
  std::string origin;
  std::string host_and_port;
  std::string host;
  std::string target;
  std::string host_field;
  std::uint16_t port = 0;
  bool is_https = false;
  std::optional<IpAddress> literal;
};

Result<Url> Url::parse(std::string_view text) {
  if (auto error = objection_to_text(text)) return fail(std::move(*error));
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> owner(curl_url(), &curl_url_cleanup);
  CURLU* handle = owner.get();
  if (handle == nullptr) throw std::bad_alloc();
  auto parts = std::make_shared<Parts>();
  const CURLUcode status =
      curl_url_set(handle, CURLUPART_URL, std::string(text).c_str(), CURLU_DISALLOW_USER);
  if (status != CURLUE_OK) {
    return fail(invalid(fmt::format("The URL is malformed: {}.", curl_url_strerror(status))));
  }
  parts->text = part(handle, CURLUPART_URL);
  parts->host = ascii_lower(part(handle, CURLUPART_HOST));
  const std::string port = part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  std::from_chars(port.data(), port.data() + port.size(), parts->port);
  parts->is_https = part(handle, CURLUPART_SCHEME) == "https";
  parts->host_and_port = fmt::format("{}:{}", parts->host, parts->port);
  parts->origin = fmt::format("{}://{}", parts->is_https ? "https" : "http", parts->host_and_port);
  const bool is_default_port = parts->port == (parts->is_https ? 443 : 80);
  parts->host_field = is_default_port ? parts->host : parts->host_and_port;
  parts->target = target_of(parts->text);
  const std::string_view host = parts->host;
  if (host.starts_with('[')) {
    parts->literal = IpAddress::parse(host.substr(1, host.size() - 2));
    if (!parts->literal || !part(handle, CURLUPART_ZONEID).empty()) {
      return fail(
          invalid("The IPv6 address in the URL is malformed, or has a zone, which means nothing to us."));
    }
  } else if (ends_in_number(host)) {
    parts->literal = IpAddress::parse(host);
    if (!parts->literal) return fail(invalid("The host of the URL looks like an IPv4 address but is none."));
  } else if (!is_host_name(host)) {
    return fail(invalid(
        "The host name of the URL is malformed: letters, digits and hyphens, with single dots between."));
  }
  if (parts->port == 0) return fail(invalid("The URL's port must be 1 to 65535."));
  return Url(std::move(parts));
}

const std::string& Url::text() const {
  return parts_->text;
}
const std::string& Url::origin() const {
  return parts_->origin;
}
const std::string& Url::host_and_port() const {
  return parts_->host_and_port;
}
const std::string& Url::host() const {
  return parts_->host;
}
const std::string& Url::target() const {
  return parts_->target;
}
const std::string& Url::host_field() const {
  return parts_->host_field;
}
std::uint16_t Url::port() const {
  return parts_->port;
}
bool Url::is_https() const {
  return parts_->is_https;
}
const std::optional<IpAddress>& Url::literal() const {
  return parts_->literal;
}

bool is_public(const IpAddress& address) {
  const auto contains = [](const auto& bytes) {
    return [&bytes](const auto& block) { return block.contains(bytes); };
  };
  if (address.is_v4()) {
    const IpAddress::V4Bytes bytes = address.v4_bytes();
    return std::ranges::none_of(v4_not_public, contains(bytes));
  }
  const IpAddress::V6Bytes& bytes = address.v6_bytes();
  if (v4_mapped.contains(bytes) || v4_translated.contains(bytes)) {
    return is_public(IpAddress(IpAddress::V4Bytes{bytes[12], bytes[13], bytes[14], bytes[15]}));
  }
  return v6_global.contains(bytes) && std::ranges::none_of(v6_not_public, contains(bytes));
}

Result<GuardedUrl> UrlGuard::check(std::string_view text) const {
  if (text.size() > policy_.length_max) {
    return fail(url_not_allowed, fmt::format("The URL is longer than {} characters.", policy_.length_max));
  }
  Result<Url> url = Url::parse(text);
  if (!url) return fail(std::move(url.error()));
  if (auto error = objection(*url)) return fail(std::move(*error));
  return GuardedUrl(std::move(*url));
}

std::optional<Error> UrlGuard::objection(const Url& url) const {
  if (policy_.allow_private) return std::nullopt;
  if (!url.is_https()) return Error(url_not_allowed, "The URL must begin with https://.");
  if (std::ranges::find(policy_.ports, url.port()) == policy_.ports.end()) {
    return Error(url_not_allowed, fmt::format("Port {} is not allowed in a URL; use {}.", url.port(),
                                              fmt::join(policy_.ports, " or ")));
  }
  if (url.literal()) {
    if (is_public(*url.literal())) return std::nullopt;
    return Error(url_not_allowed, "The URL's address is not on the public Internet.");
  }
  const std::string_view host = url.host();
  if (host.find('.') == std::string_view::npos || host.ends_with(".localhost")) {
    return Error(url_not_allowed,
                 "The URL's host must be a full name on the public Internet, like hooks.example.com.");
  }
  return std::nullopt;
}

Result<std::vector<IpAddress>> UrlGuard::resolve(const GuardedUrl& guarded) const {
  const Url& url = guarded.url();
  if (url.literal()) return std::vector{*url.literal()};  // checked with the text
  Result<std::vector<IpAddress>> addresses = resolver_.look_up(url.host());
  if (!addresses) return addresses;
  // One bad address spoils the name: what it leads to next time is somebody else's choice.
  if (!std::ranges::all_of(*addresses, [&](const IpAddress& each) { return allows(each); })) {
    return fail(
        address_not_allowed,
        fmt::format("The host name {} leads to an address that is not on the public Internet.", url.host()));
  }
  return addresses;
}

}  // namespace trunkline::net
