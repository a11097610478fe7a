#include "net/client.hpp"

#include <atomic>

#include <doctest/doctest.h>
#include <fmt/core.h>
#include <stdlib.h>

#include "net/loopback_server_testing.hpp"
#include "runtime/runtime_testing.hpp"

using namespace trunkline;
using namespace trunkline::net;
using namespace trunkline::net::testing;

TEST_SUITE("client") {
  TEST_CASE("a request arrives as it was given, and so does the answer") {
    std::string seen;
    LoopbackServer server([&](Peer& peer) {
      seen = peer.read_request().value_or("");
      peer.answer(201, "{\"id\":7}", "Content-Type: application/json\r\nX-Request-Id: r1\r\nEmpty:\r\n");
    });
    runtime::run_to_completion([&] {
      TestClient test;
      ClientRequest request = post(server.url("/v1/calls?to=%2B1"), "{\"a\":1}");
      request.headers = {
          {"Content-Type", "application/json"}, {"Authorization", "Bearer s3cret"}, {"X-Empty", ""}};
      const auto response = test.client.send(request);
      REQUIRE(response);
      CHECK(response->status == 201);
      CHECK(response->body == "{\"id\":7}");
      CHECK(response->headers.find("content-type") == "application/json");
      CHECK(response->headers.find("x-request-id") == "r1");
      CHECK(response->headers.find("empty") == "");
    });
    CHECK(seen == fmt::format("POST /v1/calls?to=%2B1 HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAccept: */*\r\n"
                              "Content-Type: application/json\r\nAuthorization: Bearer s3cret\r\nX-Empty:\r\n"
                              "User-Agent: Trunkline\r\nContent-Length: 7\r\n\r\n{{\"a\":1}}",
                              server.port()));
  }

  TEST_CASE("each method frames its body as RFC 9110 has it") {
    std::string seen;
    LoopbackServer server([&](Peer& peer) {
      while (const auto request = peer.read_request()) {
        seen = *request;
        peer.answer(200, request->starts_with("HEAD") ? "" : "ok");
      }
    });
    struct Case {
      Method method;
      std::string body;
      std::string line;
      bool has_length;
    };
    const Case cases[] = {
        {Method::get, "", "GET / ", false},     {Method::head, "", "HEAD / ", false},
        {Method::post, "", "POST / ", true},    {Method::post, "x", "POST / ", true},
        {Method::put, "", "PUT / ", true},      {Method::put, "x", "PUT / ", true},
        {Method::patch, "x", "PATCH / ", true}, {Method::del, "", "DELETE / ", false},
        {Method::del, "x", "DELETE / ", true},  {Method::options, "", "OPTIONS / ", false},
        {Method::get, "x", "GET / ", true},     {Method::get, "", "GET / ", false},
    };
    runtime::run_to_completion([&] {
      TestClient test;
      for (const Case& each : cases) {
        CAPTURE(each.line);
        ClientRequest request = post(server.url(), each.body);
        request.method = each.method;
        REQUIRE(test.client.send(request));
        CHECK(seen.starts_with(each.line));
        CHECK(seen.ends_with("\r\n\r\n" + each.body));
        CHECK((seen.find("\r\nContent-Length: " + std::to_string(each.body.size()) + "\r\n") !=
               std::string::npos) == each.has_length);
        CHECK(seen.find("Content-Type") == std::string::npos);
        CHECK(seen.find("Expect") == std::string::npos);
      }
    });
    CHECK(server.connections() == 1);
  }

  TEST_CASE("a body of megabytes goes out whole, without waiting for leave") {
    LoopbackServer server([](Peer& peer) {
      const auto request = peer.read_request();
      const bool asks = request && request->find("Expect") != std::string::npos;
      peer.answer(200, fmt::format("{} {}", request ? request->size() > 3'000'000 : false, asks));
    });
    runtime::run_to_completion([&] {
      TestClient test;
      const auto response = test.client.send(post(server.url(), std::string(3'000'000, 'x')));
      REQUIRE(response);
      CHECK(response->body == "true false");
    });
  }

  TEST_CASE("an answer to HEAD has a length and no body") {
    LoopbackServer server([](Peer& peer) {
      peer.read_request();
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n");
      peer.wait_for_close();
    });
    runtime::run_to_completion([&] {
      TestClient test;
      ClientRequest request = get(server.url());
      request.method = Method::head;
      const auto response = test.client.send(request);
      REQUIRE(response);
      CHECK(response->headers.find("Content-Length") == "999999999");
      CHECK(response->body.empty());
    });
  }

  TEST_CASE("interim answers are passed over") {
    LoopbackServer server([](Peer& peer) {
      peer.read_request();
      peer.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n");
      peer.answer(204, "", "X-Final: yes\r\n");
    });
    runtime::run_to_completion([&] {
      TestClient test;
      const auto response = test.client.send(get(server.url()));
      REQUIRE(response);
      CHECK(response->status == 204);
      CHECK_FALSE(response->headers.has("Link"));
      CHECK(response->headers.find("X-Final") == "yes");
    });
  }

  TEST_CASE("chunked bodies are put together") {
    LoopbackServer server([](Peer& peer) {
      peer.read_request();
      peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
      peer.send("6;x=y\r\n world\r\n0\r\nX-Trailer: late\r\n\r\n");
      peer.wait_for_close();
    });
    runtime::run_to_completion([&] {
      TestClient test;
      const auto response = test.client.send(get(server.url()));
      REQUIRE(response);
      CHECK(response->body == "hello world");
      CHECK_FALSE(response->headers.has("X-Trailer"));
    });
  }

  TEST_CASE("ten thousand requests in a row use one connection") {
    LoopbackServer server(echo);
    runtime::run_to_completion([&] {
      TestClient test;
      int good = 0;
      for (int i = 0; i < 10'000; ++i) {
        const auto response = test.client.send(post(server.url(), std::to_string(i)));
        if (response && response->body == std::to_string(i)) ++good;
      }
      CHECK(good == 10'000);
    });
    CHECK(server.connections() == 1);
  }

  TEST_CASE("a connection that was closed while idle is noticed before the next request") {
    LoopbackServer server([](Peer& peer) {
      peer.read_request();
      peer.answer(200, "once");
    });
    runtime::run_to_completion([&] {
      TestClient test;
      for (int i = 1; i <= 5; ++i) {
        CHECK(test.client.send(post(server.url(), "x")));
        REQUIRE(runtime::eventually([&] { return server.open() == 0; }));
        runtime::sleep_for(milliseconds(2));
      }
    });
    CHECK(server.connections() == 5);
  }

  // Rule R1 of docs/reliability.md: what is not idempotent is not sent twice behind the caller's back.
  TEST_CASE("when a kept-alive connection dies under a request, only a repeatable one is sent again") {
    std::atomic<int> seen = 0;
    LoopbackServer server([&](Peer& peer) {
      if (!peer.read_request()) return;
      ++seen;
      peer.answer(200, "first on this connection");
      if (peer.read_request()) ++seen;  // and close without an answer
    });
    runtime::run_to_completion([&] {
      TestClient test;
      REQUIRE(test.client.send(post(server.url(), "x")));
      const auto once = test.client.send(post(server.url(), "x"));
      CHECK(code_of(once) == "connection_lost");
      CHECK(may_have_been_received(once.error()));
      CHECK(seen == 2);

      REQUIRE(test.client.send(post(server.url(), "x")));
      ClientRequest repeatable = post(server.url(), "x");
      repeatable.repeatable = true;
      const auto again = test.client.send(repeatable);
      REQUIRE(again);
      CHECK(again->body == "first on this connection");
      CHECK(seen == 5);
    });
  }

  TEST_CASE("bytes that nobody asked for are never taken for the next answer") {
    std::atomic<int> strays = 0;
    LoopbackServer server([&](Peer& peer) {
      peer.read_request();
      peer.answer(200, "honest");
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstray");
      ++strays;
      peer.wait_for_close();
    });
    runtime::run_to_completion([&] {
      TestClient test;
      for (int i = 1; i <= 3; ++i) {
        const auto response = test.client.send(post(server.url(), "x"));
        REQUIRE(response);
        CHECK(response->body == "honest");
        REQUIRE(runtime::eventually([&] { return strays >= i; }));
        runtime::sleep_for(milliseconds(5));
      }
    });
    CHECK(server.connections() == 3);
  }

  TEST_CASE("redirects are answers like others and are not followed") {
    LoopbackServer target(echo);
    LoopbackServer server([&](Peer& peer) {
      peer.read_request();
      peer.answer(302, "", "Location: " + target.url() + "\r\n");
    });
    runtime::run_to_completion([&] {
      TestClient test;
      const auto response = test.client.send(get(server.url()));
      REQUIRE(response);
      CHECK(response->status == 302);
    });
    CHECK(target.connections() == 0);
  }

  TEST_CASE("proxies that the environment names are not used") {
    LoopbackServer proxy(echo);
    LoopbackServer server(echo);
    for (const char* name : {"http_proxy", "ALL_PROXY"}) setenv(name, proxy.url().c_str(), 1);
    runtime::run_to_completion([&] {
      TestClient test;
      CHECK(test.client.send(get(server.url())));
    });
    for (const char* name : {"http_proxy", "ALL_PROXY"}) unsetenv(name);
    CHECK(proxy.connections() == 0);
  }

  TEST_CASE("header fields that would change the framing are refused") {
    const Headers bad[] = {{{"X-A", "1\r\nX-B: 2"}},
                           {{"X-A", "1\n2"}},
                           {{"X A", "1"}},
                           {{"", "1"}},
                           {{"X-A:", "1"}},
                           {{"Content-Length", "0"}},
                           {{"transfer-encoding", "chunked"}},
                           {{"Host", "elsewhere"}},
                           {{"X-A", std::string("1\0", 2)}}};
    LoopbackServer server(echo);
    runtime::run_to_completion([&] {
      TestClient test;
      for (const Headers& headers : bad) {
        CAPTURE(headers.begin()->name);
        ClientRequest request = get(server.url());
        request.headers = headers;
        CHECK(code_of(test.client.send(request)) == "invalid_argument");
      }
    });
    CHECK(server.connections() == 0);
  }

  TEST_CASE("when one address of a name is dead, the next is tried") {
    LoopbackServer server(echo, nullptr, "127.0.0.2");
    runtime::run_to_completion([&] {
      FakeResolver resolver = resolver_of({"127.0.0.3", "127.0.0.2"});
      UrlGuard guard({.allow_private = true}, resolver);
      Client client(*runtime::EventLoop::current(), guard);
      CHECK(client.send(get(server.url("/", "two.example"))));
    });
    CHECK(server.connections() == 1);
  }

  TEST_CASE("when one address of a name stays silent, the next is tried beside it") {
    const FullPort silent;
    LoopbackServer server(echo, nullptr, "127.0.0.2", silent.port());
    runtime::run_to_completion([&] {
      FakeResolver resolver = resolver_of({"127.0.0.1", "127.0.0.2"});
      UrlGuard guard({.allow_private = true}, resolver);
      Client client(*runtime::EventLoop::current(), guard);
      const auto start = std::chrono::steady_clock::now();
      CHECK(client.send(get(server.url("/", "two.example"))));
      CHECK(std::chrono::steady_clock::now() - start < seconds(2));
    });
    CHECK(server.connections() == 1);
  }

  TEST_CASE("a new address of a name is used for the next connection") {
    LoopbackServer first(
        [](Peer& peer) { peer.read_request(), peer.answer(200, "first", "Connection: close\r\n"); });
    runtime::run_to_completion([&] {
      std::uint8_t last_byte = 1;
      FakeResolver resolver([&](const std::string&) {
        return std::vector{IpAddress(IpAddress::V4Bytes{127, 0, 0, last_byte})};
      });
      UrlGuard guard({.allow_private = true}, resolver);
      Client client(*runtime::EventLoop::current(), guard);
      CHECK(client.send(get(first.url("/", "moving.example"))));
      last_byte = 9;
      CHECK(code_of(client.send(get(first.url("/", "moving.example")))) == "cannot_connect");
      last_byte = 1;
      CHECK(client.send(get(first.url("/", "moving.example"))));
    });
    CHECK(first.connections() == 2);
  }

  TEST_CASE("IPv6 addresses work as names and as hosts") {
    LoopbackServer server(echo, nullptr, "::1");
    runtime::run_to_completion([&] {
      FakeResolver resolver = resolver_of({"::1"});
      UrlGuard guard({.allow_private = true}, resolver);
      Client client(*runtime::EventLoop::current(), guard);
      CHECK(client.send(get(server.url("/", "[::1]"))));
      CHECK(client.send(get(server.url("/", "six.example"))));
    });
  }
}
