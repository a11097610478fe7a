#include "warehouse/retell/client.hpp"

#include <doctest/doctest.h>

#include "base/json/write.hpp"
#include "fakes/retell/fake_retell.hpp"
#include "warehouse/http/client_testing.hpp"

using namespace trunkline;
using namespace trunkline::warehouse;
using namespace trunkline::warehouse::testing;
using fakes::FakeRetell;
using fakes::FakeRetellOptions;
using fakes::FaultKind;
using net::testing::code_of;

namespace {

struct World : FakeYear<FakeRetell, FakeRetellOptions> {
  explicit World(std::int64_t calls = 500) : FakeYear(calls) {}

  template <class Body>
  void run(Body body, const std::function<void(ProviderAccount&)>& change = {}) {
    run_as({.provider = "retell", .key = Secret("key_fake_0123456789abcdef"), .default_region = "AU"},
           retell::make_client, std::move(body), change);
  }
};

}  // namespace

TEST_SUITE("retell client") {
  TEST_CASE("a year of calls, charges and recordings is the provider's truth, to the last digit") {
    World world(2500);
    world.run([&](Provider& client) {
      const Result<FeedRead> read = read_feed(client, "calls", whole_year, world.watch);
      REQUIRE(read);
      CHECK(read->proofs.size() == 3);
      CHECK(read->proofs.back().end == "has_more false");
      std::map<std::string, const CallRow*> found;
      for (const CallRow& call : read->rows.calls) found[call.external_call_id] = &call;
      std::size_t expected = 0;
      world.fake->truth().each_call(year_begin, year_end, [&](const fakes::TrueCall& call) {
        ++expected;
        CAPTURE(call.external_call_id);
        REQUIRE(found.contains(call.external_call_id));
        const CallRow& row = *found[call.external_call_id];
        CHECK(row.from_number == call.from_number);
        CHECK(row.to_number == call.to_number);
        CHECK((row.direction ? shown(row.direction) : std::string()) == call.direction.value_or(""));
        CHECK(row.started_at == call.started_at);
        CHECK(row.ended_at == call.ended_at);
        CHECK(row.duration_seconds == call.duration_seconds);
        CHECK(row.billable_seconds == call.billable_seconds);
        CHECK(to_text(row.status) == call.status);
        CHECK(row.disposition == call.disposition);
        CHECK(row.cost == call.cost);
        CHECK(row.has_recording == call.has_recording);
        CHECK(row.is_settled);
      });
      CHECK(found.size() == expected);
      std::map<std::string, Decimal> charges;
      for (const ChargeRow& charge : read->rows.charges) charges[charge.external_charge_id] = *charge.amount;
      std::size_t charges_expected = 0;
      world.fake->truth().each_charge(year_begin, year_end, [&](const fakes::TrueCharge& charge) {
        ++charges_expected;
        CHECK(charges[charge.external_charge_id].to_text() == charge.amount.to_text());
      });
      CHECK(charges.size() == charges_expected);
      std::size_t recordings_expected = 0;
      world.fake->truth().each_recording(year_begin, year_end,
                                         [&](const fakes::TrueRecording&) { ++recordings_expected; });
      CHECK(read->rows.recordings.size() == recordings_expected);
    });
  }

  TEST_CASE("a call is read in full, and is gone when it was deleted") {
    World world;
    world.run([&](Provider& client) {
      const Result<RowSet> rows = client.fetch_call(world.fake->truth().call(0).id, world.watch);
      REQUIRE(rows);
      CHECK(rows->calls.front().transcript ==
            "Agent: Good morning, you have reached us.\nUser: Guten Tag, haben Sie geöffnet?\n");
      CHECK(rows->calls.front().revision.standing == Standing::detail);
      CHECK(code_of(client.fetch_call("call_none", world.watch)) == "provider_gone");
    });
  }

  TEST_CASE("a call's life: live, over without its cost, settled") {
    World world;
    const fakes::retell::Call call = world.fake->truth().call(0);
    world.run([&](Provider& client) {
      const auto read = [&] { return client.fetch_call(call.id, world.watch)->calls.front(); };
      world.clock.set(call.start - seconds(1));
      CHECK(code_of(client.fetch_call(call.id, world.watch)) == "provider_gone");
      world.clock.set(call.start + milliseconds(100));
      CHECK(read().status == CallStatus::in_progress);
      world.clock.set(call.end);
      CHECK(read().status == CallStatus::completed);
      CHECK_FALSE(read().is_settled);
      world.clock.set(call.end + hours(1));
      CHECK(read().is_settled);
    });
  }

  TEST_CASE("faults are survived: the same rows come in the end") {
    World world(3000);
    world.run([&](Provider& client) {
      const Result<FeedRead> calm = read_feed(client, "calls", whole_year, world.watch);
      std::int64_t skip = 0;
      for (const FaultKind kind : {FaultKind::rate_limited, FaultKind::server_error, FaultKind::truncated,
                                   FaultKind::malformed, FaultKind::not_json, FaultKind::bad_gateway})
        world.fake->server().faults().add({.kind = kind, .skip = 2 * skip++, .times = 1});
      world.fake->server().faults().add({.kind = FaultKind::duplicates});
      std::set<std::string> stormy;
      for (int round = 0; round < 2; ++round) {
        const Result<FeedRead> read = read_feed(client, "calls", whole_year, world.watch);
        REQUIRE(read);
        stormy.merge(ids_of(read->rows.calls));
      }
      CHECK(stormy == ids_of(calm->rows.calls));
      CHECK(world.watch.retries >= 4);
    });
  }

  TEST_CASE("a list that leads in a circle is noticed") {
    World world(1500);
    world.run([&](Provider& client) {
      world.fake->server().faults().add({.kind = FaultKind::cursor_loop, .skip = 1});
      CHECK(code_of(read_feed(client, "calls", whole_year, world.watch)) == "provider_inconsistent");
    });
  }

  TEST_CASE("the listings bring numbers, agents that speak, models, voices and concurrency") {
    World world(10);
    world.run([&](Provider& client) {
      CHECK(read_feed(client, "phone_numbers", {}, world.watch)->rows.phone_numbers.size() == 2);
      const Result<FeedRead> agents = read_feed(client, "agents", {}, world.watch);
      REQUIRE(agents);
      CHECK(agents->rows.agents.size() == 2);
      CHECK(std::ranges::count(agents->rows.resources, std::string("agent_webhook"), &ResourceRow::kind) ==
            1);
      const Result<FeedRead> models = read_feed(client, "llms", {}, world.watch);
      REQUIRE(models);
      CHECK(json::write(models->rows.resources.front().data).find("not-a-real-key") == std::string::npos);
      CHECK(read_feed(client, "voices", {}, world.watch)->rows.resources.size() == 2);
      CHECK(read_feed(client, "concurrency", {}, world.watch)->rows.resources.size() == 1);
    });
  }

  TEST_CASE("every command works or says what to use instead") {
    World world(10);
    world.run([&](Provider& client) {
      for (const OnDemandCommand& command : client.commands()) {
        CAPTURE(command.name);
        std::map<std::string, std::string> arguments;
        for (const std::string& name : command.arguments) arguments[name] = "+61255501234";
        if (arguments.contains("agent_id")) arguments["agent_id"] = "agent_7f3a9c2e1b4d5f60718293a4b5";
        if (arguments.contains("call_id")) arguments["call_id"] = world.fake->truth().call(1).id;
        const Result<json::Value> answer = client.run(command.name, arguments, world.watch);
        CHECK(code_of(answer) == (command.instead.empty() ? "" : "not_offered"));
      }
    });
  }

  TEST_CASE("a wrong key is refused, and a call is never placed twice") {
    World world(10);
    world.run([&](Provider& client) { CHECK(code_of(client.check(world.watch)) == "provider_denied"); },
              [](ProviderAccount& account) { account.key = Secret("wrong"); });
    world.run([&](Provider& client) {
      CHECK(client.check(world.watch));
      world.watch.requests = 0;
      world.fake->server().faults().add({.kind = FaultKind::server_error});
      CHECK_FALSE(client.run("call_create", {{"from_number", "+12025550142"}, {"to_number", "+12025550143"}},
                             world.watch));
      CHECK(world.watch.requests == 1);
    });
  }

  TEST_CASE("the webhooks of the year are genuine and tell the same calls") {
    World world(50);
    world.run([&](Provider& client) {
      std::set<std::string> calls;
      for (const fakes::SignedHook& hook : world.fake->webhooks(year_begin, year_end)) {
        WebhookDelivery delivery{.body = hook.body, .received_at = world.clock.now()};
        for (const auto& [name, value] : hook.headers) delivery.headers.emplace_back(name, value);
        const Result<WebhookEvent> event = client.read_webhook(delivery);
        REQUIRE(event);
        calls.merge(ids_of(event->rows.calls));
      }
      CHECK(calls.size() == 50);
    });
  }
}
