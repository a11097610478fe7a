// Customers and actions: contracts/engagement-api.md, and what the client itself promises.
#include <trunkline/engagement.hpp>

#include "support.hpp"

namespace engagement = trunkline::engagement;

namespace {

using loopback::Manner;
using loopback::Reply;
using loopback::Server;

Reply json(const Json& body, int status = 200) {
  return {.status = status, .body = body.dump()};
}

engagement::Client client_of(const Server& server, std::shared_ptr<trunkline::Clock> clock = {},
                             engagement::RateLimit rate = {}) {
  return engagement::Client(
      {{.api_key = "pk_live_test", .base_url = server.url(), .clock = std::move(clock)}, rate});
}

TEST_SUITE("sdk engagement") {
  TEST_CASE("what is given is sent, what is empty is not, and the answer tells created from updated") {
    const Server server(std::vector<Reply>{
        json({{"customer_id", "c"}, {"created", "2026-03-02T09:15:04Z"}, {"status", "success"}}, 201),
        json({{"customer_id", "c"}, {"updated", "2026-03-02T10:00:00Z"}, {"status", "success"}})});
    const auto client = client_of(server);
    const auto made =
        client.register_customer({.customer_id = "c", .name = "Ann", .properties = {{"plan", "pro"}}});
    CHECK(made.created);
    CHECK(made.at == trunkline::parse_timestamp("2026-03-02T09:15:04Z"));
    const auto changed = client.put_customer({.customer_id = "c"});
    CHECK(!changed.created);
    const auto requests = server.requests();
    CHECK(requests.at(0).method + requests.at(0).target == "POST/customers");
    CHECK(requests.at(0).json() ==
          Json{{"customer_id", "c"}, {"name", "Ann"}, {"properties", {{"plan", "pro"}}}});
    CHECK(requests.at(0).header("authorization") == "Bearer pk_live_test");
    CHECK(requests.at(1).method == "PUT");
    for (const auto& request : requests) CHECK(request.header("content-type") == "application/json");
    CHECK(requests.at(1).json() == Json{{"customer_id", "c"}});
  }

  TEST_CASE(
      "an action is sent with a key of its own, and with any value; a lost answer is asked for again with "
      "both") {
    const Server server(std::vector<Reply>{{.manner = Manner::drop},
                                           json({{"action_id", "act_81"},
                                                 {"customer_id", "c"},
                                                 {"action_name", "x"},
                                                 {"recorded_at", "2026-03-02T10:01:12Z"}})});
    const auto recorded = client_of(server, std::make_shared<FakeClock>())
                              .record_action({.customer_id = "c", .action_name = "x", .action_value = false});
    CHECK(recorded.action_id == "act_81");
    const auto requests = server.requests();
    REQUIRE(requests.size() == 2);
    CHECK(requests.at(0).json().at("action_value") == false);
    CHECK(requests.at(0).header("idempotency-key").size() == 32);
    CHECK(requests.at(0).header("idempotency-key") == requests.at(1).header("idempotency-key"));
    CHECK(requests.at(0).body == requests.at(1).body);
  }

  TEST_CASE("each status has its error class") {
    const auto outcome = [](int status) -> std::string {
      const Server server(json({{"message", "what is wrong"}}, status));
      try {
        client_of(server, std::make_shared<FakeClock>()).delete_customer("c");
      } catch (const engagement::AuthenticationError&) {
        return "authentication";
      } catch (const engagement::RateLimitError&) {
        return "rate";
      } catch (const engagement::InvalidRequestError& error) {
        return "invalid: " + error.message();
      } catch (const engagement::ApiError& error) {
        return "api: " + error.message();
      }
      return "none";
    };
    CHECK(outcome(400) == "invalid: what is wrong");
    CHECK(outcome(401) == "authentication");
    CHECK(outcome(404) == "invalid: what is wrong");
    CHECK(outcome(429) == "rate");
    CHECK(outcome(500) == "api: what is wrong");
    CHECK(outcome(503) == "api: what is wrong");
  }

  TEST_CASE(
      "in no stretch of a minute are there more requests than the limit, from whatever moment one counts") {
    const Server server(json({{"customer_id", "c"}}));
    const auto clock = std::make_shared<FakeClock>();
    const auto client = client_of(server, clock, {.requests = 5, .window = seconds(60)});
    std::vector<std::chrono::steady_clock::time_point> moments;
    for (int i = 0; i < 23; ++i) {
      if (i % 4 == 3) clock->sleep_for(seconds(7));
      (void)client.get_customer("c");
      moments.push_back(clock->now());
    }
    for (std::size_t i = 5; i < moments.size(); ++i) CHECK(moments[i] - moments[i - 5] >= seconds(60));
  }

  TEST_CASE("pages, timelines, counts and batches are read; ids are escaped") {
    const Server server([](const loopback::Request& request) -> Reply {
      if (request.target.find("/timeline") != std::string::npos) {
        return json(
            {{"items",
              {{{"type", "call"}, {"call_id", "call_1"}, {"outcome", "busy"}, {"cost", nullptr}},
               {{"type", "action"}, {"action_id", "act_1"}, {"action_name", "x"}, {"action_value", 1}}}},
             {"next_cursor", "more"}});
      }
      if (request.target.find("/counts") != std::string::npos)
        return json({{"items", {{{"date", "2026-03-02"}, {"action_name", "x"}, {"count", 7}}}}});
      if (request.target.find("/batch") != std::string::npos) {
        return json({{"results",
                      {{{"status", "created"}},
                       {{"status", "rejected"}, {"error", {{"code", "contact_not_found"}}}}}},
                     {"accepted", 1},
                     {"rejected", 1}});
      }
      return json(
          {{"items", {{{"customer_id", "c"}, {"properties", {{"a", 1}}}}}}, {"next_cursor", nullptr}});
    });
    const auto client = client_of(server);
    const auto timeline = client.read_timeline("a b", {.type = "call", .limit = 2});
    CHECK(timeline.items.at(0).outcome == "busy");
    CHECK(timeline.items.at(1).value == 1);
    CHECK(timeline.next_cursor == "more");
    CHECK(server.requests().at(0).target.starts_with("/customers/a%20b/timeline?"));
    CHECK(client.list_customers({.property = "plan=pro"}).items.at(0).properties == Json{{"a", 1}});
    CHECK(client.count_actions().at(0).count == 7);
    const std::vector<engagement::BatchItem> items{
        engagement::Customer{.customer_id = "c"}, engagement::Action{.customer_id = "n", .action_name = "x"}};
    const auto batch = client.send_batch(items);
    CHECK(batch.results.at(1).error_code == "contact_not_found");
    CHECK(server.requests().back().json().at("items").size() == 2);
    CHECK_THROWS_AS((void)client.get_customer(".."), engagement::InvalidRequestError);
  }
}

}  // namespace
