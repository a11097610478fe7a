// Tools, usage, API keys and the subscription: account URL KEY EMAIL PASSWORD
#include <cstdlib>
#include <iostream>

#include <trunkline/voice.hpp>

namespace voice = trunkline::voice;

namespace {

void tools_and_usage(const voice::Client& client) {
  //! [register tool]
  const voice::Tool tool = client.register_tool(
      {.name = "stock_level",
       .description = "Units left of an article. Use it when somebody asks whether it is in stock.",
       .input_schema = {{"type", "object"},
                        {"properties", {{"sku", {{"type", "string"}}}}},
                        {"required", {"sku"}}},
       .timeout = std::chrono::seconds(10)});
  //! [register tool]
  //! [list tools]
  for (const voice::Tool& each : client.list_tools()) {
    std::cout << each.id << ' ' << each.definition.name << '\n';
  }
  //! [list tools]
  //! [delete tool]
  std::cout << client.delete_tool(tool.id).status << '\n';
  //! [delete tool]
  //! [usage]
  const voice::Usage usage = client.get_usage();  // or of a month: get_usage("2026-03")
  std::cout << usage.period << ": " << usage.call_count << " calls, " << usage.api_minutes << " minutes\n";
  //! [usage]
}

void keys(const voice::ClientOptions& options, const std::string& email, const std::string& password) {
  //! [log in]
  const voice::Session session = voice::log_in(email, password, options);
  const voice::PartnerClient partner(session.token, options);
  //! [log in]
  //! [keys]
  const voice::ApiKey made = partner.create_api_key({.name = "shop"});  // made.api_key is shown only now
  for (const voice::ApiKey& key : partner.list_api_keys()) {
    std::cout << key.id << ' ' << key.name << (key.revoked_at ? " revoked" : "") << '\n';
  }
  std::cout << "revoked: " << partner.revoke_api_key(made.id).revoked_at.has_value() << '\n';
  //! [keys]
  //! [subscription]
  const voice::Subscription subscription = partner.get_subscription();
  std::cout << "subscription: " << subscription.status << '\n';
  try {
    const bool active = subscription.status == "active";
    std::cout << (active ? partner.portal() : partner.checkout()).url << '\n';
  } catch (const voice::Error& error) {
    std::cout << "no payment page: " << error.message() << '\n';
  }
  //! [subscription]
}

}  // namespace

int main(int count, char** arguments) try {
  if (count != 5) return EXIT_FAILURE;
  tools_and_usage(voice::Client({.api_key = arguments[2], .base_url = arguments[1]}));
  keys({.base_url = arguments[1]}, arguments[3], arguments[4]);
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return EXIT_FAILURE;
}
