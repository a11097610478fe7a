// Answers that are read as they come: model output, recordings.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include "net/client.hpp"
#include "net/loopback_server_testing.hpp"
#include "runtime/runtime_testing.hpp"

using namespace trunkline;
using namespace trunkline::net;
using namespace trunkline::net::testing;

namespace {

std::string chunk(std::string_view bytes) {
  return fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes);
}

constexpr std::string_view stream_head =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

}  // namespace

TEST_SUITE("client streams") {
  TEST_CASE("each piece is there as soon as it was sent") {
    std::atomic<int> received = 0;
    LoopbackServer server([&](Peer& peer) {
      peer.read_request();
      peer.send(stream_head);
      int sent = 0;
      for (const char* piece : {"data: one\n\n", "data: two\n\n", "data: [DONE]\n\n"}) {
        peer.send(chunk(piece));
        ++sent;
        if (!runtime::eventually([&] { return received == sent; })) return;
      }
      peer.send("0\r\n\r\n");
      peer.wait_for_close();
    });
    runtime::run_to_completion([&] {
      TestClient test;
      auto stream = test.client.open(post(server.url(), "{}"));
      REQUIRE(stream);
      CHECK(stream->status() == 200);
      CHECK(stream->headers().find("content-type") == "text/event-stream");
      std::vector<std::string> pieces;
      while (true) {
        auto piece = stream->next_chunk();
        REQUIRE(piece);
        if (!*piece) break;
        pieces.push_back(**piece);
        ++received;
      }
      CHECK(pieces == std::vector<std::string>{"data: one\n\n", "data: two\n\n", "data: [DONE]\n\n"});
      CHECK_FALSE(stream->next_chunk()->has_value());
    });
  }

  TEST_CASE("a whole stream gives its connection back, a destroyed one closes it") {
    std::atomic<int> closed = 0;
    LoopbackServer server([&](Peer& peer) {
      while (const auto request = peer.read_request()) {
        peer.send(stream_head);
        peer.send(chunk("first"));
        if (request->starts_with("GET /whole")) {
          peer.send("0\r\n\r\n");
        } else if (peer.wait_for_close()) {
          ++closed;
          return;
        }
      }
    });
    runtime::run_to_completion([&] {
      TestClient test;
      for (int i = 0; i < 3; ++i) {
        auto stream = test.client.open(get(server.url("/whole")));
        REQUIRE(stream);
        while (stream->next_chunk().value()) {
        }
      }
      CHECK(server.connections() == 1);
      {
        auto stream = test.client.open(get(server.url("/endless")));
        REQUIRE(stream);
        CHECK(stream->next_chunk().value() == "first");
        CHECK(test.client.statistics().transfers == 1);
      }
      CHECK(test.client.statistics().transfers == 0);
      CHECK(runtime::eventually([&] { return closed == 1; }));
      CHECK(test.client.send(get(server.url("/whole"))));
    });
  }

  TEST_CASE("a stream outlives its request and its client") {
    LoopbackServer server([](Peer& peer) {
      const auto request = peer.read_request();
      peer.send(stream_head);
      peer.send(chunk(request ? request->substr(request->size() - 3) : ""));
      peer.sleep(milliseconds(20));
      peer.send(chunk("end") + "0\r\n\r\n");
    });
    runtime::run_to_completion([&] {
      auto test = std::make_unique<TestClient>();
      auto request = std::make_unique<ClientRequest>(post(server.url(), std::string(100'000, 'x') + "abc"));
      auto stream = test->client.open(*request);
      request.reset();
      REQUIRE(stream);
      CHECK(stream->next_chunk().value() == "abc");
      test.reset();
      CHECK(stream->next_chunk().value() == "end");
      CHECK_FALSE(stream->next_chunk().value());
    });
  }

  TEST_CASE("a reader that is slow holds the sender back instead of filling memory") {
    constexpr std::size_t total = 24UL * 1024 * 1024;
    std::atomic<std::size_t> sent = 0;
    LoopbackServer server([&](Peer& peer) {
      peer.read_request();
      peer.send(fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", total));
      const std::string piece(64UL * 1024, 'x');
      for (; sent < total; sent += piece.size()) peer.send(piece);
      peer.wait_for_close();
    });
    runtime::run_to_completion([&] {
      TestClient test;
      ClientRequest request = get(server.url());
      request.response_bytes_max = total;
      auto stream = test.client.open(request);
      REQUIRE(stream);
      runtime::sleep_for(milliseconds(150));
      CHECK(sent < total);
      std::size_t read = 0;
      std::size_t longest = 0;
      while (true) {
        auto piece = stream->next_chunk();
        REQUIRE(piece);
        if (!*piece) break;
        read += (*piece)->size();
        longest = std::max(longest, (*piece)->size());
        if (read < 1'000'000) runtime::sleep_for(milliseconds(2));
      }
      CHECK(read == total);
      CHECK(longest <= 512UL * 1024);
    });
  }

  TEST_CASE("a stream that breaks gives what came and then the failure") {
    LoopbackServer server([](Peer& peer) {
      peer.read_request();
      peer.send(stream_head);
      peer.send(chunk("half"));
      peer.sleep(milliseconds(20));
      peer.reset();
    });
    runtime::run_to_completion([&] {
      TestClient test;
      auto stream = test.client.open(get(server.url()));
      REQUIRE(stream);
      CHECK(stream->next_chunk().value() == "half");
      CHECK(code_of(stream->next_chunk()) == "connection_lost");
      CHECK(code_of(stream->next_chunk()) == "connection_lost");
    });
  }

  TEST_CASE("a stream longer than its limit is cut") {
    LoopbackServer server([](Peer& peer) {
      peer.read_request();
      peer.send(stream_head);
      while (peer.sleep(milliseconds(1))) peer.send(chunk("1234567890"));
    });
    runtime::run_to_completion([&] {
      TestClient test;
      ClientRequest request = get(server.url());
      request.response_bytes_max = 100;
      auto stream = test.client.open(request);
      REQUIRE(stream);
      std::size_t read = 0;
      auto piece = stream->next_chunk();
      for (; piece && *piece; piece = stream->next_chunk()) read += (*piece)->size();
      CHECK(code_of(piece) == "response_too_large");
      CHECK(read == 100);
    });
  }

  TEST_CASE("a stream has deadlines for its head, its whole, and each piece") {
    LoopbackServer server([](Peer& peer) {
      const auto request = peer.read_request();
      if (request && request->starts_with("GET /silent")) {
        peer.sleep(seconds(2));
        return;
      }
      peer.send(stream_head);
      peer.send(chunk("first"));
      peer.sleep(seconds(2));
    });
    runtime::run_to_completion([&] {
      TestClient test;
      ClientRequest silent = get(server.url("/silent"));
      silent.first_byte_deadline = milliseconds(30);
      CHECK(code_of(test.client.open(silent)) == "response_timed_out");

      ClientRequest stalled = get(server.url());
      stalled.total_deadline = milliseconds(60);
      auto stream = test.client.open(stalled);
      REQUIRE(stream);
      CHECK(stream->next_chunk().value() == "first");
      CHECK(code_of(stream->next_chunk()) == "response_timed_out");

      auto piecewise = test.client.open(get(server.url()));
      REQUIRE(piecewise);
      const runtime::DeadlineScope deadline(milliseconds(60));
      CHECK(piecewise->next_chunk().value() == "first");
      CHECK(code_of(piecewise->next_chunk()) == "response_timed_out");
    });
  }

  TEST_CASE("an answer that is no success can be read like one that is") {
    LoopbackServer server([](Peer& peer) {
      peer.read_request();
      peer.answer(429, "{\"error\":{}}", "Retry-After: 2\r\n");
    });
    runtime::run_to_completion([&] {
      TestClient test;
      auto stream = test.client.open(get(server.url()));
      REQUIRE(stream);
      CHECK(stream->status() == 429);
      CHECK(stream->next_chunk().value() == "{\"error\":{}}");
      CHECK_FALSE(stream->next_chunk().value());
    });
  }
}
