// A sign-up flow: registers a customer, records each step, shows the story: onboarding URL KEY
#include <cstdlib>
#include <iostream>

#include <trunkline/engagement.hpp>

namespace engagement = trunkline::engagement;

int main(int count, char** arguments) {
  if (count != 3) return EXIT_FAILURE;
  //! [onboarding]
  const engagement::Client client({{.api_key = arguments[2], .base_url = arguments[1]}});
  client.put_customer({.customer_id = "c-204",
                       .name = "Ann Smith",
                       .email = "ann@example.com",
                       .phone = "+12025550101",
                       .properties = {{"plan", "trial"}}});
  for (const char* step : {"profile_completed", "team_invited", "onboarding_completed"}) {
    client.record_action({.customer_id = "c-204", .action_name = step});
  }
  client.put_customer({.customer_id = "c-204", .properties = {{"plan", "pro"}}});
  for (const auto& entry : client.read_timeline("c-204").items) std::cout << entry.name << '\n';
  //! [onboarding]
}
