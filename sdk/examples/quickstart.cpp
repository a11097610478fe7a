// Calls +12025550101 and prints what came of it: quickstart URL KEY
#include <cstdlib>
#include <iostream>

#include <trunkline/voice.hpp>

int main(int count, char** arguments) {
  if (count != 3) return EXIT_FAILURE;
  //! [quickstart]
  const trunkline::voice::Client client({.api_key = arguments[2], .base_url = arguments[1]});
  const auto placed = client.create_call({.to = "+12025550101", .task = "Ask for the opening hours"});
  const auto call = client.wait_for_call(placed.id);
  std::cout << to_text(call.status) << ": " << call.summary.value_or("no summary") << '\n';
  //! [quickstart]
}
