// Calls: what goes out, what is made of the answers, paging, waiting. contracts/voice-api.md, section 3.
#include "support.hpp"

namespace {

using loopback::Reply;
using loopback::Request;
using loopback::Server;
using trunkline::parse_timestamp;

Reply json(const Json& body, int status = 200) {
  return {.status = status, .body = body.dump()};
}

// `count` calls, named by their number, by limit and offset.
Reply page_of(int count, const Request& request) {
  const auto number = [&](const std::string& name, int otherwise) {
    const std::size_t at = request.target.find(name + "=");
    return at == std::string::npos ? otherwise : std::stoi(request.target.substr(at + name.size() + 1));
  };
  const int limit = number("limit", 50);
  const int offset = number("offset", 0);
  Json items = Json::array();
  for (int at = offset; at < std::min(count, offset + limit); ++at) {
    items.push_back(call_json("call_" + std::to_string(at), "completed"));
  }
  return json({{"items", items}, {"total", count}, {"limit", limit}, {"offset", offset}});
}

std::vector<std::string> ids(const voice::CallRange& range) {
  std::vector<std::string> result;
  for (const voice::Call& call : range) result.push_back(call.id);
  return result;
}

TEST_SUITE("sdk calls") {
  TEST_CASE("create_call sends what is set, and nothing of what is empty") {
    const Server server(json({{"id", "call_1"},
                              {"status", "queued"},
                              {"call_session_id", "cs_1"},
                              {"created_at", "2026-03-02T09:15:04Z"}},
                             201));
    const voice::Client client(options_for(server));
    const voice::PlacedCall placed = client.create_call({.to = "+12025550101", .task = "Ask"});
    CHECK(placed.id == "call_1");
    CHECK(placed.status == voice::CallStatus::queued);
    CHECK(placed.call_session_id == "cs_1");
    CHECK(placed.created_at == parse_timestamp("2026-03-02T09:15:04Z"));
    CHECK_FALSE(placed.replayed);

    client.create_call({.to = "+12025550101",
                        .task = "Zo\u00eb \U0001f44d",
                        .country = "US",
                        .locale = "en-US",
                        .instructions = "Be short",
                        .max_duration_seconds = 0,
                        .voice = "female",
                        .agent_name = "Ava",
                        .caller_name = "Dana",
                        .metadata = {{"n", 1}},
                        .tools = {{.name = "t", .description = "d", .timeout = seconds(2)}},
                        .webhooks = {.webhook_url = "https://a/"},
                        .end_user_id = "u",
                        .idempotency_key = "key-1"});
    const auto requests = server.requests();
    REQUIRE(requests.size() == 2);
    CHECK(requests[0].method == "POST");
    CHECK(requests[0].target == "/api/b2b/v1/calls");
    CHECK(requests[0].header("Authorization") == "Bearer pk_live_test");
    CHECK(requests[0].header("Content-Type") == "application/json");
    CHECK(requests[0].header("User-Agent").starts_with("trunkline-cpp/"));
    CHECK(requests[0].header("Idempotency-Key") == placed.idempotency_key);
    CHECK(requests[0].json() == Json{{"to", "+12025550101"}, {"task", "Ask"}});
    CHECK(requests[1].header("Idempotency-Key") == "key-1");
    const Json tool{{"name", "t"},
                    {"description", "d"},
                    {"input_schema", Json::object()},
                    {"output_schema", Json::object()},
                    {"timeout_ms", 2000}};
    CHECK(requests[1].json() == Json{{"to", "+12025550101"},
                                     {"task", "Zo\u00eb \U0001f44d"},
                                     {"country", "US"},
                                     {"locale", "en-US"},
                                     {"instructions", "Be short"},
                                     {"max_duration_seconds", 0},
                                     {"voice", "female"},
                                     {"agent_name", "Ava"},
                                     {"caller_name", "Dana"},
                                     {"metadata", {{"n", 1}}},
                                     {"tools", Json::array({tool})},
                                     {"webhooks", {{"webhook_url", "https://a/"}}},
                                     {"end_user_id", "u"}});
  }

  TEST_CASE("what cannot be sent is refused before a request is made") {
    const Server server(Reply{});
    const voice::ResultClient client(options_for(server));
    const auto refused = [](const trunkline::Failure& failure) {
      CHECK(failure.kind == voice::FailureKind::validation);
      CHECK(failure.status == 0);
      CHECK_FALSE(failure.sent);
    };
    refused(failure_of(client.create_call({.to = "+1", .task = "\xff"})));
    refused(failure_of(client.create_call({.to = "+1", .task = "T", .idempotency_key = "a b"})));
    refused(
        failure_of(client.create_call({.to = "+1", .task = "T", .idempotency_key = std::string(256, 'k')})));
    for (const char* id : {"", ".", ".."}) {
      refused(failure_of(client.get_call(id)));
      refused(failure_of(client.cancel_call(id)));
      refused(failure_of(client.hang_up_call(id)));
      refused(failure_of(client.delete_tool(id)));
    }
    refused(failure_of(client.wait_for_call("c", {.poll_interval = milliseconds(0)})));
    CHECK(server.requests().empty());
  }

  TEST_CASE("ids are escaped in paths, and the base URL may have a path of its own") {
    const Server server(json(call_json("x", "queued")));
    auto options = options_for(server);
    options.base_url += "/prefix/";
    const voice::Client client(options);
    client.get_call("a/../b?c#d e\xc3\xab");
    client.cancel_call("c");
    client.hang_up_call("c");
    const auto requests = server.requests();
    REQUIRE(requests.size() == 3);
    CHECK(requests[0].target == "/prefix/api/b2b/v1/calls/a%2F..%2Fb%3Fc%23d%20e%C3%AB");
    CHECK(requests[1].target == "/prefix/api/b2b/v1/calls/c/cancel");
    CHECK(requests[1].method == "POST");
    CHECK(requests[1].header("Content-Length") == "0");
    CHECK(requests[2].target == "/prefix/api/b2b/v1/calls/c/hangup");
  }

  TEST_CASE("a call is read whole") {
    const Server server(json(
        call_json("call_1", "completed",
                  {{"to", "+1"},
                   {"metadata", {{"ticket", "A"}}},
                   {"started_at", "2026-03-02T09:15:21.250Z"},
                   {"duration_seconds", 79},
                   {"ended_reason", "callee_hung_up"},
                   {"summary", "Open until six."},
                   {"cost", {{"billed_minutes", 2}, {"amount", "0.20"}, {"currency", "USD"}}},
                   {"transcript",
                    {{{"role", "agent"}, {"text", "Hello."}, {"timestamp", "2026-03-02T09:15:22Z"}}, "odd"}},
                   {"new_field", true}})));
    const voice::Call call = voice::Client(options_for(server)).get_call("call_1");
    CHECK(call.status == voice::CallStatus::completed);
    CHECK(call.is_over());
    CHECK(call.metadata.at("ticket") == "A");
    CHECK(call.started_at == parse_timestamp("2026-03-02T10:15:21.25+01:00"));
    CHECK(call.duration_seconds == 79);
    CHECK(call.summary == "Open until six.");
    REQUIRE(call.cost);
    CHECK(call.cost->billed_minutes == 2);
    CHECK(call.cost->amount == "0.20");
    REQUIRE(call.transcript.size() == 1);
    CHECK(call.transcript[0].text == "Hello.");
    CHECK(call.raw.at("new_field") == true);
  }

  TEST_CASE("what is missing, null or of another type is not there, and no failure") {
    const Server server(json({{"id", "call_1"},
                              {"status", "paused"},
                              {"summary", nullptr},
                              {"transcript", "none"},
                              {"started_at", "yesterday"},
                              {"duration_seconds", "79"},
                              {"cost", 3},
                              {"metadata", Json::array()}}));
    const voice::Call call = voice::Client(options_for(server)).get_call("call_1");
    CHECK(call.status == voice::CallStatus::unknown);
    CHECK_FALSE(call.is_over());
    CHECK_FALSE(call.summary);
    CHECK_FALSE(call.started_at);
    CHECK_FALSE(call.duration_seconds);
    CHECK_FALSE(call.cost);
    CHECK(call.transcript.empty());
    CHECK(call.metadata == Json::object());
  }

  TEST_CASE("answers that are no answer of the API are failures that say so") {
    const std::vector<Reply> replies{{.body = ""},
                                     {.body = "{\"id\": "},
                                     {.body = "<html></html>"},
                                     {.body = "[]"},
                                     {.body = "{}"},
                                     {.body = "null"},
                                     {.body = "{\"id\": 7}"},
                                     {.body = "{\"id\": \"\xff\"}"},
                                     {.body = std::string(100'000, '[')},
                                     {.status = 301, .headers = {{"Location", "https://elsewhere/"}}}};
    for (const Reply& reply : replies) {
      CAPTURE(reply.body.substr(0, 40));
      const Server server(reply);
      const voice::ResultClient client(options_for(server));
      const auto failure = failure_of(client.get_call("call_1"));
      CHECK(failure.status == reply.status);
      CHECK(failure.sent);
      CHECK_FALSE(failure.message.empty());
      CHECK(server.requests().size() == 1);
      CHECK_FALSE(client.create_call({.to = "+1", .task = "T"}).has_value());
    }
  }

  TEST_CASE("list_calls sends the filter and reads the page") {
    const Server server([](const Request& request) { return page_of(3, request); });
    const voice::Client client(options_for(server));
    const voice::CallPage page = client.list_calls({.status = voice::CallStatus::in_progress,
                                                    .start_date = parse_timestamp("2026-03-01T00:00:00Z"),
                                                    .end_date = parse_timestamp("2026-04-01T00:00:00Z"),
                                                    .limit = 2,
                                                    .offset = 1});
    CHECK(page.items.size() == 2);
    CHECK(page.total == 3);
    CHECK(page.limit == 2);
    CHECK(page.offset == 1);
    CHECK(server.requests().at(0).target ==
          "/api/b2b/v1/calls?status_filter=in_progress&start_date=2026-03-01T00%3A00%3A00.000Z"
          "&end_date=2026-04-01T00%3A00%3A00.000Z&limit=2&offset=1");
  }

  TEST_CASE("all_calls goes through every page and fetches none too many") {
    struct Row {
      int calls;
      int limit;
      std::size_t pages;
    };
    for (const Row& row : {Row{0, 50, 1}, Row{1, 50, 1}, Row{4, 2, 2}, Row{5, 2, 3}, Row{250, 1000, 3}}) {
      CAPTURE(row.calls);
      const Server server([&](const Request& request) { return page_of(row.calls, request); });
      const voice::CallRange range = voice::Client(options_for(server)).all_calls({.limit = row.limit});
      const auto found = ids(range);
      REQUIRE(found.size() == static_cast<std::size_t>(row.calls));
      for (int at = 0; at < row.calls; ++at)
        CHECK(found[static_cast<std::size_t>(at)] == "call_" + std::to_string(at));
      CHECK(server.requests().size() == row.pages);
      CHECK(ids(range) == found);  // every begin() starts anew
    }
  }

  TEST_CASE("a call that moves to the next page while pages are read is shown once") {
    const auto page = [](std::vector<std::string> names, int offset, int total) {
      Json items = Json::array();
      for (const std::string& name : names) items.push_back(call_json(name, "completed"));
      return json({{"items", items}, {"total", total}, {"limit", 2}, {"offset", offset}});
    };
    const Server server({page({"c", "b"}, 0, 3), page({"b", "a"}, 2, 4)});
    CHECK(ids(voice::Client(options_for(server)).all_calls({.limit = 2})) ==
          std::vector<std::string>{"c", "b", "a"});
  }

  TEST_CASE("all_calls ends when a server promises more than it has, and throws when a page fails") {
    const Reply some = json({{"items", {call_json("a", "completed")}}, {"total", 100}});
    const Server empty_end({some, json({{"items", Json::array()}, {"total", 100}})});
    CHECK(ids(voice::Client(options_for(empty_end)).all_calls()) == std::vector<std::string>{"a"});
    const Server failing({some, {.status = 403}});
    CHECK_THROWS_AS(ids(voice::Client(options_for(failing)).all_calls()), voice::SubscriptionError);
  }

  TEST_CASE("wait_for_call polls until the call has ended, and for the summary of a connected one") {
    const auto clock = std::make_shared<FakeClock>();
    const Json connected{{"started_at", "2026-03-02T09:15:21Z"}};
    const Server server(
        {json(call_json("c", "queued")), json(call_json("c", "in_progress", connected)),
         json(call_json("c", "completed", connected)),
         json(call_json("c", "completed", {{"started_at", "2026-03-02T09:15:21Z"}, {"summary", "S"}}))});
    const voice::Call call =
        voice::Client(options_for(server, clock)).wait_for_call("c", {.poll_interval = milliseconds(700)});
    CHECK(call.summary == "S");
    CHECK(clock->pauses() == std::vector<milliseconds>(3, milliseconds(700)));
  }

  TEST_CASE("wait_for_call waits for no summary of a call that never connected, nor for ever") {
    const auto clock = std::make_shared<FakeClock>();
    const Server failed(json(call_json("c", "failed")));
    CHECK(voice::Client(options_for(failed, clock)).wait_for_call("c").status == voice::CallStatus::failed);
    CHECK(clock->pauses().empty());
    const Server mute(json(call_json("c", "completed", {{"started_at", "2026-03-02T09:15:21Z"}})));
    const voice::Call call =
        voice::Client(options_for(mute, clock)).wait_for_call("c", {.summary_grace = seconds(2)});
    CHECK_FALSE(call.summary);
    CHECK(clock->pauses() == std::vector<milliseconds>(2, seconds(1)));
  }

  TEST_CASE("wait_for_call outlasts a server that is away for a while, not one that stays away") {
    const auto clock = std::make_shared<FakeClock>();
    const Reply away{.status = 503};
    const Server server({json(call_json("c", "ringing")), away, away, away, json(call_json("c", "failed"))});
    auto options = options_for(server, clock);
    options.retries.tries = 1;
    const voice::ResultClient client(options);
    CHECK(client.wait_for_call("c", {.poll_interval = seconds(5)}).value().status ==
          voice::CallStatus::failed);
    CHECK(clock->pauses() == std::vector<milliseconds>(4, seconds(5)));

    const Server gone({json(call_json("c", "ringing")), away});
    options.base_url = gone.url();
    const auto failure =
        failure_of(voice::ResultClient(options).wait_for_call("c", {.poll_interval = seconds(5)}));
    CHECK(failure.status == 503);
    CHECK(gone.requests().size() == 7);  // the last one 30 s after the one that succeeded

    const Server limited(
        {Reply{.status = 429, .headers = {{"Retry-After", "9"}}}, json(call_json("c", "failed"))});
    options.base_url = limited.url();
    CHECK(voice::ResultClient(options).wait_for_call("c").has_value());
    CHECK(clock->pauses().back() == seconds(9));

    const Server unknown({json(call_json("c", "ringing")), Reply{.status = 404}});
    options.base_url = unknown.url();
    CHECK(failure_of(voice::ResultClient(options).wait_for_call("c")).kind == voice::FailureKind::call);
  }

  TEST_CASE("wait_for_call gives up after its time and leaves the call alone") {
    const auto clock = std::make_shared<FakeClock>();
    const Server server(json(call_json("c", "ringing")));
    const voice::Client client(options_for(server, clock));
    try {
      client.wait_for_call("c", {.poll_interval = milliseconds(400), .timeout = seconds(1)});
      FAIL("nothing was thrown");
    } catch (const voice::TimeoutError& error) {
      CHECK(error.message().find("still ringing") != std::string::npos);
    }
    CHECK(clock->pauses() ==
          std::vector<milliseconds>{milliseconds(400), milliseconds(400), milliseconds(200)});
    for (const Request& request : server.requests()) CHECK(request.method == "GET");
  }

  TEST_CASE("a scoped call is cancelled at the end of its scope, unless it was waited for or released") {
    const Server server(json(call_json("c", "completed")));
    const voice::Client client(options_for(server));
    const auto cancels = [&] {
      std::size_t count = 0;
      for (const Request& request : server.requests())
        count += request.target.ends_with("/calls/c/cancel") ? 1U : 0U;
      return count;
    };
    {
      const voice::ScopedCall call(client, {.id = "c"});
    }
    CHECK(cancels() == 1);
    {
      voice::ScopedCall call(client, {.id = "c"});
      CHECK(call.wait().is_over());
      CHECK_THROWS_AS(call.wait(), std::logic_error);
    }
    CHECK(voice::ScopedCall(client, {.id = "c"}).release().id == "c");
    CHECK(cancels() == 1);
    {
      voice::ScopedCall first(client, {.id = "c"});
      voice::ScopedCall second = std::move(first);
      voice::ScopedCall third(client, {.id = "d"});
      third = std::move(second);  // cancels d
      CHECK(cancels() == 1);
      CHECK(server.requests().back().target.ends_with("/calls/d/cancel"));
    }
    CHECK(cancels() == 2);
  }

  TEST_CASE("a scoped call whose server is gone ends quietly") {
    voice::ClientOptions options{.api_key = "k",
                                 .base_url = "http://127.0.0.1:" + std::to_string(loopback::closed_port())};
    options.clock = std::make_shared<FakeClock>();
    CHECK_NOTHROW(voice::ScopedCall(voice::Client(options), {.id = "c"}));
  }
}

}  // namespace
