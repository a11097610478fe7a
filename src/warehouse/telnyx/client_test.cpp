#include "warehouse/telnyx/client.hpp"

#include <doctest/doctest.h>

#include "fakes/telnyx/fake_telnyx.hpp"
#include "warehouse/http/client_testing.hpp"
#include "warehouse/telnyx/feeds.hpp"

using namespace trunkline;
using namespace trunkline::warehouse;
using namespace trunkline::warehouse::testing;
using fakes::FakeTelnyx;
using fakes::FakeTelnyxOptions;
using fakes::FaultKind;
using net::testing::code_of;

namespace {

struct World : FakeYear<FakeTelnyx, FakeTelnyxOptions> {
  explicit World(std::int64_t calls = 400) : FakeYear(calls) {}

  // With a client that has all feeds on.
  template <class Body>
  void run(Body body, const std::function<void(ProviderAccount&)>& change = {}) {
    ProviderAccount account{.provider = "telnyx",
                            .key = Secret("KEYfake0123456789"),
                            .public_key = fake->public_key(),
                            .default_region = "AU"};
    for (const telnyx::FeedSource& source : telnyx::feed_sources()) account.feeds_on.emplace(source.name);
    run_as(std::move(account), telnyx::make_client, std::move(body), change);
  }
};

void check_same(const CallRow& row, const fakes::TrueCall& call) {
  CAPTURE(row.external_call_id);
  CHECK(row.session_id == call.session_id);
  CHECK(row.from_number == call.from_number);
  CHECK(row.to_number == call.to_number);
  CHECK(shown(row.direction) == call.direction);
  CHECK(row.started_at == call.started_at);
  CHECK(row.answered_at == call.answered_at);
  CHECK(row.ended_at == call.ended_at);
  CHECK(row.duration_seconds == call.duration_seconds);
  CHECK(row.billable_seconds == call.billable_seconds);
  CHECK(to_text(row.status) == call.status);
  CHECK(row.disposition == call.disposition);
  CHECK(row.cost == call.cost);
  CHECK(row.currency == call.currency);
}

}  // namespace

TEST_SUITE("telnyx client") {
  TEST_CASE("a year of calls is the provider's truth, to the last digit") {
    World world;
    world.run([&](Provider& client) {
      Result<FeedRead> read = read_feed(client, "sip_trunking", whole_year, world.watch);
      REQUIRE(read);
      std::map<std::string, const CallRow*> found;
      for (const CallRow& call : read->rows.calls) found[call.external_call_id] = &call;
      std::size_t expected = 0;
      world.fake->truth().each_call(year_begin, year_end, [&](const fakes::TrueCall& call) {
        ++expected;
        REQUIRE(found.contains(call.external_call_id));
        check_same(*found[call.external_call_id], call);
      });
      CHECK(found.size() == expected);
      CHECK(read->proofs.front().total == static_cast<std::int64_t>(expected));
      CHECK(read->proofs.back().end == "page 14 of 14");
    });
  }

  TEST_CASE("charges, recordings and messages are the provider's truth") {
    World world;
    world.run([&](Provider& client) {
      std::map<std::string, Decimal> charges;
      for (const char* feed : {"call_control", "amd", "recording_charges"}) {
        const Result<FeedRead> read = read_feed(client, feed, whole_year, world.watch);
        REQUIRE(read);
        for (const ChargeRow& charge : read->rows.charges)
          charges[charge.external_charge_id] = *charge.amount;
      }
      std::size_t expected = 0;
      world.fake->truth().each_charge(year_begin, year_end, [&](const fakes::TrueCharge& charge) {
        ++expected;
        CHECK(charges[charge.external_charge_id] == charge.amount);
      });
      CHECK(charges.size() == expected);

      const Result<FeedRead> recordings =
          read_feed(client, "recordings", {year_begin, year_end + days(1)}, world.watch);
      REQUIRE(recordings);
      std::map<std::string, const RecordingRow*> by_id;
      for (const RecordingRow& row : recordings->rows.recordings) by_id[row.external_recording_id] = &row;
      world.fake->truth().each_recording(year_begin, year_end, [&](const fakes::TrueRecording& recording) {
        REQUIRE(by_id.contains(recording.external_recording_id));
        CHECK(by_id[recording.external_recording_id]->external_call_id == recording.external_call_id);
        CHECK(by_id[recording.external_recording_id]->duration_seconds == recording.duration_seconds);
      });

      const Result<FeedRead> messages = read_feed(client, "messages", whole_year, world.watch);
      REQUIRE(messages);
      std::map<std::string, const MessageRow*> texts;
      for (const MessageRow& row : messages->rows.messages) texts[row.external_message_id] = &row;
      world.fake->truth().each_message(year_begin, year_end, [&](const fakes::TrueMessage& message) {
        REQUIRE(texts.contains(message.external_message_id));
        const MessageRow& row = *texts[message.external_message_id];
        CHECK(row.from_number == message.from_number);
        CHECK(row.to_number == message.to_number);
        CHECK(row.status == message.status);
        CHECK(row.cost == message.cost);
        CHECK(row.sent_at == message.sent_at);
        CHECK(row.delivered_at == message.delivered_at);
      });
    });
  }

  TEST_CASE("forty detail record requests a minute, and no 429") {
    World world(2000);
    world.run([&](Provider& client) {
      const Instant started = world.clock.now();
      REQUIRE(read_feed(client, "sip_trunking", whole_year, world.watch));
      CHECK(world.watch.requests == 70);
      CHECK(world.watch.retries == 0);
      CHECK(world.clock.now() - started >= minutes(1));
    });
  }

  TEST_CASE("rows that push others down while one reads come twice, and none is missing") {
    World world;
    world.run([&](Provider& client) {
      const Result<FeedRead> calm = read_feed(client, "sip_trunking", whole_year, world.watch);
      world.fake->server().faults().add(
          {.kind = FaultKind::shifting, .path = "/v2/detail_records", .times = 6, .rows = 3});
      const Result<FeedRead> moved = read_feed(client, "sip_trunking", whole_year, world.watch);
      REQUIRE(moved);
      // The total that changes tells that the window must be read again; the new rows are at its beginning.
      CHECK(moved->proofs.front().total != moved->proofs.back().total);
      CHECK(moved->rows.calls.size() > ids_of(moved->rows.calls).size());
      const Result<FeedRead> again = read_feed(client, "sip_trunking", whole_year, world.watch);
      CHECK(ids_of(again->rows.calls) == ids_of(calm->rows.calls));
    });
  }

  TEST_CASE("faults are survived: the same rows come in the end") {
    World world;
    world.run([&](Provider& client) {
      const Result<FeedRead> calm = read_feed(client, "sip_trunking", whole_year, world.watch);
      std::int64_t skip = 0;
      for (const FaultKind kind :
           {FaultKind::rate_limited, FaultKind::server_error, FaultKind::bad_gateway, FaultKind::truncated,
            FaultKind::malformed, FaultKind::not_json, FaultKind::cut})
        world.fake->server().faults().add({.kind = kind, .skip = 2 * skip++, .times = 1});
      world.fake->server().faults().add({.kind = FaultKind::odd_types});
      world.fake->server().faults().add({.kind = FaultKind::duplicates});
      const Result<FeedRead> stormy = read_feed(client, "sip_trunking", whole_year, world.watch);
      REQUIRE(stormy);
      CHECK(ids_of(stormy->rows.calls) == ids_of(calm->rows.calls));
      CHECK(stormy->rows.calls.size() > calm->rows.calls.size());
      CHECK(world.watch.retries >= 6);
    });
  }

  TEST_CASE("a cost that comes late is not there at first") {
    World world;
    world.clock.set(year_begin + days(100));
    world.run([&](Provider& client) {
      const Window today{year_begin + days(90), year_begin + days(100)};
      const Result<FeedRead> early = read_feed(client, "sip_trunking", today, world.watch);
      world.clock.advance(hours(2));
      const Result<FeedRead> late = read_feed(client, "sip_trunking", today, world.watch);
      REQUIRE(early);
      REQUIRE(late);
      CHECK(late->rows.calls.size() >= early->rows.calls.size());
      for (const CallRow& call : late->rows.calls) CHECK(call.cost);
    });
  }

  TEST_CASE("the listings bring numbers with prices, and resources without secrets") {
    World world(10);
    world.run([&](Provider& client) {
      const Result<FeedRead> numbers = read_feed(client, "phone_numbers", {}, world.watch);
      REQUIRE(numbers);
      REQUIRE(numbers->rows.phone_numbers.size() == 4);
      CHECK(numbers->rows.phone_numbers.front().monthly_cost == Decimal::from_units(110, 2));
      for (const Feed& feed : client.feeds()) {
        if (feed.scope != FeedScope::listing) continue;
        CAPTURE(feed.name);
        const Result<FeedRead> read = read_feed(client, feed.name, {}, world.watch);
        REQUIRE(read);
        CHECK(read->rows.size() > 0);
      }
    });
  }

  TEST_CASE("bills are by calendar month, whatever the window") {
    World world(10);
    world.run([&](Provider& client) {
      const Window window{year_begin + days(20), year_begin + days(50)};
      const Result<FeedRead> summary = read_feed(client, "charges_summary", window, world.watch);
      REQUIRE(summary);
      CHECK(summary->proofs.size() == 2);
      CHECK(summary->rows.billing.front().period_start == "2025-06-01");
      CHECK(summary->rows.billing.back().period_start == "2025-07-01");
      CHECK(read_feed(client, "charges_breakdown", window, world.watch)->rows.billing.size() == 16);
      CHECK(read_feed(client, "invoices", {}, world.watch)->rows.billing.size() == 12);
    });
  }

  TEST_CASE("a batch report is ordered once, awaited and read") {
    World world;
    world.run([&](Provider& client) {
      const Window window{year_begin + days(30), year_begin + days(60)};
      const Result<FeedRead> report = read_feed(client, "call_reports", window, world.watch);
      REQUIRE(report);
      const Result<FeedRead> records = read_feed(client, "sip_trunking", window, world.watch);
      CHECK(ids_of(report->rows.calls) == ids_of(records->rows.calls));
      CHECK(std::ranges::count(world.watch.reasons, std::string("report")) >= 1);
    });
  }

  TEST_CASE("a message's text is there for ten days") {
    World world;
    const fakes::telnyx::Message recent = world.fake->truth().message(50);
    const std::string id = world.fake->truth().message_id(recent);
    world.clock.set(recent.created + days(9));
    world.run([&](Provider& client) {
      const Result<RowSet> rows = client.fetch_message(id, world.watch);
      REQUIRE(rows);
      CHECK(rows->messages.front().body == recent.text);
      world.clock.advance(days(2));
      CHECK(code_of(client.fetch_message(id, world.watch)) == "provider_gone");
    });
  }

  TEST_CASE("a recording's link is asked for anew") {
    World world;
    world.run([&](Provider& client) {
      const std::string id = world.fake->truth().recording_id(world.fake->truth().call(0));
      const Result<RecordingRow> row = client.fetch_recording({.external_recording_id = id}, world.watch);
      REQUIRE(row);
      CHECK(row->recording_url_expires_at > world.clock.now());
      CHECK(row->transcription == "Grüezi, wie kann ich helfen?");
      CHECK(code_of(client.fetch_recording({.external_recording_id = "none"}, world.watch)) ==
            "provider_gone");
    });
  }

  TEST_CASE("active calls are listed by cursor, and a cursor that leads in a circle is noticed") {
    World world(1'000'000);
    world.clock.set(year_begin + days(100) + hours(12));
    world.run([&](Provider& client) {
      const Result<json::Value> calls =
          client.run("active_calls", {{"connection_id", "1293384261075731600"}}, world.watch);
      REQUIRE(calls);
      CHECK(calls->as_array()->size() > 1);
      world.fake->server().faults().add({.kind = FaultKind::cursor_loop});
      CHECK(code_of(client.run("active_calls", {{"connection_id", "1"}}, world.watch)) ==
            "provider_inconsistent");
    });
  }

  TEST_CASE("every command works or says what to use instead") {
    World world;
    const std::string message_id = world.fake->truth().message_id(world.fake->truth().message(50));
    const std::string control_id = world.fake->truth().control_id(world.fake->truth().call(0));
    world.clock.set(world.fake->truth().message(50).created + days(1));
    world.run([&](Provider& client) {
      for (const OnDemandCommand& command : client.commands()) {
        CAPTURE(command.name);
        std::map<std::string, std::string> arguments;
        for (const std::string& name : command.arguments) arguments[name] = "1";
        if (command.name == "message") arguments["id"] = message_id;
        if (command.name == "usage")
          arguments = {{"product", "sip-trunking"},
                       {"dimensions", "date"},
                       {"metrics", "cost"},
                       {"start_date", "2025-06-01"},
                       {"end_date", "2025-06-30"}};
        if (arguments.contains("call_control_id")) arguments["call_control_id"] = control_id;
        const Result<json::Value> answer = client.run(command.name, arguments, world.watch);
        if (!command.instead.empty()) {
          CHECK(code_of(answer) == "not_offered");
        } else if (answer) {
          CHECK_FALSE(answer->is_null());
        } else {
          // What the fake does not have: it says so as the provider does.
          CHECK(code_of(answer) == "provider_refused");
        }
      }
    });
  }

  TEST_CASE("a wrong key is refused and not tried again") {
    World world(10);
    world.run(
        [&](Provider& client) {
          CHECK(code_of(client.check(world.watch)) == "provider_denied");
          CHECK(world.watch.requests == 1);
        },
        [](ProviderAccount& account) { account.key = Secret("wrong"); });
    world.run([&](Provider& client) { CHECK(client.check(world.watch)); });
  }

  TEST_CASE("the webhooks of the year are genuine and tell the same calls") {
    World world(64);
    world.run([&](Provider& client) {
      std::map<std::string, CallStatus> ended;
      std::set<std::string> events;
      std::size_t hooks = 0;
      for (const fakes::SignedHook& hook : world.fake->webhooks(year_begin, year_end)) {
        WebhookDelivery delivery{.body = hook.body, .received_at = world.clock.now()};
        for (const auto& [name, value] : hook.headers) delivery.headers.emplace_back(name, value);
        const Result<WebhookEvent> event = client.read_webhook(delivery);
        REQUIRE(event);
        events.insert(event->event_key);
        ++hooks;
        for (const CallRow& call : event->rows.calls) {
          if (event->event_type == "call.hangup") ended[call.external_call_id] = call.status;
        }
        delivery.body += " ";
        CHECK(code_of(client.read_webhook(delivery)) == "webhook_forged");
      }
      CHECK(events.size() == hooks);
      CHECK(ended.size() == 64);
      world.fake->truth().each_call(year_begin, year_end, [&](const fakes::TrueCall& call) {
        if (ended.contains(call.external_call_id))
          CHECK(to_text(ended[call.external_call_id]) == call.status);
      });
    });
  }
}
