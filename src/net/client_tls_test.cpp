#include <doctest/doctest.h>

#include "net/client.hpp"
#include "net/loopback_server_testing.hpp"

using namespace trunkline;
using namespace trunkline::net;
using namespace trunkline::net::testing;

TEST_SUITE("client TLS") {
  TEST_CASE("a server with a certificate of a trusted authority is talked to, on one connection") {
    const TestCertificates& certificates = TestCertificates::instance();
    LoopbackServer server(echo, &certificates);
    runtime::run_to_completion([&] {
      TestClient test({.ca_file = certificates.ca_file});
      for (int i = 0; i < 20; ++i) {
        const auto response = test.client.send(post(server.url("/", "hooks.example.com"), "secret"));
        REQUIRE(response);
        CHECK(response->body == "secret");
      }
    });
    CHECK(server.connections() == 1);
  }

  TEST_CASE("a certificate of an unknown authority is refused") {
    std::atomic<int> requests = 0;
    LoopbackServer server([&](Peer& peer) { requests += peer.read_request() ? 1 : 0; },
                          &TestCertificates::instance());
    runtime::run_to_completion([&] {
      TestClient test;  // the system's authorities
      const auto response = test.client.send(get(server.url("/hook?token=s3cret", "hooks.example.com")));
      CHECK(code_of(response) == "tls_failure");
      CHECK(response.error().message().find("s3cret") == std::string::npos);
      CHECK(response.error().message().find("certificate") != std::string::npos);
      CHECK_FALSE(may_have_been_received(response.error()));
    });
    CHECK(requests == 0);
  }

  TEST_CASE("a certificate for another name is refused, though the address is the right one") {
    const TestCertificates& certificates = TestCertificates::instance();
    std::atomic<int> requests = 0;
    LoopbackServer server([&](Peer& peer) { requests += peer.read_request() ? 1 : 0; }, &certificates);
    runtime::run_to_completion([&] {
      TestClient test({.ca_file = certificates.ca_file});
      for (const char* host : {"other.example.com", "example.com", "127.0.0.1"}) {
        CAPTURE(host);
        CHECK(code_of(test.client.send(get(server.url("/", host)))) == "tls_failure");
      }
    });
    CHECK(requests == 0);
  }

  TEST_CASE("a server that speaks no TLS where it should is a TLS failure") {
    LoopbackServer server([](Peer& peer) {
      peer.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
      peer.wait_for_close();
    });
    runtime::run_to_completion([&] {
      TestClient test;
      CHECK(code_of(test.client.send(get("https" + server.url().substr(4)))) == "tls_failure");
    });
  }

  // Fault F14: TLS cut. The end of the connection is taken for the end of the body, with or without the end
  // of TLS.
  TEST_CASE("an answer without length says that it may have been cut") {
    const TestCertificates& certificates = TestCertificates::instance();
    LoopbackServer server(
        [](Peer& peer) {
          const auto request = peer.read_request();
          if (request && request->starts_with("GET /length"))
            return peer.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
          peer.send("HTTP/1.1 200 OK\r\n\r\nhalf of the ans");
        },
        &certificates);
    runtime::run_to_completion([&] {
      TestClient test({.ca_file = certificates.ca_file});
      const auto response = test.client.send(get(server.url("/", "hooks.example.com")));
      REQUIRE(response);
      CHECK(response->body_ends_by_close);
      CHECK(code_of(test.client.send(get(server.url("/length", "hooks.example.com")))) == "connection_lost");
    });
  }

  TEST_CASE("streams come over TLS, too, held back or not") {
    const TestCertificates& certificates = TestCertificates::instance();
    constexpr std::size_t total = 4UL * 1024 * 1024;
    LoopbackServer server(
        [](Peer& peer) {
          peer.read_request();
          peer.answer(200, std::string(total, 'x'));
          peer.wait_for_close();
        },
        &certificates);
    runtime::run_to_completion([&] {
      TestClient test({.ca_file = certificates.ca_file});
      ClientRequest request = get(server.url("/", "hooks.example.com"));
      request.response_bytes_max = total;
      auto stream = test.client.open(request);
      REQUIRE(stream);
      std::size_t read = 0;
      while (true) {
        if (read == 0) runtime::sleep_for(milliseconds(20));
        auto piece = stream->next_chunk();
        REQUIRE(piece);
        if (!*piece) break;
        read += (*piece)->size();
      }
      CHECK(read == total);
    });
  }

  TEST_CASE("a CA file that cannot be read is a defect of the configuration, found at the start") {
    runtime::run_to_completion([] {
      CHECK_THROWS_WITH(TestClient({.ca_file = "/nowhere/ca.pem"}),
                        "The CA file /nowhere/ca.pem cannot be read or has no certificates.");
    });
  }
}
