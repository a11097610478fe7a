// Failures as exceptions and as values, options, threads: outcomes URL KEY
#include <cstdlib>
#include <iostream>
#include <thread>

#include <trunkline/voice.hpp>

namespace voice = trunkline::voice;

namespace {

void exceptions(const voice::Client& client) {
  //! [exceptions]
  try {
    client.create_call({.to = "not a number", .task = "Say hello"});
  } catch (const voice::RateLimitError& error) {
    std::cout << "wait " << error.retry_after().value_or(std::chrono::seconds(30)).count() << " s\n";
  } catch (const voice::ValidationError& error) {
    std::cout << "code " << error.code().value_or(0) << ": " << error.message() << '\n';
  } catch (const voice::Error& error) {  // the base of them all
    std::cout << error.what() << ' ' << error.status() << ' ' << error.details() << '\n';
  }
  //! [exceptions]
}

void values(const voice::Client& client) {
  //! [values]
  const voice::Result<voice::Call> call = client.results().get_call("call_unknown");
  if (call) {
    std::cout << to_text(call->status) << '\n';
  } else if (call.error().kind == voice::FailureKind::call) {
    std::cout << "no such call, code " << call.error().code.value_or(0) << '\n';
  }
  //! [values]
}

void options(const std::string& url, const std::string& key) {
  //! [options]
  const voice::Client client({.api_key = key,
                              .base_url = url,
                              .timeouts = {.connect = std::chrono::seconds(3),
                                           .request = std::chrono::seconds(10),
                                           .total = std::chrono::seconds(60)},
                              .retries = {.tries = 6, .first_pause = std::chrono::milliseconds(100)}});
  //! [options]
  //! [idempotency]
  const voice::CallRequest order{
      .to = "+12025550101", .task = "Ask for the opening hours", .idempotency_key = "ticket-A-17"};
  const voice::PlacedCall first = client.create_call(order);
  const voice::PlacedCall again = client.create_call(order);  // calls nobody
  std::cout << (first.id == again.id) << ' ' << again.replayed << '\n';
  //! [idempotency]
}

void threads(const voice::Client& client) {
  //! [threads]
  std::vector<std::jthread> workers;
  for (int worker = 0; worker < 4; ++worker) workers.emplace_back([&] { client.list_calls({.limit = 1}); });
  //! [threads]
}

}  // namespace

int main(int count, char** arguments) try {
  if (count != 3) return EXIT_FAILURE;
  const voice::Client client({.api_key = arguments[2], .base_url = arguments[1]});
  exceptions(client);
  values(client);
  options(arguments[1], arguments[2]);
  threads(client);
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return EXIT_FAILURE;
}
