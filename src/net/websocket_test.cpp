#include <doctest/doctest.h>

#include "net/client.hpp"
#include "net/loopback_server_testing.hpp"
#include "net/server_testing.hpp"
#include "runtime/thread_pool.hpp"

using namespace trunkline;
using namespace trunkline::net;

namespace {

void routes(Router& router) {
  router.add(Route{.method = Method::get,
                   .path = "/talk",
                   .door = "test",
                   .operation = "talk",
                   .summary = "",
                   .handler = [](Request&) {
                     Response response;
                     response.web_socket = [](WebSocket& socket) {
                       socket.send("hello");
                       while (const auto message = socket.receive(seconds(5))) {
                         if (*message == "bye") return;
                         socket.send("you said " + *message);
                       }
                     };
                     return response;
                   }});
  router.add(Route{.method = Method::get,
                   .path = "/hello",
                   .door = "test",
                   .operation = "hello",
                   .summary = "",
                   .handler = [](Request&) { return json_response(200, R"("over TLS")"); }});
}

// The handshake of RFC 6455, section 1.3, whose accept value is known.
constexpr std::string_view handshake =
    "GET /talk HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

std::string unmasked_text(std::string_view text) {
  return "\x81" + std::string(1, static_cast<char>(text.size())) + std::string(text);
}

// As a client must send it: masked; the mask of zeros leaves the text as it is.
std::string masked_text(std::string_view text) {
  return "\x81" + std::string(1, static_cast<char>(0x80 | text.size())) + std::string(4, '\0') +
         std::string(text);
}

}  // namespace

TEST_SUITE("web sockets, RFC 6455") {
  TEST_CASE("messages go both ways until one side ends it") {
    const TestServer server(routes);
    RawConnection connection(server.port());
    connection.send(handshake);
    const std::string answer = connection.receive_answer();
    CHECK(status_of(answer) == 101);
    CHECK(answer.find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") != std::string::npos);
    connection.send(masked_text("one") + masked_text("two") + masked_text("bye"));
    const std::string rest = connection.receive_until_closed(milliseconds(500));
    const std::string expected =
        unmasked_text("hello") + unmasked_text("you said one") + unmasked_text("you said two");
    CHECK(rest.starts_with(expected));
    // Then the close frame with code 1000.
    CHECK(rest.substr(expected.size(), 4) == std::string("\x88\x02\x03\xe8", 4));
  }

  TEST_CASE("a client that leaves ends the handler") {
    const TestServer server(routes);
    {
      RawConnection connection(server.port());
      connection.send(handshake);
      CHECK(status_of(connection.receive_answer()) == 101);
    }
    CHECK(status_of(exchange(server.port(), "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")) == 200);
  }

  TEST_CASE("a plain request at a web socket's path is refused") {
    const TestServer server(routes);
    RawConnection connection(server.port());
    connection.send("GET /talk HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(status_of(connection.receive_until_closed(milliseconds(500))) == 400);
  }
}

TEST_SUITE("TLS") {
  TEST_CASE("the server speaks TLS with a certificate given by file, and our client believes it by name") {
    const testing::TestCertificates& certificates = testing::TestCertificates::instance();
    const TestServer server(routes, {.tls_certificate_file = certificates.certificate_file,
                                     .tls_key_file = certificates.key_file});
    runtime::run_to_completion([&] {
      testing::FakeResolver resolver = testing::resolver_of({"127.0.0.1"});
      UrlGuard guard({.allow_private = true}, resolver);
      Client client(*runtime::EventLoop::current(), guard, {.ca_file = certificates.ca_file});
      const std::string url = "https://hooks.example.com:" + std::to_string(server.port()) + "/hello";
      const auto answer = client.send({.url = url});
      REQUIRE_MESSAGE(answer.has_value(), (answer ? "" : answer.error().describe()));
      CHECK(answer->body == R"("over TLS")");
    });
  }

  TEST_CASE("a certificate that cannot be used is an error with a way out") {
    CHECK_THROWS_WITH(
        TestServer(routes, {.tls_certificate_file = "/nowhere.pem", .tls_key_file = "/nowhere.key"}),
        doctest::Contains("must be a PEM file"));
  }
}
