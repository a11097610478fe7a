// Goal: the operator's token opens the warehouse's state, nothing else does, and what is told is what the
// reports say.
#include "doors/warehouse/operator_door.hpp"

#include <doctest/doctest.h>

#include "base/json/parse.hpp"
#include "base/json/write.hpp"
#include "warehouse/store/store_testing.hpp"
#include "warehouse/sync/engine.hpp"

namespace trunkline::doors::warehouse {
namespace {

using namespace trunkline::warehouse;

constexpr std::string_view token = "0123456789abcdef0123456789abcdef";

// One call, and one list with nothing in it that fails on demand.
class OneCall final : public Provider {
 public:
  const ProviderAccount& account() const override { return account_; }
  std::span<const Feed> feeds() const override { return feeds_; }
  Result<std::string> check(Watch&) override { return std::string("fine"); }
  Result<Page> fetch(const PageRequest& request, Watch& watch) override {
    watch.requested();
    Page page{.said = {.end = "whole answer"}};
    if (request.feed.name == "voices" && fails)
      return fail(trunkline::warehouse::error_codes::provider_unavailable, "told to fail");
    const Instant start = *parse_instant("2026-04-30T10:00:00Z");
    if (request.feed.name != "calls" || start < request.window.begin || start >= request.window.end)
      return page;
    page.rows.calls.push_back({.external_call_id = "c1",
                               .direction = Direction::outbound,
                               .started_at = start,
                               .duration_seconds = 60,
                               .status = CallStatus::completed,
                               .cost = *Decimal::parse("0.25"),
                               .currency = "USD",
                               .is_settled = true});
    page.said.rows = 1;
    return page;
  }
  bool fails = false;

 private:
  ProviderAccount account_{.provider = "telnyx"};
  std::vector<Feed> feeds_{{.name = "calls", .type = SyncType::calls},
                           {.name = "voices", .type = SyncType::agents, .scope = FeedScope::listing}};
};

struct Bench {
  explicit Bench(db::Database& opened, std::string_view set = token)
      : database(opened),
        door({.database = opened,
              .providers = [this] { return std::vector<Provider*>{&provider}; },
              .clock = clock,
              .token = Secret(std::string(set))}) {
    door.add_to(router);
  }

  struct Answer {
    int status = 0;
    json::Value body;
    std::string code() const { return body.find("code") ? *body.find("code")->as_text() : ""; }
  };
  Answer get(std::string target, std::string_view authorization = "Bearer 0123456789abcdef0123456789abcdef",
             std::string address = "192.0.2.1") {
    net::Request request{.target = std::move(target)};
    request.remote_address = std::move(address);
    if (!authorization.empty()) request.headers.add("Authorization", authorization);
    const net::Route* route = router.match(request);
    REQUIRE(route != nullptr);
    CHECK(route->access == net::Access::operator_token);
    const net::Response response = route->handler(request);
    return {response.status, *json::parse(response.body)};
  }
  void sync(SyncType type) { REQUIRE(engine.run(provider, type, {.trigger = "schedule"})); }

  db::Database& database;
  ManualClock clock{*parse_instant("2026-05-01T00:00:00Z")};
  store::Store store{database, TimeZone::utc()};
  sync::Engine engine{store, clock};
  OneCall provider;
  net::Router router;
  OperatorDoor door;
};

void with_bench(const std::function<void(Bench&)>& body, std::string_view set = token) {
  store::with_warehouse([&](db::Database& database) {
    Bench bench(database, set);
    body(bench);
  });
}

constexpr std::array<const char*, 4> paths{"/api/telco/status", "/api/telco/coverage",
                                           "/api/telco/reports/costs", "/api/telco/sync-log"};

TEST_SUITE("warehouse operator door [db]") {
  TEST_CASE("Only the operator's token opens it") {
    with_bench([](Bench& bench) {
      for (const char* path : paths) {
        CAPTURE(path);
        bench.clock.advance(minutes(1));  // tries are few in a minute
        CHECK(bench.get(path).status == 200);
        CHECK(bench.get(path, "").code() == "operator_token_missing");
        CHECK(bench.get(path, "Basic 0123456789abcdef0123456789abcdef").status == 401);
        for (const char* wrong : {"Bearer 0123456789abcdef0123456789abcdeF", "Bearer 0123456789abcdef",
                                  "Bearer 0123456789abcdef0123456789abcdef0", "Bearer pk_live_a1b2c3d4"})
          CHECK(bench.get(path, wrong).code() == "operator_token_wrong");
      }
    });
  }

  TEST_CASE("Without a token it is shut, and says which setting opens it") {
    with_bench(
        [](Bench& bench) {
          for (const char* path : paths) {
            for (const char* given : {"", "Bearer ", "Bearer 0123456789abcdef0123456789abcdef"}) {
              const auto answer = bench.get(path, given);
              CHECK(answer.status == 403);
              CHECK(answer.code() == "operator_token_unset");
              CHECK(json::write(answer.body).find("TRUNKLINE_OPERATOR_TOKEN") != std::string::npos);
            }
          }
        },
        "");
  }

  TEST_CASE("Guessing is slowed down by address") {
    with_bench([](Bench& bench) {
      for (int i = 0; i < 20; ++i) CHECK(bench.get(paths[0], "Bearer x").status == 401);
      CHECK(bench.get(paths[0], "Bearer x").status == 429);
      CHECK(bench.get(paths[0], "Bearer x", "192.0.2.2").status == 401);
      CHECK(bench.get(paths[0]).status == 200);
      bench.clock.advance(minutes(1));
      CHECK(bench.get(paths[0], "Bearer x").status == 401);
    });
  }

  TEST_CASE("The status says of each feed how far it is stored and what went wrong last") {
    with_bench([](Bench& bench) {
      const std::string nothing =
          R"("watermark":null,"watermark_age_seconds":null,"last_run":null,"last_success":null,)"
          R"("lag_seconds":null,"is_fresh":false,"last_error":null})";
      CHECK(json::write(bench.get(paths[0]).body) ==
            R"([{"provider":"telnyx","account":"default","feed":"calls","type":"calls",)" + nothing +
                R"(,{"provider":"telnyx","account":"default","feed":"voices","type":"agents",)" + nothing +
                "]");
      bench.sync(SyncType::calls);
      bench.sync(SyncType::agents);
      bench.clock.advance(minutes(31));
      bench.provider.fails = true;
      bench.sync(SyncType::agents);
      CHECK(
          json::write(bench.get(paths[0]).body) ==
          R"([{"provider":"telnyx","account":"default","feed":"calls","type":"calls",)"
          R"("watermark":"2026-05-01T00:00:00.000Z","watermark_age_seconds":1860,)"
          R"("last_run":{"started_at":"2026-05-01T00:00:00.000Z","completed_at":"2026-05-01T00:00:00.000Z",)"
          R"("status":"success","trigger":"schedule"},"last_success":"2026-05-01T00:00:00.000Z",)"
          R"("lag_seconds":1860,"is_fresh":false,"last_error":null},)"
          R"({"provider":"telnyx","account":"default","feed":"voices","type":"agents",)"
          R"("watermark":"2026-05-01T00:00:00.000Z","watermark_age_seconds":1860,)"
          R"("last_run":{"started_at":"2026-05-01T00:31:00.000Z","completed_at":"2026-05-01T00:31:00.000Z",)"
          R"("status":"failed","trigger":"schedule"},"last_success":"2026-05-01T00:00:00.000Z",)"
          R"("lag_seconds":1860,"is_fresh":true,"last_error":{"at":"2026-05-01T00:31:00.000Z",)"
          R"x("status":"failed","message":"voices: told to fail (provider_unavailable)"}}])x");
    });
  }

  TEST_CASE("Coverage, costs and the log are those of the reports") {
    with_bench([](Bench& bench) {
      bench.sync(SyncType::calls);
      bench.sync(SyncType::agents);
      const auto report = sync::coverage_report(bench.database, {&bench.provider}, {}, {});
      CHECK(json::write(bench.get(paths[1]).body) == json::write(to_json(*report)));
      const auto later = bench.get(
          "/api/telco/coverage?provider=telnyx&from=2026-04-01T00:00:00Z"
          "&to=2026-05-02T00:00:00Z");
      CHECK(json::write(*later.body.as_array()->front().find("holes")) ==
            R"([{"from":"2026-05-01T00:00:00.000Z","to":"2026-05-02T00:00:00.000Z"}])");
      CHECK(json::write(bench.get("/api/telco/reports/costs?month=2026-04").body) ==
            R"([{"month":"2026-04","provider":"telnyx","currency":"USD","total_calls":1,)"
            R"("call_costs":"0.25000000","number_rental":null}])");
      CHECK(json::write(bench.get("/api/telco/reports/costs?month=2026-03").body) == "[]");
      const auto log = bench.get("/api/telco/sync-log?limit=1");
      CHECK(log.body.as_array()->size() == 1);
      CHECK(*log.body.as_array()->front().find("type")->as_text() == "agents");
      CHECK(bench.get(paths[3]).body.as_array()->size() == 2);
    });
  }

  TEST_CASE("What makes no sense is refused") {
    with_bench([](Bench& bench) {
      for (const char* target :
           {"/api/telco/coverage?from=yesterday", "/api/telco/reports/costs?month=2026-13",
            "/api/telco/coverage?from=2026-05-02T00:00:00Z&to=2026-05-01T00:00:00Z",
            "/api/telco/sync-log?limit=0", "/api/telco/sync-log?limit=1001", "/api/telco/sync-log?limit=x"})
        CHECK_MESSAGE(bench.get(target).status == 400, target);
      for (const char* target : {"/api/telco/coverage?provider=acme", "/api/telco/status?account=other"})
        CHECK_MESSAGE(bench.get(target).status == 404, target);
    });
  }
}

}  // namespace
}  // namespace trunkline::doors::warehouse
