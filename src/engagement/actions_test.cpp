#include "engagement/actions.hpp"

#include <doctest/doctest.h>

#include "engagement/engagement_testing.hpp"
#include "runtime/semaphore.hpp"

using namespace trunkline;
using namespace trunkline::engagement;

namespace {

const db::Statement count_actions{"test.actions_of_group", "SELECT count(*) FROM actions"};
const db::Statement count_keys{"test.keys_of_group", "SELECT count(*) FROM engagement_keys"};
const db::Statement sum_of_counts{"test.counts_of_group",
                                  "SELECT CAST(coalesce(sum(count), 0) AS bigint) FROM action_counts"};

// A request of many that come at once.
struct AtOnce {
  ActionInput input;
  std::string key = {};
  std::string request = {};
  Uuid credential = {};
};

// What each is told, all begun in the same turn of the loop: the action's id or the code of the failure.
std::vector<std::string> record_all(TestEngagement& engagement, std::span<const AtOnce> requests) {
  std::vector<std::string> told(requests.size());
  runtime::Semaphore done(0);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    runtime::EventLoop::current()->spawn("request", [&, i] {
      const AtOnce& each = requests[i];
      const Asking asking{.credential = each.credential, .received_at = engagement.jobs.clock.now()};
      auto recorded = engagement.actions.record(engagement.scope, each.input, asking, each.key, each.request);
      told[i] = recorded ? recorded->id.text() : std::string(recorded.error().code().name);
      if (recorded && recorded->replayed) told[i] += " again";
      if (recorded) recorded->reply.settle(true);
      done.release();
    });
  }
  for (std::size_t i = 0; i < requests.size(); ++i) done.acquire();
  return told;
}

ActionInput view_of(std::string customer, std::int64_t value, std::optional<Instant> at = {}) {
  return {.customer_id = std::move(customer), .name = "page_view", .value = value, .occurred_at = at};
}

std::int64_t distinct(std::vector<std::string> told) {
  std::ranges::sort(told);
  const auto repeated = std::ranges::unique(told);
  return repeated.begin() - told.begin();
}

bool is_id(const std::string& told) {
  return told.starts_with("act_") && !told.ends_with("again");
}

void with_people(std::int64_t count, const std::function<void(TestEngagement&)>& body) {
  with_engagement([&](TestEngagement& engagement) {
    for (std::int64_t i = 0; i < count; ++i)
      REQUIRE(engagement.put(json::object({{"customer_id", "c-" + std::to_string(i)}})) == "created");
    body(engagement);
  });
}

}  // namespace

TEST_SUITE("actions recorded at once [db]") {
  TEST_CASE("each gets its own, also several of one person; the counts are right") {
    with_people(20, [](TestEngagement& engagement) {
      std::vector<AtOnce> requests;
      const Instant at = engagement.jobs.clock.now() - minutes(1);
      for (std::int64_t i = 0; i < 600; ++i) {
        requests.push_back({.input = view_of("c-" + std::to_string(i % 20), i,
                                             i % 2 == 0 ? std::nullopt : std::optional(at))});
      }
      const auto told = record_all(engagement, requests);
      CHECK(std::ranges::all_of(told, is_id));
      CHECK(distinct(told) == 600);
      CHECK(engagement.count(count_actions) == 600);
      CHECK(engagement.count(sum_of_counts) == 600);
      CHECK(engagement.notes_left() == 0);
      CHECK(engagement.timeline("c-7").size() == 30);
    });
  }

  TEST_CASE("what is wrong with one is told to that one only") {
    with_people(2, [](TestEngagement& engagement) {
      const std::vector<AtOnce> requests{{.input = view_of("c-0", 1)},
                                         {.input = view_of("nobody", 2)},
                                         {.input = view_of("c-1", 3), .key = "k", .request = "one"},
                                         {.input = view_of("c-1", 4), .key = "k", .request = "another"},
                                         {.input = view_of("c-0", 5)}};
      const auto told = record_all(engagement, requests);
      CHECK(is_id(told[0]));
      CHECK(told[1] == "contact_not_found");
      CHECK(is_id(told[2]));
      CHECK(told[3] == "idempotency_key_reused");
      CHECK(is_id(told[4]));
      CHECK(engagement.count(count_actions) == 3);
      CHECK(engagement.count(sum_of_counts) == 3);
    });
  }

  TEST_CASE("one that the database refuses does not take the others along") {
    with_people(2, [](TestEngagement& engagement) {
      // No door lets a zero byte through; PostgreSQL has no text with one, and SQLite takes it.
      AtOnce refused{.input = view_of("c-1", 2)};
      refused.input.name = std::string("a\0b", 3);
      const std::vector<AtOnce> requests{{.input = view_of("c-0", 1)}, refused, {.input = view_of("c-0", 3)}};
      const auto told = record_all(engagement, requests);
      CHECK(is_id(told[0]));
      CHECK(is_id(told[2]));
      CHECK((db::testing_postgres() ? told[1] == "database_defect" : is_id(told[1])));
      CHECK(engagement.count(count_actions) == (db::testing_postgres() ? 2 : 3));
      CHECK(engagement.count(sum_of_counts) == (db::testing_postgres() ? 2 : 3));
    });
  }

  TEST_CASE("equal requests with a key, or with a time, are one action; of another key they are others") {
    with_people(3, [](TestEngagement& engagement) {
      const Instant at = engagement.jobs.clock.now() - minutes(1);
      const Uuid other = engagement.jobs.ids.next();
      std::vector<AtOnce> requests;
      for (int i = 0; i < 5; ++i) {
        requests.push_back({.input = view_of("c-0", 1), .key = "k", .request = "same"});
        requests.push_back({.input = view_of("c-1", 1, at)});
        requests.push_back({.input = view_of("c-2", 1, at), .credential = other});
        requests.push_back({.input = view_of("c-2", 1, at)});
      }
      const auto told = record_all(engagement, requests);
      CHECK(std::ranges::count_if(told, is_id) == 4);
      CHECK(distinct(told) == 8);  // each is told the first time and again
      CHECK(engagement.count(count_actions) == 4);
      CHECK(engagement.count(sum_of_counts) == 4);
      CHECK(engagement.count(count_keys) == 1);
      // And so they stay when they come once more, in another order.
      std::ranges::reverse(requests);
      const auto again = record_all(engagement, requests);
      CHECK(std::ranges::none_of(again, is_id));
      CHECK(engagement.count(count_actions) == 4);
    });
  }

  TEST_CASE("values with objects are equal in whatever order their members stand") {
    with_people(1, [](TestEngagement& engagement) {
      const Instant at = engagement.jobs.clock.now() - minutes(1);
      AtOnce first{.input = view_of("c-0", 0, at)};
      first.input.value = json::array({json::object({{"a", 1}, {"b", 2}})});
      AtOnce second = first;
      second.input.value = json::array({json::object({{"b", 2}, {"a", 1}})});
      AtOnce third = first;
      third.input.value = json::array({json::object({{"b", 2}, {"a", 3}})});
      const std::vector<AtOnce> requests{first, second, third};
      const auto told = record_all(engagement, requests);
      CHECK(told[1] == told[0] + " again");
      CHECK(is_id(told[2]));
      // No value, and the value null, are two.
      AtOnce none{.input = view_of("c-0", 0, at)};
      none.input.value = std::nullopt;
      AtOnce null = none;
      null.input.value = json::Value();
      CHECK(std::ranges::all_of(record_all(engagement, std::vector{none, null}), is_id));
      CHECK(std::ranges::none_of(record_all(engagement, std::vector{none, null}), is_id));
    });
  }

  TEST_CASE("another account's people are unknown, also in the same turn") {
    with_people(1, [](TestEngagement& engagement) {
      const tenancy::TenantScope other{.account = AccountId(engagement.jobs.ids.next())};
      runtime::Semaphore done(0);
      std::vector<std::string> told(8);
      for (std::size_t i = 0; i < told.size(); ++i) {
        runtime::EventLoop::current()->spawn("request", [&, i] {
          const ActionInput input = view_of("c-0", static_cast<std::int64_t>(i));
          auto recorded = engagement.actions.record(i % 2 == 0 ? engagement.scope : other, input,
                                                    engagement.asking(), "", "");
          told[i] = recorded ? "recorded" : std::string(recorded.error().code().name);
          if (recorded) recorded->reply.settle(true);
          done.release();
        });
      }
      for (std::size_t i = 0; i < told.size(); ++i) done.acquire();
      for (std::size_t i = 0; i < told.size(); ++i)
        CHECK(told[i] == (i % 2 == 0 ? "recorded" : "contact_not_found"));
    });
  }

  TEST_CASE("many lost replies are found again, each by its own repetition") {
    with_people(5, [](TestEngagement& engagement) {
      std::vector<AtOnce> requests;
      std::vector<std::string> lost;
      for (std::int64_t i = 0; i < 5; ++i) {
        requests.push_back({.input = view_of("c-" + std::to_string(i), 1)});
        auto recorded = engagement.actions.record(engagement.scope, requests.back().input,
                                                  {.received_at = engagement.jobs.clock.now()}, "", "");
        REQUIRE(recorded);
        lost.push_back(recorded->id.text() + " again");
      }
      engagement.jobs.clock.advance(seconds(1));
      CHECK(record_all(engagement, requests) == lost);
      CHECK(std::ranges::all_of(record_all(engagement, requests), is_id));
      CHECK(engagement.count(count_actions) == 10);
    });
  }
}
