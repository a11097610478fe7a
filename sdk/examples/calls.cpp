// Each function for calls once: calls URL KEY
#include <cstdlib>
#include <iostream>

#include <trunkline/voice.hpp>

namespace voice = trunkline::voice;

namespace {

void follow(const voice::Client& client) {
  //! [create]
  const voice::PlacedCall placed = client.create_call({.to = "+12025550101",
                                                       .task = "Ask for the opening hours",
                                                       .locale = "en-US",
                                                       .max_duration_seconds = 120,
                                                       .agent_name = "Ava",
                                                       .metadata = {{"ticket", "A-17"}}});
  std::cout << placed.id << " is " << to_text(placed.status) << '\n';
  //! [create]
  //! [wait]
  const voice::Call call = client.wait_for_call(
      placed.id, {.poll_interval = std::chrono::milliseconds(500), .timeout = std::chrono::minutes(5)});
  for (const voice::TranscriptEntry& entry : call.transcript) {
    std::cout << entry.role << ": " << entry.text << '\n';
  }
  //! [wait]
  //! [get]
  const voice::Call now = client.get_call(placed.id);
  std::cout << to_text(now.status) << ", ticket " << now.metadata.at("ticket") << '\n';
  //! [get]
}

void end(const voice::Client& client) {
  const std::string id = client.create_call({.to = "+12025550110", .task = "Say hello"}).id;
  const std::string other = client.create_call({.to = "+12025550110", .task = "Say hello"}).id;
  //! [cancel]
  const voice::Call cancelled = client.cancel_call(id);
  std::cout << "after cancel: " << to_text(cancelled.status) << '\n';
  //! [cancel]
  //! [hang up]
  const voice::Call hung_up = client.hang_up_call(other);
  std::cout << "after hanging up: " << to_text(hung_up.status) << '\n';
  //! [hang up]
  //! [scoped]
  {
    voice::ScopedCall call(client, client.create_call({.to = "+12025550110", .task = "Say hello"}));
    std::cout << call.placed().id << " is cancelled here, unless wait() or release() let it go\n";
  }
  //! [scoped]
}

void list(const voice::Client& client) {
  //! [list]
  const voice::CallPage page = client.list_calls({.status = voice::CallStatus::completed, .limit = 10});
  std::cout << page.items.size() << " of " << page.total << " completed calls\n";
  //! [list]
  //! [all]
  for (const voice::Call& call : client.all_calls()) {
    std::cout << call.id << ' ' << call.to << ' ' << to_text(call.status) << '\n';
  }
  //! [all]
}

}  // namespace

int main(int count, char** arguments) try {
  if (count != 3) return EXIT_FAILURE;
  const voice::Client client({.api_key = arguments[2], .base_url = arguments[1]});
  follow(client);
  end(client);
  list(client);
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return EXIT_FAILURE;
}
