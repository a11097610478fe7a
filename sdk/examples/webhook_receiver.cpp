// Receives events, verifies and prints them: webhook_receiver PORT SECRET
//
// Tell the server with: trunkline webhooks endpoint set --account ID --url http://127.0.0.1:PORT/ --secret
// SECRET
#include <cstdlib>
#include <iostream>

#include <trunkline/voice.hpp>

#include "tiny_http.hpp"

namespace voice = trunkline::voice;

namespace {

class Receiver {
 public:
  explicit Receiver(const voice::Secrets& secrets) : secrets_(secrets) {}

  //! [receive]
  tiny_http::Response receive(const tiny_http::Request& request) {
    const std::string id = request.header("webhook-id");
    const std::string timestamp = request.header("webhook-timestamp");
    const std::string signature = request.header("webhook-signature");
    const voice::StandardHeaders headers{.id = id, .timestamp = timestamp, .signature = signature};
    if (!voice::verify_standard_webhook(request.body, headers, secrets_)) {
      return {.status = 401, .body = R"({"error":"the signature is wrong"})"};
    }
    // The same message comes again when our 2xx got lost.
    if (!seen_.is_first(id)) return {};
    try {
      print(voice::parse_event(request.body));
    } catch (const voice::ValidationError& error) {
      seen_.forget(id);
      std::cerr << error.what() << std::endl;
      return {.status = 400};
    }
    return {};
  }
  //! [receive]

 private:
  static void print(const voice::Event& event) {
    std::cout << event.name << ' ' << event.call_id << ' ' << to_text(event.status) << '\n';
    if (event.kind == voice::EventKind::transcript_update) {
      for (const voice::TranscriptEntry& entry : event.transcript) {
        std::cout << "  " << entry.role << ": " << entry.text << '\n';
      }
    }
    std::cout << std::flush;
  }

  voice::Secrets secrets_;
  voice::ReplayGuard seen_;
};

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    std::cerr << "webhook_receiver PORT SECRET\n";
    return EXIT_FAILURE;
  }
  try {
    Receiver receiver{voice::Secrets(arguments[2])};
    tiny_http::Server server(static_cast<std::uint16_t>(std::atoi(arguments[1])),
                             [&](const tiny_http::Request& request) { return receiver.receive(request); });
    std::cout << "listening on " << server.port() << std::endl;
    server.run();
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return EXIT_FAILURE;
  }
}
