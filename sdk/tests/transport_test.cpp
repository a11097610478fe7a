// HTTP on real connections: time limits, broken answers, large ones, threads. And time on the wire.
#include <atomic>

#include "support.hpp"

namespace {

using loopback::Manner;
using loopback::Reply;
using loopback::Request;
using loopback::Server;
using std::chrono::steady_clock;

voice::ClientOptions one_try(const Server& server) {
  voice::ClientOptions options = options_for(server);
  options.retries.tries = 1;
  return options;
}

TEST_SUITE("sdk transport") {
  TEST_CASE("nobody listens: a connection error that says it was not sent") {
    const std::string url = "http://127.0.0.1:" + std::to_string(loopback::closed_port());
    const auto clock = std::make_shared<FakeClock>();
    const voice::ResultClient client({.api_key = "k", .base_url = url, .clock = clock});
    const auto failure = failure_of(client.create_call({.to = "+1", .task = "T"}));
    CHECK(failure.kind == voice::FailureKind::connection);
    CHECK_FALSE(failure.sent);
    CHECK(failure.message.find(url) != std::string::npos);
    CHECK(clock->pauses().size() == 3);
  }

  TEST_CASE("no answer in time: a timeout that says it was sent, and does not take much longer") {
    const Server server(Reply{.manner = Manner::hold});
    voice::ClientOptions options = one_try(server);
    options.timeouts.request = milliseconds(500);
    const auto began = steady_clock::now();
    const auto failure = failure_of(voice::ResultClient(options).get_call("c"));
    CHECK(failure.kind == voice::FailureKind::timeout);
    CHECK(failure.sent);
    CHECK(failure.status == 0);
    CHECK(steady_clock::now() - began >= milliseconds(490));
    CHECK(steady_clock::now() - began < seconds(20));
  }

  TEST_CASE("all tries together end with the total time") {
    const Server server(Reply{.manner = Manner::hold});
    voice::ClientOptions options = options_for(server);
    options.timeouts = {.request = milliseconds(400), .total = seconds(3)};
    options.retries = {.tries = 100, .first_pause = milliseconds(10)};
    const auto began = steady_clock::now();
    CHECK(failure_of(voice::ResultClient(options).get_call("c")).kind == voice::FailureKind::timeout);
    CHECK(steady_clock::now() - began < seconds(20));
    CHECK(server.requests().size() >= 2);
    CHECK(server.requests().size() <= 9);
  }

  TEST_CASE("a dropped connection and a cut answer are tried again, and succeed then") {
    const auto clock = std::make_shared<FakeClock>();
    const std::string body = call_json("c", "queued").dump();
    const Server server(
        {Reply{.manner = Manner::drop}, Reply{.body = body, .manner = Manner::cut}, Reply{.body = body}});
    CHECK(voice::Client(options_for(server, clock)).get_call("c").id == "c");
    CHECK(server.requests().size() == 3);
    CHECK(clock->pauses().size() == 2);
  }

  TEST_CASE("an answer lost after a POST that is not repeatable is reported as in doubt, not repeated") {
    const Server server(Reply{.manner = Manner::drop});
    const voice::ResultPartnerClient partner("token", options_for(server));
    const auto failure = failure_of(partner.create_api_key());
    CHECK(failure.kind == voice::FailureKind::connection);
    CHECK(failure.sent);
    CHECK(failure.message.find("may have carried it out") != std::string::npos);
    CHECK(server.requests().size() == 1);
  }

  TEST_CASE("a server that speaks no HTTP is a connection error") {
    for (const char* nonsense : {"SSH-2.0-OpenSSH_9.2\r\n", "\r\n\r\n", ""}) {
      const Server server(Reply{.body = nonsense, .manner = Manner::raw});
      const auto failure = failure_of(voice::ResultClient(one_try(server)).get_call("c"));
      CHECK(failure.kind == voice::FailureKind::connection);
      CHECK(failure.status == 0);
    }
  }

  TEST_CASE("large bodies go out and come in whole; larger ones than allowed are refused") {
    const std::string text(3'000'000, 'x');
    const Server server([&](const Request& request) {
      if (request.method == "POST") return Reply{.status = 201, .body = call_json("c", "queued").dump()};
      return Reply{.body = call_json("c", "completed", {{"task", text}}).dump()};
    });
    voice::ClientOptions options = one_try(server);
    const voice::Client client(options);
    client.create_call({.to = "+1", .task = text});
    CHECK(server.requests().at(0).json().at("task") == text);
    CHECK(client.get_call("c").task == text);
    options.transport = trunkline::curl_transport({.response_bytes_max = 1'000'000});
    const auto failure = failure_of(voice::ResultClient(options).get_call("c"));
    CHECK(failure.kind == voice::FailureKind::connection);
    CHECK(failure.message.find("larger than 1000000 bytes") != std::string::npos);
  }

  TEST_CASE("redirects are not followed, so that the key goes nowhere else") {
    const Server elsewhere(Reply{.body = call_json("c", "queued").dump()});
    const Server server(Reply{.status = 307, .headers = {{"Location", elsewhere.url()}}});
    const auto failure = failure_of(voice::ResultClient(options_for(server)).get_call("c"));
    CHECK(failure.message.find(elsewhere.url()) != std::string::npos);
    CHECK(elsewhere.requests().empty());
  }

  TEST_CASE("a connection is kept for repeatable requests, and closed with the last client") {
    const Server server(Reply{.body = call_json("c", "queued").dump()});
    std::optional<voice::Client> client(options_for(server));
    const voice::Client copy = *client;
    client->get_call("c");
    copy.get_call("c");
    client.reset();
    copy.get_call("c");
    for (const Request& request : server.requests()) CHECK(request.connection == 1);
    voice::Client moved = voice::Client(options_for(server));
    moved = voice::Client(options_for(server));
    moved.get_call("c");
    CHECK(server.requests().back().connection == 2);
  }

  TEST_CASE("a kept connection that the server has closed is no failure") {
    const std::string body = call_json("c", "queued").dump();
    const Server closing({Reply{.body = body}, Reply{.manner = Manner::drop}, Reply{.body = body}});
    const voice::Client client(options_for(closing, std::make_shared<FakeClock>()));
    client.get_call("c");
    CHECK(client.get_call("c").id == "c");
  }

  TEST_CASE("what must not be repeated gets a connection of its own, which nothing can have closed before") {
    const Server server({Reply{.body = "[]"}, Reply{.manner = Manner::drop}});
    const voice::ResultPartnerClient partner("token", options_for(server));
    REQUIRE(partner.list_api_keys().has_value());
    CHECK(failure_of(partner.create_api_key()).sent);
    const auto requests = server.requests();
    REQUIRE(requests.size() == 2);  // libcurl would repeat it by itself on a connection that it had kept
    CHECK(requests[1].connection == 2);
  }

  TEST_CASE("many threads share one client") {
    const Server server([](const Request& request) {
      return Reply{.body = call_json(request.target.substr(request.target.rfind('/') + 1), "queued").dump()};
    });
    const voice::Client client(options_for(server));
    std::atomic<int> right = 0;
    {
      std::vector<std::jthread> threads;
      for (int thread = 0; thread < 8; ++thread) {
        threads.emplace_back([&, thread] {
          for (int round = 0; round < 20; ++round) {
            const std::string id = "call_" + std::to_string(thread) + "_" + std::to_string(round);
            right += client.get_call(id).id == id ? 1 : 0;
          }
        });
      }
    }
    CHECK(right == 160);
    int connections = 0;
    for (const Request& request : server.requests()) connections = std::max(connections, request.connection);
    CHECK(connections <= 16);
  }

  TEST_CASE("timestamps are read as RFC 3339 and written in milliseconds") {
    struct Row {
      const char* text;
      const char* written;
    };
    for (const Row& row : {Row{"2026-03-02T09:15:04Z", "2026-03-02T09:15:04.000Z"},
                           Row{"2026-03-02T09:15:04.1239Z", "2026-03-02T09:15:04.123Z"},
                           Row{"2026-03-02T10:15:04.5+01:00", "2026-03-02T09:15:04.500Z"},
                           Row{"2026-03-01T23:45:00-00:30", "2026-03-02T00:15:00.000Z"},
                           Row{"2024-02-29 00:00:00z", "2024-02-29T00:00:00.000Z"},
                           Row{"1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"},
                           Row{"2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"}}) {
      CAPTURE(row.text);
      const auto timestamp = trunkline::parse_timestamp(row.text);
      REQUIRE(timestamp);
      CHECK(trunkline::to_text(*timestamp) == row.written);
    }
    for (const char* text : {"", "2026-03-02", "2026-03-02T09:15:04", "2026-02-30T00:00:00Z",
                             "2026-03-02T24:00:00Z", "2026-03-02T09:15:04.Z", "2026-03-02T09:15:04Zx",
                             "2026-3-2T9:15:04Z", "2026-03-02T09:15:04+1:00", "-026-03-02T09:15:04Z"}) {
      CAPTURE(text);
      CHECK_FALSE(trunkline::parse_timestamp(text));
    }
  }

  TEST_CASE("a result is a value or a failure, and says which") {
    const trunkline::Result<int> good(7);
    CHECK(good);
    CHECK(*good == 7);
    CHECK(good.value() == 7);
    const trunkline::Result<int> bad(
        trunkline::Failure{.kind = voice::FailureKind::rate_limit, .message = "slow down", .status = 429});
    CHECK_FALSE(bad);
    CHECK(bad.error().status == 429);
    CHECK_THROWS_AS((void)bad.value(), voice::RateLimitError);
    const auto half = [](int number) { return trunkline::Result<double>(number / 2.0); };
    CHECK(trunkline::Result<int>(good).and_then(half).value() == 3.5);
    CHECK(trunkline::Result<int>(bad).and_then(half).error().message == "slow down");
  }
}

}  // namespace
