// Feeds any bytes to what reads addresses from users and fields from clients. A checked address reads back as
// itself and needs no look-up.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/encoding.hpp"
#include "net/http.hpp"
#include "net/retry.hpp"
#include "net/ssrf_guard.hpp"

namespace {

using namespace trunkline;

class NoResolver final : public net::Resolver {
 public:
  Result<std::vector<net::IpAddress>> look_up(const std::string&) override { std::abort(); }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  NoResolver resolver;
  const net::UrlGuard guard({.allow_private = false}, resolver);
  if (guard.check(text) && !guard.check(std::string(text))) std::abort();
  (void)net::parse_query(text);
  (void)net::parse_http_date(std::string(text));
  (void)parse_form(text);
  return 0;
}
