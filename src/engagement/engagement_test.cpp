#include <doctest/doctest.h>

#include "base/json/parse.hpp"
#include "engagement/engagement_testing.hpp"

using namespace trunkline;
using namespace trunkline::engagement;

namespace {

const db::Statement count_actions{"test.actions", "SELECT count(*) FROM actions"};
const db::Statement sum_of_counts{"test.action_counts",
                                  "SELECT CAST(coalesce(sum(count), 0) AS bigint) FROM action_counts"};

json::Value body(std::string_view text) {
  return *json::parse(text);
}

const json::Value ann = body(R"({"customer_id":"c-204","name":"Ann","properties":{"plan":"pro","seats":5}})");
const json::Value view = body(R"({"customer_id":"c-204","action_name":"page_view"})");
const json::Value purchase = body(
    R"({"customer_id":"c-204","action_name":"purchase","action_value":99.99,"timestamp":"2026-03-01T10:00:00Z"})");

}  // namespace

TEST_SUITE("contacts [db], engagement-api.md sections 2, 3, 6 and 9") {
  TEST_CASE("registering twice is a duplicate, unless it is the same request within the window") {
    with_engagement([](TestEngagement& engagement) {
      CHECK(engagement.add(ann) == "created");
      engagement.jobs.clock.advance(seconds(1));
      CHECK(engagement.add(ann) == "created again");
      CHECK(engagement.add(body(R"({"customer_id":"c-204"})")) == "contact_exists");
      CHECK(engagement.add(body(R"({"customer_id":"C-204"})")) == "created");
      engagement.jobs.clock.advance(replay_window);
      CHECK(engagement.add(ann) == "contact_exists");
    });
  }

  TEST_CASE("a put creates once; its repetition says so again; another one updates and merges") {
    with_engagement([](TestEngagement& engagement) {
      CHECK(engagement.put(ann) == "created");
      engagement.jobs.clock.advance(seconds(1));
      CHECK(engagement.put(ann) == "created again");
      CHECK(engagement.put(body(R"({"customer_id":"c-204","properties":{"plan":null,"city":"York"}})")) ==
            "updated");
      const auto contact = engagement.contacts.find(engagement.scope, "c-204");
      CHECK(contact->name == "Ann");
      CHECK(json::Value(contact->properties) == json::object({{"seats", 5}, {"city", "York"}}));
      engagement.jobs.clock.advance(replay_window);
      CHECK(engagement.put(ann) == "updated");
    });
  }

  TEST_CASE(
      "of two equal puts under way at once exactly one created; a lost first reply makes it a repetition") {
    with_engagement([](TestEngagement& engagement) {
      const auto input = *read_contact(ann);
      const Asking together = engagement.asking();
      auto first = engagement.contacts.put(engagement.scope, input, "x", together);
      REQUIRE(first);
      CHECK(first->created);
      engagement.jobs.clock.advance(milliseconds(2));
      const auto second = engagement.contacts.put(engagement.scope, input, "x", together);
      CHECK(!second->created);
      first->reply.settle(false);
      const auto third = engagement.contacts.put(engagement.scope, input, "x", together);
      CHECK(third->created);
      CHECK(third->at == first->at);
    });
  }

  TEST_CASE("contacts are found by id, e-mail, number and property, page by page, and by nobody else") {
    with_engagement([](TestEngagement& engagement) {
      for (int i = 0; i < 7; ++i) {
        const std::string n = std::to_string(i);
        engagement.jobs.clock.advance(milliseconds(1));
        CHECK(engagement.put(json::object(
                  {{"customer_id", "c-" + n},
                   {"email", "Person" + n + "@Example.com"},
                   {"phone", "+1 202-555-010" + n},
                   {"properties", json::object({{"team", i % 2 == 0 ? "a" : "b"}})}})) == "created");
      }
      const auto ids = [&](const ContactFilter& filter) {
        std::string found;
        const auto page = engagement.contacts.list(engagement.scope, filter);
        for (const Contact& contact : page->contacts) found += contact.customer_id + " ";
        return found + (page->next ? "…" : "");
      };
      CHECK(ids({.customer_id = "c-3"}) == "c-3 ");
      CHECK(ids({.email = "person4@example.com"}) == "c-4 ");
      CHECK(ids({.phone = "+12025550105"}) == "c-5 ");
      CHECK(ids({.property = std::pair("team", json::Value("b"))}) == "c-5 c-3 c-1 ");
      CHECK(ids({.email = "person4@example.com", .property = std::pair("team", json::Value("b"))}) == "");
      CHECK(ids({.limit = 3}) == "c-6 c-5 c-4 …");
      const auto first = engagement.contacts.list(engagement.scope, {.limit = 3});
      CHECK(ids({.before = first->next, .limit = 4}) == "c-3 c-2 c-1 c-0 ");
      const tenancy::TenantScope other{.account = AccountId(engagement.jobs.ids.next())};
      CHECK(engagement.contacts.list(other, {})->contacts.empty());
      CHECK(engagement.contacts.find(other, "c-3").error().code() ==
            trunkline::engagement::error_codes::contact_not_found);
    });
  }

  TEST_CASE("a number given up belongs to the one who gave it up for its time only") {
    with_engagement([](TestEngagement& engagement) {
      engagement.put(body(R"({"customer_id":"c-1","phone":"+12025550101"})"));
      engagement.jobs.clock.advance(seconds(1));
      engagement.put(body(R"({"customer_id":"c-1","phone":"+12025550102"})"));
      const auto contact = engagement.contacts.find(engagement.scope, "c-1");
      const auto phones = store::phones(*engagement.jobs.database, engagement.scope, contact->id);
      REQUIRE(phones->size() == 2);
      CHECK(phones->front().until == engagement.jobs.clock.now());
      CHECK(!phones->back().until);
      CHECK(engagement.contacts.list(engagement.scope, {.phone = "+12025550101"})->contacts.empty());
    });
  }
}

TEST_SUITE("actions [db], engagement-api.md sections 4, 6 and 9") {
  TEST_CASE("an action of nobody is refused and creates nobody") {
    with_engagement([](TestEngagement& engagement) {
      CHECK(engagement.act(view) == "contact_not_found");
      CHECK(engagement.contacts.list(engagement.scope, {})->contacts.empty());
    });
  }

  TEST_CASE(
      "with its own time an equal action is a repetition for as long as the window, from the same key") {
    with_engagement([](TestEngagement& engagement) {
      engagement.put(ann);
      const std::string first = engagement.act(purchase);
      engagement.jobs.clock.advance(minutes(1));
      CHECK(engagement.act(purchase) == first);
      json::Value dearer = purchase;
      dearer.as_object()->set("action_value", 100);
      CHECK(engagement.act(dearer) != first);
      engagement.credential = engagement.jobs.ids.next();
      CHECK(engagement.act(purchase) != first);
      engagement.jobs.clock.advance(replay_window + seconds(1));
      CHECK(engagement.act(purchase) != first);
      CHECK(engagement.count(count_actions) == 4);
      CHECK(engagement.count(sum_of_counts) == 4);
    });
  }

  TEST_CASE("without a time equal actions are two, unless the first one's reply did not arrive") {
    with_engagement([](TestEngagement& engagement) {
      engagement.put(ann);
      const std::string first = engagement.act(view);
      const std::string second = engagement.act(view);
      CHECK(second != first);
      const std::string third = engagement.act(view, false);
      engagement.jobs.clock.advance(seconds(1));
      CHECK(engagement.act(view) == third);
      CHECK(engagement.act(view) != third);
      CHECK(engagement.count(count_actions) == 4);
      CHECK(engagement.notes_left() == 0);
    });
  }

  TEST_CASE("when the server stops no note of a delivered reply stays, and none is being deleted") {
    with_engagement([](TestEngagement& engagement) {
      engagement.put(ann);
      runtime::Semaphore acted(0);
      for (int each = 0; each < 3; ++each) {
        runtime::EventLoop::current()->spawn("client", [&, each] {
          runtime::sleep_for(milliseconds(20) * each);
          engagement.act(view);
          acted.release();
        });
      }
      for (int each = 0; each < 3; ++each) acted.acquire();
      CHECK(engagement.notes_left() == 0);
    });
  }

  TEST_CASE("after a crash the last reply counts as lost, and its repetition is none of its own") {
    with_engagement([](TestEngagement& engagement) {
      engagement.put(ann);
      const auto input = read_action(view, engagement.jobs.clock.now());
      auto recorded = engagement.actions.record(engagement.scope, *input, engagement.asking(), "", "");
      const std::string first = recorded->id.text();
      recorded->reply = {};
      // Another process: it knows the note and nothing else.
      ReplyMemory fresh(*engagement.jobs.database, engagement.jobs.clock);
      Actions restarted({*engagement.jobs.database, engagement.groups, engagement.calls.messages, fresh,
                         engagement.jobs.ids, engagement.jobs.clock});
      engagement.jobs.clock.advance(seconds(1));
      auto again = restarted.record(engagement.scope, *input, engagement.asking(), "", "");
      CHECK(again->id.text() == first);
      CHECK(again->replayed);
      again->reply.settle(true);
      CHECK(restarted.record(engagement.scope, *input, engagement.asking(), "", "")->id.text() != first);
      engagement.jobs.clock.advance(note_memory + seconds(1));
      CHECK(fresh.settle());
      CHECK(*fresh.forget_old_notes() == 1);
    });
  }

  TEST_CASE("an Idempotency-Key tells repetitions; with another body it is refused") {
    with_engagement([](TestEngagement& engagement) {
      engagement.put(ann);
      const std::string first = engagement.act(view, true, "key-1");
      CHECK(engagement.act(view, true, "key-1") == first);
      CHECK(engagement.act(view, true, "key-2") != first);
      CHECK(engagement.act(purchase, true, "key-1") == "idempotency_key_reused");
      engagement.jobs.clock.advance(key_memory);
      CHECK(engagement.act(purchase, true, "key-1") != first);
    });
  }

  TEST_CASE("counts are by name and day of the event") {
    with_engagement([](TestEngagement& engagement) {
      engagement.put(ann);
      engagement.act(purchase);
      engagement.act(view);
      engagement.act(view);
      const auto counts = engagement.actions.counts(engagement.scope, *parse_instant("2026-03-01"),
                                                    *parse_instant("2026-03-02"), "");
      REQUIRE(counts->size() == 2);
      CHECK(counts->front().name == "purchase");
      CHECK(counts->front().count == 1);
      CHECK(counts->back().day - counts->front().day == 1);
      CHECK(counts->back().count == 2);
      CHECK(engagement.actions
                .counts(engagement.scope, *parse_instant("2026-03-01"), *parse_instant("2026-03-02"), "view")
                ->empty());
    });
  }
}

TEST_SUITE("timelines [db]") {
  TEST_CASE("actions and calls stand in one order, and pages of any size make up the whole") {
    with_engagement([](TestEngagement& engagement) {
      engagement.put(body(R"({"customer_id":"c-204","phone":"+12025550101"})"));
      engagement.act(view);
      engagement.jobs.clock.advance(minutes(1));
      engagement.calls.place();
      engagement.jobs.clock.advance(minutes(1));
      engagement.act(purchase);
      engagement.act(body(R"({"customer_id":"c-204","action_name":"signed_in"})"));
      engagement.jobs.clock.advance(minutes(1));
      engagement.calls.place();
      engagement.calls.place({.to = *PhoneNumber::parse_e164("+12025550109")});
      const std::vector<std::string> whole{"call", "signed_in", "call", "page_view", "purchase"};
      for (const std::int64_t page : {1, 2, 3, 5, 200}) {
        CAPTURE(page);
        CHECK(engagement.timeline("c-204", page) == whole);
      }
    });
  }

  TEST_CASE("a call with an unknown number creates a contact where the project wants it") {
    with_engagement([](TestEngagement& engagement) {
      engagement.calls.calls.set_observer(engagement.call_contacts);
      const tenancy::TenantScope project = engagement.calls.scope;
      engagement.calls.place();
      CHECK(engagement.timeline("+12025550101") == std::vector<std::string>{"contact_not_found"});
      REQUIRE(engagement.call_contacts.set_settings(project, {.create_contacts = true}));
      engagement.calls.place();
      CHECK(engagement.timeline("+12025550101") == std::vector<std::string>{"call", "call"});
      engagement.calls.place();
      CHECK(engagement.contacts.list(engagement.scope, {})->contacts.size() == 1);
      engagement.erase("+12025550101");
      engagement.calls.place();
      CHECK(engagement.timeline("+12025550101") == std::vector<std::string>{"contact_not_found"});
    });
  }
}
