// Checks signatures without a server, as the test of a receiver does: signatures
#include <cstdlib>
#include <iostream>

#include <trunkline/voice.hpp>

namespace voice = trunkline::voice;

int main() {
  const std::string raw_body = R"({"call_id":"call_9","event":"call.started","status":"in_progress"})";
  const std::string signature = voice::sign_webhook(raw_body, "old secret");
  //! [verify]
  const voice::Secrets secrets{"new secret", "old secret"};  // both, while one replaces the other
  const bool is_genuine = voice::verify_webhook(raw_body, signature, secrets);
  //! [verify]

  //! [sign]
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const std::string seconds = std::to_string(std::chrono::floor<std::chrono::seconds>(now).count());
  const std::string signed_now = voice::sign_standard_webhook(raw_body, "msg_1", seconds, "new secret");
  //! [sign]
  //! [verify standard]
  const voice::StandardHeaders headers{.id = "msg_1", .timestamp = seconds, .signature = signed_now};
  const bool is_genuine_and_new =
      voice::verify_standard_webhook(raw_body, headers, secrets, {.tolerance = std::chrono::minutes(5)});
  //! [verify standard]
  //! [replay]
  voice::ReplayGuard seen;
  const bool is_first = seen.is_first("msg_1");
  const bool is_first_again = seen.is_first("msg_1");  // false: it was handled, just answer 2xx
  //! [replay]
  std::cout << is_genuine << is_genuine_and_new << is_first << is_first_again << '\n';
}
