// Control C5 of docs/security.md, seen from the listeners inside: they see no connection.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include "net/client.hpp"
#include "net/loopback_server_testing.hpp"

using namespace trunkline;
using namespace trunkline::net;
using namespace trunkline::net::testing;

TEST_SUITE("URL guard in the client") {
  TEST_CASE("a name that flips between public and inside addresses never reaches the inside") {
    LoopbackServer inside(echo);
    runtime::run_to_completion([&] {
      const std::vector<std::vector<const char*>> answers = {
          {"127.0.0.1"}, {"192.175.48.1", "127.0.0.1"}, {"::1"}, {"::ffff:127.0.0.1"}, {"169.254.169.254"}};
      std::size_t asked = 0;
      FakeResolver resolver([&](const std::string& host) {
        return resolver_of(answers[asked++ % answers.size()]).look_up(host);
      });
      UrlGuard guard({.ports = {inside.port()}}, resolver);
      Client client(*runtime::EventLoop::current(), guard);
      for (int i = 0; i < 20; ++i) {
        CHECK(code_of(client.send(get(inside.url("/", "rebind.example").insert(4, "s")))) ==
              "address_not_allowed");
      }
      CHECK(resolver.look_ups == 20);
    });
    CHECK(inside.connections() == 0);
  }

  // There is no second look-up between the check and the connection that could say something else.
  TEST_CASE("a request goes to the address of its one look-up, however the name flips") {
    const auto name_yourself = [](const char* name) {
      return [name](Peer& peer) { peer.read_request(), peer.answer(200, name, "Connection: close\r\n"); };
    };
    LoopbackServer first(name_yourself("127.0.0.1"));
    LoopbackServer second(name_yourself("127.0.0.2"), nullptr, "127.0.0.2", first.port());
    runtime::run_to_completion([&] {
      std::string answer;
      FakeResolver resolver([&](const std::string&) {
        answer = answer == "127.0.0.1" ? "127.0.0.2" : "127.0.0.1";
        return std::vector{*IpAddress::parse(answer)};
      });
      UrlGuard guard({.allow_private = true}, resolver);
      Client client(*runtime::EventLoop::current(), guard);
      for (int i = 1; i <= 20; ++i) {
        const auto response = client.send(get(first.url("/", "rebind.example")));
        REQUIRE(response);
        CHECK(response->body == answer);
        CHECK(resolver.look_ups == i);
      }
    });
  }

  TEST_CASE("a connection of ours to an inside host is not lent to a user's request") {
    const TestCertificates& certificates = TestCertificates::instance();
    LoopbackServer inside(echo, &certificates);
    runtime::run_to_completion([&] {
      const char* address = "127.0.0.1";
      FakeResolver resolver([&](const std::string&) { return std::vector{*IpAddress::parse(address)}; });
      UrlGuard guard({.ports = {inside.port()}}, resolver);
      Client client(*runtime::EventLoop::current(), guard, {.ca_file = certificates.ca_file});
      ClientRequest request = post(inside.url("/", "hooks.example.com"), "x");
      request.url_source = UrlSource::configuration;
      CHECK(client.send(request));
      // The same name, now at a public address, but the open connection leads inside.
      address = "192.175.48.1";
      request.url_source = UrlSource::user;
      CHECK(code_of(client.send(request)) == "address_not_allowed");
    });
    CHECK(inside.connections() == 1);
  }

  TEST_CASE("disguised and plain inside addresses see no connection") {
    LoopbackServer inside(echo);
    runtime::run_to_completion([&] {
      FakeResolver resolver = resolver_of({"127.0.0.1"});
      UrlGuard guard({.ports = {inside.port()}}, resolver);
      Client client(*runtime::EventLoop::current(), guard);
      for (const char* host :
           {"127.0.0.1", "2130706433", "0x7f.1", "localhost", "[::ffff:127.0.0.1]", "inside.example"}) {
        CAPTURE(std::string(host));
        const auto response = client.send(get(fmt::format("https://{}:{}/", host, inside.port())));
        const bool is_refused =
            code_of(response) == "url_not_allowed" || code_of(response) == "address_not_allowed";
        CHECK(is_refused);
      }
    });
    CHECK(inside.connections() == 0);
  }

  TEST_CASE("a redirect to the inside is not followed") {
    const TestCertificates& certificates = TestCertificates::instance();
    LoopbackServer inside(echo);
    LoopbackServer outside(
        [&](Peer& peer) {
          peer.read_request();
          peer.answer(307, "", "Location: " + inside.url() + "\r\n");
        },
        &certificates);
    runtime::run_to_completion([&] {
      TestClient test({.ca_file = certificates.ca_file});
      CHECK(test.client.send(post(outside.url("/", "hooks.example.com"), "x"))->status == 307);
    });
    CHECK(inside.connections() == 0);
  }
}
