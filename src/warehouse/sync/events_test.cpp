#include "warehouse/sync/events.hpp"

#include <doctest/doctest.h>

#include "fakes/retell/fake_retell.hpp"
#include "fakes/telnyx/fake_telnyx.hpp"
#include "fakes/zadarma/fake_zadarma.hpp"
#include "warehouse/http/client_testing.hpp"
#include "warehouse/retell/client.hpp"
#include "warehouse/store/export.hpp"
#include "warehouse/store/store_testing.hpp"
#include "warehouse/store/totals.hpp"
#include "warehouse/telnyx/client.hpp"
#include "warehouse/zadarma/client.hpp"

namespace trunkline::warehouse::sync {
namespace {

const Instant begin = from_microseconds(1'748'736'000'000'000);  // 2025-06-01T00:00:00Z
const Instant end = begin + days(20);

const db::Statement events_counted{
    "test.events_counted",
    "SELECT count(*)::text || '' FROM telco.raw_events WHERE processed_at IS NOT NULL"};
const db::Statement shown_calls{
    "test.event_calls",
    "SELECT external_call_id || ' ' || status || ' ' || coalesce(direction, '-') || ' ' ||"
    " coalesce(duration_seconds::text || '', '-') || ' ' || coalesce(cost_units::text || '', '-') || ' ' ||"
    " coalesce(from_number, '-') || ' ' || coalesce(to_number, '-') FROM telco.calls ORDER BY "
    "external_call_id"};
const db::Statement shown_messages{"test.event_messages",
                                   "SELECT external_message_id || ' ' || coalesce(body, '-') FROM "
                                   "telco.messages ORDER BY external_message_id"};
const db::Statement secrets_shown{"test.event_secrets",
                                  "SELECT count(*)::text || '' FROM telco.raw_events WHERE payload LIKE "
                                  "'%access_token%'"};

enum class Order : std::uint8_t { hooks_first, sync_first, reversed_hooks_twice };

WebhookDelivery delivery_of(const fakes::SignedHook& hook, Instant now) {
  WebhookDelivery delivery{.body = hook.body, .received_at = now};
  for (const net::Headers::Field& field : hook.headers)
    delivery.headers.emplace_back(field.name, field.value);
  return delivery;
}

// What the calls look like after webhooks and a sync in that order.
template <class Make>
std::string converged(ManualClock& clock, ProviderAccount account, Make make,
                      std::vector<fakes::SignedHook> hooks, Order order) {
  std::string shown;
  store::with_warehouse([&](db::Database& database) {
    testing::Simulation simulation(clock);
    auto provider = make(std::move(account), simulation.context());
    REQUIRE(provider);
    const store::Store store(database, TimeZone::utc());
    Engine engine(store, clock, {.backfill = days(40)});
    const auto sync = [&] {
      const auto report = engine.run(**provider, SyncType::calls, {});
      REQUIRE(report);
      CHECK_MESSAGE(report->log.status == "success", report->log.problem);
    };
    if (order == Order::sync_first) sync();
    if (order == Order::reversed_hooks_twice) {
      std::ranges::reverse(hooks);
      const auto once = hooks;
      hooks.insert(hooks.end(), once.begin(), once.end());
    }
    std::int64_t repeats = 0;
    for (const fakes::SignedHook& hook : hooks) {
      const auto taken = take_webhook(engine, store, **provider, delivery_of(hook, clock.now()));
      if (!taken) FAIL(taken.error().describe());
      if (taken->is_repeat) ++repeats;
    }
    if (order == Order::reversed_hooks_twice) CHECK(repeats >= static_cast<std::int64_t>(hooks.size()) / 2);
    if (order != Order::sync_first) sync();
    CHECK(store::all_of(database, secrets_shown) == "0");
    CHECK(store::verify_totals(database)->empty());
    shown = store::all_of(database, shown_calls);
  });
  return shown;
}

template <class Make>
void check_convergence(ManualClock& clock, const ProviderAccount& account, Make make,
                       const std::vector<fakes::SignedHook>& hooks) {
  REQUIRE(hooks.size() > 20);
  const Instant now = clock.now();
  const std::string expected = converged(clock, account, make, hooks, Order::sync_first);
  CHECK(expected.size() > 500);
  for (const Order order : {Order::hooks_first, Order::reversed_hooks_twice}) {
    clock.set(now);
    CHECK(converged(clock, account, make, hooks, order) == expected);
  }
}

TEST_SUITE("warehouse events [db]") {
  TEST_CASE("Telnyx webhooks before, after, reversed and repeated converge to the rows of the sync") {
    ManualClock clock(end + days(2));
    fakes::FakeTelnyx fake({.clock = &clock, .world = {.period = days(20), .calls = 40}});
    check_convergence(clock,
                      {.provider = "telnyx",
                       .base_url = fake.base_url(),
                       .key = Secret("KEYfake0123456789"),
                       .public_key = fake.public_key(),
                       .default_region = "AU"},
                      telnyx::make_client, fake.webhooks(begin, end));
  }

  TEST_CASE("Retell webhooks before, after, reversed and repeated converge to the rows of the sync") {
    ManualClock clock(end + days(2));
    fakes::FakeRetell fake({.clock = &clock, .world = {.period = days(20), .calls = 40}});
    check_convergence(clock,
                      {.provider = "retell",
                       .base_url = fake.base_url(),
                       .key = Secret("key_fake_0123456789abcdef"),
                       .default_region = "AU"},
                      retell::make_client, fake.webhooks(begin, end));
  }

  TEST_CASE("Zadarma webhooks before, after, reversed and repeated converge to the rows of the sync") {
    ManualClock clock(end + days(2));
    fakes::FakeZadarma fake({.clock = &clock, .world = {.period = days(20), .calls = 40}});
    check_convergence(clock,
                      {.provider = "zadarma",
                       .base_url = fake.base_url(),
                       .key = Secret("fakekey0123456789abc"),
                       .secret = Secret("fakesecret9876543210"),
                       .time_zone = "Australia/Sydney",
                       .default_region = "AU"},
                      zadarma::make_client, fake.webhooks(begin, end));
  }

  TEST_CASE(
      "A forged webhook is refused and leaves nothing; a repeated text is one message for ten minutes") {
    ManualClock clock(end + days(2));
    fakes::FakeZadarma fake({.clock = &clock, .world = {.period = days(20), .calls = 40}});
    store::with_warehouse([&](db::Database& database) {
      testing::Simulation simulation(clock);
      auto provider = zadarma::make_client({.provider = "zadarma",
                                            .base_url = fake.base_url(),
                                            .key = Secret("fakekey0123456789abc"),
                                            .secret = Secret("fakesecret9876543210"),
                                            .time_zone = "Australia/Sydney",
                                            .default_region = "AU"},
                                           simulation.context());
      REQUIRE(provider);
      const store::Store store(database, TimeZone::utc());
      Engine engine(store, clock);
      // contracts/zadarma.md, section 11.
      const std::string body =
          "event=SMS&result=" +
          form_encode(R"({"caller_id":"61412345678","caller_did":"61290000000","text":"Café"})");
      WebhookDelivery delivery{
          .headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                      {"Signature", "ZjM1NTM0ODYyNjk2MDM3OWNhMjFlNWQ3YzI0ZWVlZTRiNGIyZWZhYg=="}},
          .body = body,
          .received_at = clock.now()};
      WebhookDelivery forged = delivery;
      forged.headers.back().second[3] = 'X';
      const auto refused = take_webhook(engine, store, **provider, forged);
      REQUIRE_FALSE(refused);
      CHECK(refused.error().code() == warehouse::error_codes::webhook_forged);
      CHECK(store::all_of(database, events_counted) == "0");
      CHECK_FALSE(take_webhook(engine, store, **provider, delivery)->is_repeat);
      delivery.received_at += minutes(9);
      CHECK(take_webhook(engine, store, **provider, delivery)->is_repeat);
      delivery.received_at += minutes(11);
      CHECK_FALSE(take_webhook(engine, store, **provider, delivery)->is_repeat);
      CHECK(store::all_of(database, events_counted) == "2");
      const std::string messages = store::all_of(database, shown_messages);
      CHECK(messages.find("#2 Café") != std::string::npos);
      CHECK(std::ranges::count(messages, '\n') == 1);
    });
  }
}

}  // namespace
}  // namespace trunkline::warehouse::sync
