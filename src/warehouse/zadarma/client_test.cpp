#include "warehouse/zadarma/client.hpp"

#include <doctest/doctest.h>

#include "fakes/zadarma/fake_zadarma.hpp"
#include "warehouse/http/client_testing.hpp"

using namespace trunkline;
using namespace trunkline::warehouse;
using namespace trunkline::warehouse::testing;
using fakes::FakeZadarma;
using fakes::FakeZadarmaOptions;
using fakes::Fault;
using fakes::FaultKind;
using net::testing::code_of;

namespace {

struct World : FakeYear<FakeZadarma, FakeZadarmaOptions> {
  explicit World(std::int64_t calls = 600, FakeZadarmaOptions options = {})
      : FakeYear(calls, std::move(options)) {}

  template <class Body>
  void run(Body body, const std::function<void(ProviderAccount&)>& change = {}) {
    run_as({.provider = "zadarma",
            .key = Secret("fakekey0123456789abc"),
            .secret = Secret("fakesecret9876543210"),
            .time_zone = "Australia/Sydney",
            .default_region = "AU"},
           zadarma::make_client, std::move(body), change);
  }
};

struct Expectation {
  std::map<std::string, fakes::TrueCall> pbx;
  std::map<std::string, fakes::TrueCall> listed;
};
Expectation truth_of(const FakeZadarma& fake) {
  Expectation expected;
  fake.truth().each_call(year_begin, year_end, [&](const fakes::TrueCall& call) {
    const bool is_listed =
        call.external_call_id.starts_with("155") && call.external_call_id.find('.') == std::string::npos;
    (is_listed ? expected.listed : expected.pbx)[call.external_call_id] = call;
  });
  return expected;
}

// All windows of the year, as the engine cuts them.
template <class Take>
void each_window(Take take) {
  for (Instant begin = year_begin; begin < year_end; begin += days(29))
    take(Window{begin, std::min(begin + days(29), year_end)});
}

}  // namespace

TEST_SUITE("zadarma client") {
  TEST_CASE("a year of statistics and incoming calls is the provider's truth") {
    World world;
    const Expectation expected = truth_of(*world.fake);
    std::map<std::string, CallRow> found;
    world.run([&](Provider& client) {
      each_window([&](Window window) {
        for (const char* feed : {"statistics", "incoming"}) {
          Result<FeedRead> read = read_feed(client, feed, window, world.watch);
          REQUIRE(read);
          for (CallRow& call : read->rows.calls) found[call.external_call_id] = std::move(call);
        }
      });
    });
    CHECK(found.size() == expected.listed.size());
    for (const auto& [id, call] : expected.listed) {
      CAPTURE(id);
      REQUIRE(found.contains(id));
      const CallRow& row = found[id];
      CHECK(row.from_number == call.from_number);
      CHECK(row.to_number == call.to_number);
      CHECK(shown(row.direction) == call.direction);
      CHECK(row.started_at == call.started_at);
      CHECK(row.duration_seconds == call.duration_seconds);
      CHECK(to_text(row.status) == call.status);
      if (call.cost) CHECK(row.cost == call.cost);
    }
  }

  TEST_CASE("a year of PBX legs folds into the provider's calls") {
    World world;
    const Expectation expected = truth_of(*world.fake);
    std::map<std::string, json::Array> parts;
    std::map<std::string, CallRow> found;
    std::map<std::string, RecordingRow> recordings;
    world.run([&](Provider& client) {
      each_window([&](Window window) {
        Result<FeedRead> read = read_feed(client, "pbx", window, world.watch);
        REQUIRE(read);
        for (RecordingRow& row : read->rows.recordings)
          recordings[row.external_recording_id] = std::move(row);
        for (CallRow& call : read->rows.calls) {
          for (json::Value& part : call.parts) parts[call.external_call_id].push_back(std::move(part));
        }
      });
      for (const auto& [id, legs] : parts) found[id] = client.fold(legs);
    });
    std::size_t recorded = 0;
    world.fake->truth().each_recording(year_begin, year_end, [&](const fakes::TrueRecording& recording) {
      ++recorded;
      REQUIRE(recordings.contains(recording.external_recording_id));
      CHECK(recordings[recording.external_recording_id].external_call_id == recording.external_call_id);
      CHECK(recordings[recording.external_recording_id].duration_seconds == recording.duration_seconds);
    });
    CHECK(recordings.size() == recorded);
    CHECK(found.size() == expected.pbx.size());
    for (const auto& [id, call] : expected.pbx) {
      CAPTURE(id);
      REQUIRE(found.contains(id));
      const CallRow& row = found[id];
      CHECK(row.external_call_id == id);
      CHECK(row.session_id == call.session_id);
      CHECK(shown(row.direction) == call.direction);
      CHECK(row.started_at == call.started_at);
      CHECK(row.duration_seconds == call.duration_seconds);
      CHECK(to_text(row.status) == call.status);
      CHECK(row.has_recording == call.has_recording);
    }
  }

  TEST_CASE("pages of a thousand rows are read to the last one, three requests a minute") {
    World world(60'000);
    world.run([&](Provider& client) {
      const Window window{year_begin + days(30), year_begin + days(59)};
      const Instant started = world.clock.now();
      Result<FeedRead> read = read_feed(client, "incoming", window, world.watch);
      REQUIRE(read);
      CHECK(read->rows.calls.size() > 1500);
      CHECK(read->proofs.back().end == "short page");
      CHECK(read->proofs.front().rows == 1000);
      REQUIRE(read_feed(client, "statistics", window, world.watch));
      REQUIRE(read_feed(client, "pbx", window, world.watch));
      // The three feeds share the three requests.
      CHECK(world.clock.now() - started >= minutes(world.watch.requests / 3 - 1));
      CHECK(world.watch.retries == 0);
    });
  }

  TEST_CASE("faults are survived: the same rows come in the end") {
    World world(400);
    std::set<std::string> calm;
    std::set<std::string> stormy;
    const Window window{year_begin, year_begin + days(29)};
    world.run([&](Provider& client) {
      Result<FeedRead> read = read_feed(client, "statistics", window, world.watch);
      REQUIRE(read);
      for (const CallRow& call : read->rows.calls) calm.insert(call.external_call_id);
      std::int64_t skip = 0;
      for (const FaultKind kind :
           {FaultKind::rate_limited, FaultKind::server_error, FaultKind::bad_gateway, FaultKind::truncated,
            FaultKind::malformed, FaultKind::not_json, FaultKind::cut})
        world.fake->server().faults().add({.kind = kind, .skip = skip++, .times = 1});
      world.fake->server().faults().add({.kind = FaultKind::odd_types});
      world.fake->server().faults().add({.kind = FaultKind::duplicates});
      for (int round = 0; round < 3; ++round) {
        Result<FeedRead> again = read_feed(client, "statistics", window, world.watch);
        if (!again) continue;
        for (const CallRow& call : again->rows.calls) stormy.insert(call.external_call_id);
      }
    });
    CHECK_FALSE(calm.empty());
    CHECK(calm == stormy);
    CHECK(world.watch.retries >= 6);
  }

  TEST_CASE("a window that the provider cuts is noticed") {
    World world(50);
    world.run([&](Provider& client) {
      const Result<FeedRead> read =
          read_feed(client, "statistics", {year_begin, year_begin + days(90)}, world.watch);
      CHECK(code_of(read) == "provider_inconsistent");
    });
  }

  TEST_CASE("a wrong secret is refused and not tried again") {
    World world(10);
    world.run(
        [&](Provider& client) {
          CHECK(code_of(client.check(world.watch)) == "provider_denied");
          CHECK(world.watch.requests == 1);
        },
        [](ProviderAccount& account) { account.secret = Secret("wrong"); });
  }

  TEST_CASE("a time zone that is not the account's is noticed") {
    World world(10);
    world.run([&](Provider& client) { CHECK(client.check(world.watch)); });
    world.run([&](Provider& client) { CHECK(code_of(client.check(world.watch)) == "provider_inconsistent"); },
              [](ProviderAccount& account) { account.time_zone = "Europe/Warsaw"; });
    world.run([&](Provider& client) { CHECK(client.check(world.watch)); },
              [](ProviderAccount& account) { account.time_zone = "Australia/Melbourne"; });
  }

  TEST_CASE("recordings are asked for leg by leg; those that are not there are left out") {
    World world(200);
    std::vector<WantedRecording> wanted{{.external_call_id = "in_none", .external_recording_id = "1.5"}};
    world.fake->truth().each_recording(year_begin, year_end, [&](const fakes::TrueRecording& recording) {
      wanted.push_back({.external_call_id = recording.external_call_id,
                        .external_recording_id = recording.external_recording_id});
    });
    REQUIRE(wanted.size() > 22);
    world.run([&](Provider& client) {
      Result<FeedRead> read = read_feed(client, "recordings", {}, world.watch, wanted);
      REQUIRE(read);
      CHECK(read->rows.recordings.size() == wanted.size() - 1);
      CHECK(read->proofs.size() > 1);
      CHECK(read->rows.recordings.front().recording_url_expires_at > world.clock.now());
      CHECK(code_of(client.fetch_recording(wanted.front(), world.watch)) == "provider_refused");
      wanted.front().started_at = year_begin;
      CHECK(code_of(client.fetch_recording(wanted.front(), world.watch)) == "provider_gone");
    });
  }

  TEST_CASE("the listings bring numbers with their rental, SIP accounts and settings") {
    World world(10);
    world.run([&](Provider& client) {
      const Result<FeedRead> numbers = read_feed(client, "phone_numbers", {}, world.watch);
      REQUIRE(numbers);
      CHECK(numbers->rows.phone_numbers.size() == 3);
      CHECK(numbers->rows.billing.size() == 3);
      CHECK(read_feed(client, "sip", {}, world.watch)->rows.resources.size() == 2);
      CHECK(read_feed(client, "pbx_config", {}, world.watch)->rows.resources.size() == 9);
      CHECK(read_feed(client, "balance", {}, world.watch)->rows.balances.size() == 1);
      CHECK(read_feed(client, "tariff", {}, world.watch)->rows.billing.front().total ==
            Decimal::from_units(235, 1));
    });
  }

  TEST_CASE("every command works or says what to use instead") {
    World world(10);
    world.run([&](Provider& client) {
      for (const OnDemandCommand& command : client.commands()) {
        CAPTURE(command.name);
        std::map<std::string, std::string> arguments;
        for (const std::string& name : command.arguments) arguments[name] = "100";
        if (command.name == "sip_status") arguments["sip"] = "00001";
        if (command.name == "number") arguments["number"] = "61255501234";
        if (command.name == "costs")
          arguments = {{"start", "2026-05-01 00:00:00"}, {"end", "2026-05-20 00:00:00"}, {"cost_only", "1"}};
        const Result<json::Value> answer = client.run(command.name, arguments, world.watch);
        if (!command.instead.empty()) {
          CHECK(code_of(answer) == "not_offered");
        } else if (command.name == "speech") {
          CHECK(code_of(answer) == "provider_refused");
        } else {
          CHECK(answer);
        }
        if (!command.arguments.empty())
          CHECK(code_of(client.run(command.name, {}, world.watch)) == "invalid_argument");
      }
      CHECK(code_of(client.run("nonsense", {}, world.watch)) == "not_offered");
    });
  }

  TEST_CASE("what was sent becomes messages, each with its own id") {
    World world(10);
    world.run([&](Provider& client) {
      const std::map<std::string, std::string> arguments{{"number", "61255502001,442079460001"},
                                                         {"message", "Grüße"}};
      const Result<json::Value> answer = client.run("sms_send", arguments, world.watch);
      REQUIRE(answer);
      int next = 0;
      const auto next_id = [&] { return std::to_string(++next); };
      const Result<RowSet> rows = client.rows_of("sms_send", arguments, *answer, world.clock.now(), next_id);
      REQUIRE(rows);
      REQUIRE(rows->messages.size() == 2);
      CHECK(rows->messages[0].body == "Grüße");
      CHECK(rows->messages[0].status == "sent");
      CHECK(rows->messages[1].status == "failed");
      CHECK(rows->messages[1].external_message_id == "2");
      CHECK(client.rows_of("price", {}, *answer, world.clock.now(), next_id)->size() == 0);
    });
  }

  TEST_CASE("what costs money is never sent twice") {
    World world(10);
    world.run([&](Provider& client) {
      world.fake->server().faults().add({.kind = FaultKind::server_error});
      CHECK_FALSE(client.run("sms_send", {{"number", "61255502001"}, {"message", "x"}}, world.watch));
      CHECK_FALSE(client.run("callback", {{"from", "100"}, {"to", "61255502001"}}, world.watch));
      CHECK(world.watch.requests == 2);
    });
  }

  TEST_CASE("the webhooks of the year are genuine and tell the same calls") {
    World world(60);
    world.run([&](Provider& client) {
      std::set<std::string> ended;
      std::size_t messages = 0;
      for (const fakes::SignedHook& hook : world.fake->webhooks(year_begin, year_end)) {
        WebhookDelivery delivery{.body = hook.body, .received_at = world.clock.now()};
        for (const auto& [name, value] : hook.headers) delivery.headers.emplace_back(name, value);
        const Result<WebhookEvent> event = client.read_webhook(delivery);
        REQUIRE(event);
        messages += event->rows.messages.size();
        for (const CallRow& call : event->rows.calls) {
          if (call.status != CallStatus::in_progress) ended.insert(call.external_call_id);
        }
      }
      CHECK(messages == 6);
      CHECK(ended.size() == 60 * 16 / 20);
    });
  }
}
