// Everything that another machine can do wrong (faults F14 of docs/reliability.md): each ends in time, with a
// clear error, and gives its place back.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include "net/client.hpp"
#include "net/loopback_server_testing.hpp"
#include "runtime/runtime_testing.hpp"

using namespace trunkline;
using namespace trunkline::net;
using namespace trunkline::net::testing;

namespace {

using std::chrono::steady_clock;

// The shortest of the deadlines that hold where a request sets none.
const Duration the_default = ClientRequest().connect_deadline;

struct Outcome {
  std::string code;
  std::string message;
  Duration took;
  bool may_have_been_received;
};

// What becomes of one request to a server with this script.
Outcome outcome_of(ClientRequest request) {
  Outcome outcome;
  runtime::run_to_completion([&] {
    TestClient test;
    const auto start = steady_clock::now();
    const auto response = test.client.send(request);
    outcome.took = std::chrono::duration_cast<Duration>(steady_clock::now() - start);
    outcome.code = code_of(response);
    outcome.message = response ? "" : response.error().message();
    outcome.may_have_been_received = !response && may_have_been_received(response.error());
    CHECK(test.client.statistics().transfers == 0);
  });
  return outcome;
}

// The same for a server that sends these bytes to whoever asks, and closes.
Outcome outcome_of_answer(const std::string& bytes) {
  LoopbackServer server([&](Peer& peer) {
    peer.read_request();
    peer.send(bytes);
  });
  ClientRequest request = get(server.url());
  return outcome_of(request);
}

}  // namespace

TEST_SUITE("client faults") {
  TEST_CASE("nobody listens") {
    std::uint16_t port = 0;
    {
      port = LoopbackServer(echo).port();
    }
    const Outcome outcome = outcome_of(get(fmt::format("http://127.0.0.1:{}/hook?token=s3cret", port)));
    CHECK(outcome.code == "cannot_connect");
    CHECK(outcome.message ==
          fmt::format("Nothing answers at 127.0.0.1:{}; check the address and that the server runs.", port));
    CHECK_FALSE(outcome.may_have_been_received);
  }

  TEST_CASE("a connection that is not accepted is given up at the connect deadline") {
    const FullPort full;
    ClientRequest request = get(full.url());
    request.connect_deadline = milliseconds(60);
    const Outcome outcome = outcome_of(request);
    CHECK(outcome.code == "connect_timed_out");
    CHECK(outcome.took >= milliseconds(60));
    CHECK(outcome.took < the_default);
    CHECK_FALSE(outcome.may_have_been_received);
  }

  TEST_CASE("a TLS handshake that does not go on is given up at the connect deadline") {
    LoopbackServer server([](Peer& peer) { peer.sleep(runtime::test_patience); });
    ClientRequest request = get(fmt::format("https://127.0.0.1:{}/", server.port()));
    request.connect_deadline = milliseconds(60);
    const Outcome outcome = outcome_of(request);
    CHECK(outcome.code == "connect_timed_out");
    CHECK(outcome.took < the_default);
  }

  TEST_CASE("an answer that does not begin is given up at the first-byte deadline") {
    LoopbackServer server([](Peer& peer) {
      peer.read_request();
      peer.sleep(runtime::test_patience);
    });
    ClientRequest request = get(server.url());
    request.connect_deadline = seconds(1);
    request.first_byte_deadline = milliseconds(60);
    const Outcome outcome = outcome_of(request);
    CHECK(outcome.code == "response_timed_out");
    CHECK(outcome.took >= milliseconds(60));
    CHECK(outcome.took < the_default);
    CHECK(outcome.may_have_been_received);
  }

  TEST_CASE("an answer that drips is given up at the total deadline") {
    LoopbackServer server([](Peer& peer) {
      peer.read_request();
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
      while (peer.sleep(milliseconds(10))) peer.send("x");
    });
    ClientRequest request = get(server.url());
    request.first_byte_deadline = milliseconds(400);
    request.total_deadline = milliseconds(500);
    const Outcome outcome = outcome_of(request);
    CHECK(outcome.code == "response_timed_out");
    CHECK(outcome.took >= milliseconds(500));
    CHECK(outcome.took < the_default);
  }

  TEST_CASE("the fiber's deadline counts when it is earlier") {
    LoopbackServer server([](Peer& peer) {
      peer.read_request();
      peer.sleep(runtime::test_patience);
    });
    runtime::run_to_completion([&] {
      TestClient test;
      const runtime::DeadlineScope deadline(milliseconds(200));
      const auto start = steady_clock::now();
      CHECK(code_of(test.client.send(get(server.url()))) == "response_timed_out");
      CHECK(steady_clock::now() - start < the_default);
    });
  }

  TEST_CASE("a transfer that was given up leaves nothing behind for the next") {
    LoopbackServer server([](Peer& peer) {
      while (const auto request = peer.read_request()) {
        if (request->starts_with("GET /slow")) peer.sleep(runtime::test_patience);
        peer.answer(200, request->substr(4, 5));
      }
    });
    runtime::run_to_completion([&] {
      TestClient test({.transfers_max = 1, .transfers_per_host_max = 1});
      for (int round = 0; round < 3; ++round) {
        ClientRequest slow = get(server.url("/slow"));
        slow.total_deadline = milliseconds(100);
        CHECK(code_of(test.client.send(slow)) == "response_timed_out");
        const auto quick = test.client.send(get(server.url("/quik")));
        REQUIRE(quick);
        CHECK(quick->body == "/quik");
      }
    });
  }

  TEST_CASE("answers that are not whole or not HTTP are refused") {
    const std::string head = "HTTP/1.1 200 OK\r\n";
    std::string many_interim;
    for (int i = 0; i < 10'000; ++i) many_interim += "HTTP/1.1 100 Continue\r\n\r\n";
    struct Case {
      std::string what;
      std::string bytes;
      std::string code;
    };
    const Case cases[] = {
        {"nothing", "", "connection_lost"},
        {"half a head", head + "Content-Le", "connection_lost"},
        {"cut in the body", head + "Content-Length: 100\r\n\r\nhalf", "connection_lost"},
        {"cut in a chunk", head + "Transfer-Encoding: chunked\r\n\r\na\r\nhalf", "connection_lost"},
        {"no last chunk", head + "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", "connection_lost"},
        {"a broken chunk size", head + "Transfer-Encoding: chunked\r\n\r\nzz\r\nhalf\r\n0\r\n\r\n",
         "malformed_response"},
        {"a coding that is not ours", head + "Transfer-Encoding: xchunked\r\n\r\n4\r\nhalf\r\n0\r\n\r\n",
         "malformed_response"},
        {"no HTTP", "SSH-2.0-OpenSSH_9.2\r\n", "malformed_response"},
        {"HTTP/0.9", "<html>hello</html>", "malformed_response"},
        {"a status that is none", "HTTP/1.1 abc OK\r\n\r\n", "malformed_response"},
        {"a status of two digits", "HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n", "malformed_response"},
        {"an upgrade", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nxxxx", "malformed_response"},
        {"a field without colon", head + "nonsense\r\n\r\n", "malformed_response"},
        {"a negative length", head + "Content-Length: -5\r\n\r\nhello", "malformed_response"},
        {"two lengths", head + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", "malformed_response"},
        {"a head of 70 KB", head + "X: " + std::string(70'000, 'x') + "\r\n\r\n", "response_too_large"},
        {"a field without end", head + "X: " + std::string(400'000, 'x'), "response_too_large"},
        {"ten thousand interim answers", many_interim, "response_too_large"},
    };
    for (const Case& each : cases) {
      CAPTURE(each.what);
      const Outcome outcome = outcome_of_answer(each.bytes);
      CHECK(outcome.code == each.code);
      CHECK(outcome.may_have_been_received);
    }
  }

  TEST_CASE("a reset in the middle of the answer is a lost connection") {
    LoopbackServer server([](Peer& peer) {
      peer.read_request();
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
      peer.sleep(milliseconds(10));
      peer.reset();
    });
    CHECK(outcome_of(get(server.url())).code == "connection_lost");
  }

  TEST_CASE("what comes after the announced length is dropped with the connection") {
    LoopbackServer server([](Peer& peer) {
      peer.read_request();
      peer.send(
          "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
      peer.wait_for_close();
    });
    runtime::run_to_completion([&] {
      TestClient test;
      for (int i = 0; i < 3; ++i) {
        const auto response = test.client.send(get(server.url()));
        REQUIRE(response);
        CHECK(response->body == "ok");
      }
    });
    CHECK(server.connections() == 3);
  }

  TEST_CASE("a body over the limit is cut, one at the limit is not") {
    struct Case {
      std::string head;
      std::size_t size;
      std::string code;
    };
    const Case cases[] = {
        {"Content-Length: 1000\r\n\r\n", 1000, ""},
        {"Content-Length: 1001\r\n\r\n", 1001, "response_too_large"},
        {"Content-Length: 99999999999999999999\r\n\r\n", 10, "malformed_response"},
        {"\r\n", 1000, ""},
        {"\r\n", 1001, "response_too_large"},
        {"\r\n", 5'000'000, "response_too_large"},
    };
    for (const Case& each : cases) {
      CAPTURE(each.head);
      CAPTURE(each.size);
      LoopbackServer server([&](Peer& peer) {
        peer.read_request();
        peer.send("HTTP/1.1 200 OK\r\n");
        peer.send(each.head);
        peer.send(std::string(each.size, 'x'));
      });
      ClientRequest request = get(server.url());
      request.response_bytes_max = 1000;
      const Outcome outcome = outcome_of(request);
      CHECK(outcome.code == each.code);
    }
  }

  TEST_CASE("64 KiB is the limit where the request sets none") {
    LoopbackServer server([](Peer& peer) {
      peer.read_request();
      peer.answer(200, std::string(64 * 1024 + 1, 'x'));
    });
    CHECK(outcome_of(get(server.url())).code == "response_too_large");
  }

  TEST_CASE("URLs that cannot be fetched are refused") {
    for (const char* url :
         {"", "ftp://127.0.0.1/", "file:///etc/passwd", "http://", "http://user:pw@127.0.0.1/", "/path"}) {
      CAPTURE(url);
      CHECK(outcome_of(get(url)).code == "invalid_url");
    }
  }

  TEST_CASE("a name that cannot be looked up fails before there is a connection") {
    runtime::run_to_completion([] {
      FakeResolver resolver([](const std::string&) { return fail(name_not_resolved, "no such host"); });
      UrlGuard guard({.allow_private = true}, resolver);
      Client client(*runtime::EventLoop::current(), guard);
      const auto response = client.send(get("http://gone.example/"));
      CHECK(code_of(response) == "name_not_resolved");
      CHECK_FALSE(may_have_been_received(response.error()));
    });
  }

  TEST_CASE("a look-up that takes too long ends at the connect deadline") {
    runtime::run_to_completion([] {
      FakeResolver resolver([](const std::string&) -> Result<std::vector<IpAddress>> {
        const auto left = runtime::current_deadline() - steady_clock::now();
        CHECK(left < milliseconds(60));
        runtime::sleep_for(std::chrono::ceil<Duration>(left));
        return fail(name_not_resolved, "late");
      });
      UrlGuard guard({.allow_private = true}, resolver);
      Client client(*runtime::EventLoop::current(), guard);
      ClientRequest request = get("http://slow.example/");
      request.connect_deadline = milliseconds(50);
      CHECK(code_of(client.send(request)) == "name_not_resolved");
    });
  }
}
