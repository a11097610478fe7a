// A shop: orders of a day in one batch, a single purchase, and a customer who wants to be forgotten: shop URL
// KEY
#include <cstdlib>
#include <iostream>
#include <vector>

#include <trunkline/engagement.hpp>

namespace engagement = trunkline::engagement;

int main(int count, char** arguments) {
  if (count != 3) return EXIT_FAILURE;
  //! [shop]
  const engagement::Client client({{.api_key = arguments[2], .base_url = arguments[1]}});
  std::vector<engagement::BatchItem> day;
  for (int order = 1; order <= 3; ++order) {
    const std::string customer = "shop-" + std::to_string(order);
    day.emplace_back(engagement::Customer{.customer_id = customer});
    day.emplace_back(engagement::Action{.customer_id = customer,
                                        .action_name = "purchase",
                                        .action_value = 99.99,
                                        .action_properties = {{"order", order}}});
  }
  std::cout << client.send_batch(day).accepted << " taken in\n";
  client.record_action({.customer_id = "shop-1", .action_name = "page_view", .action_value = false});
  try {
    client.record_action({.customer_id = "nobody", .action_name = "purchase"});
  } catch (const engagement::InvalidRequestError& error) {
    std::cout << "refused: " << error.message() << '\n';
  }
  client.delete_customer("shop-1");
  for (const auto& each : client.count_actions()) std::cout << each.action_name << ": " << each.count << '\n';
  //! [shop]
}
