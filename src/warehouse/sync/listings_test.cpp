// Goal: a list of everything there is counts as whole only when it is proven, and only a whole one releases
// what it lacks. Method: a provider that lists agents from memory, with totals and lies on demand.
#include <doctest/doctest.h>

#include "warehouse/store/store_testing.hpp"
#include "warehouse/sync/engine.hpp"
#include "warehouse/sync/reports.hpp"

namespace trunkline::warehouse::sync {
namespace {

const db::Statement agents_shown{
    "test.listed_agents",
    "SELECT agent_id || ' ' || CASE WHEN released_at IS NULL THEN 'there' ELSE 'gone' END FROM "
    "telco.retell_agents ORDER BY agent_id"};

class ListProvider final : public Provider {
 public:
  const ProviderAccount& account() const override { return account_; }
  std::span<const Feed> feeds() const override { return feeds_; }
  Result<std::string> check(Watch&) override { return std::string("fine"); }

  // The cursor is the position of the next agent.
  Result<Page> fetch(const PageRequest& request, Watch& watch) override {
    watch.requested();
    std::size_t at = request.cursor.empty() ? 0 : std::stoul(request.cursor);
    if (at == 0) ++readings;
    if (at > 0 && fails) return fail(warehouse::error_codes::provider_unavailable, "told to fail");
    if (at > 0 && readings <= readings_that_lose_one) ++at;
    const std::size_t end = std::min(at + 2, agents.size());
    Page page;
    for (std::size_t i = at; i < end; ++i) {
      page.rows.agents.push_back({.agent_id = agents[i]});
      page.rows.resources.push_back({.kind = "agent", .external_id = agents[i]});
    }
    page.said.rows = static_cast<std::int64_t>(end - std::min(at, end)) + chat_agents;
    page.said.left_out = at == 0 ? chat_agents : 0;
    if (says_total) page.said.total = static_cast<std::int64_t>(agents.size()) + chat_agents;
    if (end < agents.size()) {
      page.next_cursor = std::to_string(loops ? 2 : end);
    } else {
      page.said.end = "has_more false";
    }
    return page;
  }

  std::vector<std::string> agents{"a1", "a2", "a3", "a4", "a5"};
  std::int64_t chat_agents = 1;
  bool says_total = true;
  int readings = 0;
  int readings_that_lose_one = 0;
  bool fails = false;
  bool loops = false;

 private:
  ProviderAccount account_{.provider = "retell"};
  std::vector<Feed> feeds_{
      {.name = "agents", .type = SyncType::agents, .scope = FeedScope::listing, .resource_kinds = {"agent"}}};
};

struct Bench {
  explicit Bench(db::Database& opened) : database(opened) {}

  std::string run() {
    clock.advance(days(1));
    const auto report = engine.run(provider, SyncType::agents, {});
    REQUIRE(report);
    return report->log.status;
  }
  ListingProof proof() { return *listing_of(database, provider, provider.feeds()[0]); }
  bool is_whole() { return coverage_report(database, {&provider}, {}, {})->is_whole(); }

  db::Database& database;
  store::Store store{database, TimeZone::utc()};
  ManualClock clock{*parse_instant("2026-05-01T00:00:00Z")};
  Engine engine{store, clock};
  ListProvider provider;
};

void with_bench(const std::function<void(Bench&)>& body) {
  store::with_warehouse([&](db::Database& database) {
    Bench bench(database);
    body(bench);
  });
}

TEST_SUITE("warehouse listings [db]") {
  TEST_CASE("A list is proven by its last page and by the total, where there is one") {
    for (const bool says_total : {true, false}) {
      CAPTURE(says_total);
      with_bench([says_total](Bench& bench) {
        bench.provider.says_total = says_total;
        CHECK(!bench.proof().last);
        CHECK(bench.is_whole());  // nothing was asked for yet
        CHECK(bench.run() == "success");
        const ListingProof proof = bench.proof();
        CHECK(proof.is_proven());
        CHECK(proof.whole->rows == 6);
        CHECK(proof.whole->total_said == (says_total ? std::optional<std::int64_t>(6) : std::nullopt));
        CHECK(proof.whole->end_said == "has_more false");
        CHECK(proof.whole->window.begin == bench.clock.now());
        CHECK(bench.is_whole());
      });
    }
  }

  TEST_CASE(
      "A list that is shorter than its total is read again, and releases nothing while it is not whole") {
    with_bench([](Bench& bench) {
      CHECK(bench.run() == "success");
      const Instant whole_at = bench.clock.now();
      // Once is mended by reading it again.
      bench.provider.readings_that_lose_one = bench.provider.readings + 1;
      CHECK(bench.run() == "success");
      CHECK(bench.proof().is_proven());
      bench.provider.readings_that_lose_one = 1000;
      const int before = bench.provider.readings;
      CHECK(bench.run() == "partial");
      CHECK(bench.provider.readings - before == 3);
      const ListingProof proof = bench.proof();
      CHECK(!proof.is_proven());
      CHECK(proof.last->problem == "retell agents says that 6 records are in this list and gave 5.");
      CHECK(proof.whole->window.begin > whole_at);
      CHECK(!bench.is_whole());
      CHECK(store::all_of(bench.database, agents_shown) ==
            "a1 there\na2 there\na3 there\na4 there\na5 there");
    });
  }

  TEST_CASE("A list that breaks off or leads in a circle is not whole; the next good one is") {
    for (const bool loops : {true, false}) {
      CAPTURE(loops);
      with_bench([loops](Bench& bench) {
        (loops ? bench.provider.loops : bench.provider.fails) = true;
        CHECK(bench.run() == "partial");
        CHECK(!bench.proof().is_proven());
        CHECK(!bench.proof().whole);
        CHECK(!bench.is_whole());
        (loops ? bench.provider.loops : bench.provider.fails) = false;
        CHECK(bench.run() == "success");
        CHECK(bench.is_whole());
      });
    }
  }

  TEST_CASE("An agent that a whole list no longer has is released, and comes back") {
    with_bench([](Bench& bench) {
      CHECK(bench.run() == "success");
      bench.provider.agents = {"a1", "a3"};
      CHECK(bench.run() == "success");
      CHECK(store::all_of(bench.database, agents_shown) == "a1 there\na2 gone\na3 there\na4 gone\na5 gone");
      bench.provider.agents = {"a1", "a2", "a3"};
      CHECK(bench.run() == "success");
      CHECK(store::all_of(bench.database, agents_shown) == "a1 there\na2 there\na3 there\na4 gone\na5 gone");
    });
  }
}

}  // namespace
}  // namespace trunkline::warehouse::sync
