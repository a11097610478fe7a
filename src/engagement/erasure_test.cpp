#include <doctest/doctest.h>

#include "base/json/parse.hpp"
#include "engagement/engagement_testing.hpp"
#include "runtime/semaphore.hpp"

using namespace trunkline;
using namespace trunkline::engagement;

namespace {

const db::Statement actions_of_nobody{"test.actions_of_nobody", R"sql(
  SELECT count(*) FROM actions a WHERE NOT EXISTS (
    SELECT 1 FROM contacts c WHERE c.account_id = a.account_id AND c.id = a.contact_id))sql"};

const db::Statement left_of_person{"test.left_of_person", R"sql(
  SELECT (SELECT count(*) FROM contacts) + (SELECT count(*) FROM contact_phones)
       + (SELECT count(*) FROM contact_properties) + (SELECT count(*) FROM actions)
       + (SELECT count(*) FROM action_counts) + (SELECT count(*) FROM owed_replies)
       + (SELECT count(*) FROM engagement_keys) + (SELECT count(*) FROM contact_merges)
       + (SELECT count(*) FROM call_entries) + (SELECT count(*) FROM call_idempotency)
       + (SELECT count(*) FROM calls WHERE to_number <> '' OR task <> '' OR summary IS NOT NULL))sql"};
const db::Statement webhooks_left{"test.webhooks_left",
                                  "SELECT count(*) FROM webhook_messages WHERE event <> 'contact.deleted'"};
const db::Statement billed{"test.billed",
                           "SELECT CAST(coalesce(sum(amount), 0) AS bigint) FROM usage_entries"};

json::Value body(std::string_view text) {
  return *json::parse(text);
}

const json::Value canary = body(
    R"({"customer_id":"canary","name":"Canary","email":"canary@example.com","phone":"+12025550101",
        "properties":{"note":"canary"}})");

void hang_up(TestEngagement& engagement, CallId call) {
  REQUIRE(engagement.calls.report(call, 4, carriers::EventKind::hung_up,
                                  {.cause = carriers::HangupCause::callee_hung_up}));
  engagement.jobs.settle();
}

CallId talk(TestEngagement& engagement) {
  const CallId call = engagement.calls.place({.task = "Ask Canary about the order."});
  engagement.calls.connect(call);
  REQUIRE(engagement.calls.report(call, 3, carriers::EventKind::speech, {.text = "Canary speaking."}));
  engagement.jobs.settle();
  return call;
}

void run_erasures(TestEngagement& engagement) {
  engagement.jobs.advance(minutes(3));
  engagement.jobs.settle();
}

}  // namespace

TEST_SUITE("erasure [db], control C17") {
  TEST_CASE("an erasure amid batches and actions of the person leaves nothing of nobody") {
    with_engagement([](TestEngagement& engagement) {
      const ActionInput action{.customer_id = "c-1", .name = "page_view", .value = 1};
      for (int round = 0; round < 10; ++round) {
        REQUIRE(engagement.add(json::object({{"customer_id", "c-1"}})) == "created");
        runtime::Semaphore done(0);
        for (int each = 0; each < 6; ++each) {
          runtime::EventLoop::current()->spawn("batch", [&, each] {
            const std::vector<BatchItem> items(50, BatchItem{action});
            if (each % 2 == 0) {
              CHECK(engagement.batches.run(engagement.scope, items, engagement.asking(), "", ""));
            } else {
              auto recorded =
                  engagement.actions.record(engagement.scope, action, engagement.asking(), "", "");
              if (recorded) recorded->reply.settle(true);
            }
            done.release();
          });
        }
        runtime::EventLoop::current()->spawn("erasure", [&] {
          CHECK(engagement.erasure.erase(engagement.scope, "c-1", engagement.asking()));
          done.release();
        });
        for (int each = 0; each < 7; ++each) done.acquire();
        CHECK(engagement.count(actions_of_nobody) == 0);
        engagement.jobs.clock.advance(replay_window);
      }
    });
  }

  TEST_CASE("the person goes from everywhere, what was billed stays, a receipt tells") {
    with_engagement([](TestEngagement& engagement) {
      engagement.put(canary);
      engagement.act(body(R"({"customer_id":"canary","action_name":"canary_action"})"));
      engagement.act(body(R"({"customer_id":"canary","action_name":"x"})"), true, "canary-key");
      const CallId call = talk(engagement);
      hang_up(engagement, call);
      REQUIRE(engagement.calls.entries(call).size() > 1);
      const std::int64_t before = engagement.count(billed);
      CHECK(before > 0);

      engagement.erase("canary");
      CHECK(engagement.count(left_of_person) == 0);
      CHECK(engagement.count(webhooks_left) == 0);
      CHECK(engagement.count(billed) == before);
      run_erasures(engagement);
      const auto receipt = engagement.erasure.find_receipt(engagement.scope, "canary");
      REQUIRE(receipt);
      CHECK(receipt->completed_at);
      CHECK(receipt->contacts == 1);
      CHECK(receipt->actions == 2);
      CHECK(receipt->calls == 1);
      CHECK(receipt->calls_pending == 0);
      CHECK(receipt->transcript_entries > 1);
      CHECK(receipt->webhooks > 1);
    });
  }

  TEST_CASE("a call under way is erased when it has ended, with what its end would have told") {
    with_engagement([](TestEngagement& engagement) {
      engagement.put(canary);
      const CallId call = talk(engagement);
      engagement.erase("canary");
      engagement.jobs.settle();
      CHECK(engagement.erasure.find_receipt(engagement.scope, "canary")->calls_pending == 1);
      CHECK(engagement.calls.call(call).state.status == calls::Status::in_progress);
      hang_up(engagement, call);
      run_erasures(engagement);
      CHECK(engagement.count(left_of_person) == 0);
      CHECK(engagement.count(webhooks_left) == 0);
      const auto receipt = engagement.erasure.find_receipt(engagement.scope, "canary");
      CHECK(receipt->calls == 1);
      CHECK(receipt->completed_at);
    });
  }

  TEST_CASE("deleting again gives the first answer within the window, then there is nobody") {
    with_engagement([](TestEngagement& engagement) {
      CHECK(engagement.erase("canary") == "contact_not_found");
      engagement.put(canary);
      const std::string first = engagement.erase("canary");
      engagement.jobs.clock.advance(minutes(1));
      CHECK(engagement.erase("canary") == first);
      engagement.jobs.clock.advance(replay_window);
      CHECK(engagement.erase("canary") == "contact_not_found");
    });
  }

  TEST_CASE("no import brings an erased person back, by id, address or number; a registration does, afresh") {
    with_engagement([](TestEngagement& engagement) {
      engagement.put(canary);
      engagement.erase("canary");
      const auto outcome = [&](std::string_view text) {
        const BatchItem item = BatchItem::read(body(text), engagement.jobs.clock.now());
        const auto result =
            engagement.batches.run(engagement.scope, std::span(&item, 1), engagement.asking(), "", "");
        return static_cast<char>(result->items.front().outcome);
      };
      CHECK(outcome(R"({"customer_id":"canary"})") == 'e');
      CHECK(outcome(R"({"customer_id":"other","email":"CANARY@example.com"})") == 'e');
      CHECK(outcome(R"({"customer_id":"other","phone":"+1 (202) 555-0101"})") == 'e');
      CHECK(outcome(R"({"customer_id":"other"})") == 'c');
      CHECK(engagement.put(canary) == "created");
      CHECK(outcome(R"({"customer_id":"canary"})") == 'u');
      CHECK(engagement.timeline("canary").empty());
    });
  }
}

TEST_SUITE("merges [db]") {
  TEST_CASE("two become one and two again, with everything where it was") {
    with_engagement([](TestEngagement& engagement) {
      engagement.put(body(R"({"customer_id":"a","name":"Ann","properties":{"plan":"pro"}})"));
      engagement.put(body(R"({"customer_id":"b","name":"Annie","email":"b@example.com","phone":"+12025550101",
                              "properties":{"plan":"free","city":"York"}})"));
      engagement.act(body(R"({"customer_id":"a","action_name":"of_a","timestamp":"2026-03-01T10:00:00Z"})"));
      engagement.act(body(R"({"customer_id":"b","action_name":"of_b","timestamp":"2026-03-01T11:00:00Z"})"));
      const auto merge = engagement.merges.merge(engagement.scope, "a", "b");
      REQUIRE(merge);
      CHECK(engagement.timeline("a") == std::vector<std::string>{"of_b", "of_a"});
      CHECK(engagement.timeline("b") == engagement.timeline("a"));
      const auto one = engagement.contacts.find(engagement.scope, "b");
      CHECK(one->customer_id == "a");
      CHECK(one->name == "Ann");
      CHECK(one->email == "b@example.com");
      CHECK(json::Value(one->properties) == json::object({{"plan", "pro"}, {"city", "York"}}));
      CHECK(engagement.contacts.list(engagement.scope, {})->contacts.size() == 1);
      CHECK(engagement.contacts.list(engagement.scope, {.phone = "+12025550101"})
                ->contacts.front()
                .customer_id == "a");
      CHECK(engagement.merges.merge(engagement.scope, "b", "a").error().code() ==
            trunkline::engagement::error_codes::merge_refused);
      engagement.act(body(R"({"customer_id":"b","action_name":"later","timestamp":"2026-03-01T12:00:00Z"})"));

      REQUIRE(engagement.merges.undo(engagement.scope, "a", merge->id));
      CHECK(engagement.merges.undo(engagement.scope, "a", merge->id)->undone_at.has_value());
      CHECK(engagement.timeline("a") == std::vector<std::string>{"of_a"});
      CHECK(engagement.timeline("b") == std::vector<std::string>{"later", "of_b"});
      CHECK(json::Value(engagement.contacts.find(engagement.scope, "a")->properties) ==
            json::object({{"plan", "pro"}}));
      CHECK(engagement.contacts.find(engagement.scope, "a")->email.empty());
      CHECK(engagement.contacts.find(engagement.scope, "b")->name == "Annie");
    });
  }

  TEST_CASE("merges are undone last first, and deleting one id erases the whole person") {
    with_engagement([](TestEngagement& engagement) {
      for (const char* id : {"a", "b", "c"}) engagement.put(json::object({{"customer_id", id}}));
      const auto first = engagement.merges.merge(engagement.scope, "b", "c");
      const auto second = engagement.merges.merge(engagement.scope, "a", "b");
      CHECK(engagement.contacts.find(engagement.scope, "c")->customer_id == "a");
      CHECK(engagement.merges.undo(engagement.scope, "c", first->id).error().code() ==
            trunkline::engagement::error_codes::merge_refused);
      REQUIRE(engagement.merges.undo(engagement.scope, "a", second->id));
      CHECK(engagement.contacts.find(engagement.scope, "c")->customer_id == "b");
      engagement.erase("c");
      CHECK(engagement.contacts.find(engagement.scope, "b").error().code() ==
            trunkline::engagement::error_codes::contact_not_found);
      CHECK(engagement.contacts.find(engagement.scope, "a"));
    });
  }
}

TEST_SUITE("batches [db]") {
  TEST_CASE("each item has its own result; a repetition by key gives the same and does nothing") {
    with_engagement([](TestEngagement& engagement) {
      std::vector<BatchItem> items;
      for (const char* text : {R"({"customer_id":"a"})", R"({"customer_id":"a","action_name":"x"})",
                               R"({"customer_id":"nobody","action_name":"x"})", R"({"customer_id":"a/b"})",
                               R"({"customer_id":"a","name":"Ann"})", R"({"type":"what"})"}) {
        items.push_back(BatchItem::read(body(text), engagement.jobs.clock.now()));
      }
      const auto run = [&](std::string_view key, std::string_view request) {
        return engagement.batches.run(engagement.scope, items, engagement.asking(), key, request);
      };
      const auto letters = [](const Result<BatchResult>& result) {
        std::string all;
        for (const ItemResult& item : result->items) all += static_cast<char>(item.outcome);
        return all;
      };
      const auto first = run("batch-1", "body");
      CHECK(letters(first) == "crniui");
      const auto again = run("batch-1", "body");
      CHECK(again->replayed);
      CHECK(letters(again) == "crniui");
      CHECK(again->items[1].action == first->items[1].action);
      CHECK(again->items[2].error->code() == trunkline::engagement::error_codes::contact_not_found);
      CHECK(engagement.timeline("a") == std::vector<std::string>{"x"});
      CHECK(run("batch-1", "other").error().code() == trunkline::engagement::error_codes::key_reused);
      CHECK(letters(run("", "body")) == "urniui");
    });
  }
}
