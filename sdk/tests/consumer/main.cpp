// Uses the installed package: fails to reach a server, verifies a signature, and says so.
#include <iostream>

#include <trunkline/voice.hpp>

// Neither may come with the package's headers.
#if defined(CURLINC_CURL_H) || defined(OPENSSL_OPENSSLV_H)
#error "the headers of libcurl or OpenSSL leak"
#endif

namespace voice = trunkline::voice;

int main() {
  const bool is_genuine = voice::verify_webhook("{}", voice::sign_webhook("{}", "secret"), "secret");
  const voice::Client client(
      {.api_key = "pk_live_x", .base_url = "http://127.0.0.1:1", .retries = {.tries = 1}});
  try {
    client.get_usage();
  } catch (const voice::ConnectionError& error) {
    std::cout << "unreachable, not sent: " << !error.failure().sent << ", genuine: " << is_genuine << '\n';
    return is_genuine && !error.failure().sent ? 0 : 1;
  }
  return 1;
}
