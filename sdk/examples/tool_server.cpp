// Answers tool requests: tool_server PORT SECRET
//
// Tell the server with: trunkline webhooks endpoint set --account ID --tool-url http://127.0.0.1:PORT/
// --secret SECRET and register a tool order_status with an order_id among its arguments
// (Client::register_tool).
#include <cstdlib>
#include <iostream>
#include <map>

#include <trunkline/voice.hpp>

#include "tiny_http.hpp"

namespace voice = trunkline::voice;

namespace {

//! [handler]
voice::Json order_status(const voice::Json& arguments, const voice::ToolRequest&) {
  static const std::map<std::string, voice::Json> orders{
      {"12345", {{"status", "shipped"}, {"carrier", "UPS"}}}, {"12346", {{"status", "being packed"}}}};
  const auto order = orders.find(arguments.at("order_id").get<std::string>());
  if (order == orders.end()) throw voice::ToolError("There is no order of that number.");
  return order->second;
}
//! [handler]

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    std::cerr << "tool_server PORT SECRET\n";
    return EXIT_FAILURE;
  }
  try {
    //! [router]
    voice::ToolRouter router(arguments[2]);
    router.on("order_status", order_status);
    router.on_failure([](const voice::ToolRequest& request, const std::exception& thrown) {
      std::cerr << request.tool_name << ' ' << request.correlation_id << ": " << thrown.what() << std::endl;
    });
    //! [router]
    tiny_http::Server server(
        static_cast<std::uint16_t>(std::atoi(arguments[1])), [&](const tiny_http::Request& request) {
          //! [handle]
          const std::string signature = request.header(std::string(voice::signature_header));
          const voice::ToolAnswer answer = router.handle(request.body, signature);
          //! [handle]
          std::cout << answer.status << ' ' << answer.body << std::endl;
          return tiny_http::Response{.status = answer.status, .body = answer.body};
        });
    std::cout << "listening on " << server.port() << std::endl;
    server.run();
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return EXIT_FAILURE;
  }
}
