// For tests of providers' clients: fixtures, a watch that counts, and a client in simulated time, where
// waiting moves the clock. Only tests include it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "net/loopback_server_testing.hpp"
#include "warehouse/http/fields.hpp"

namespace trunkline::warehouse::testing {

// The text of a recorded answer in the directory "fixtures" beside the test's own file (give __FILE__).
std::string fixture_text(std::string_view test_file, std::string_view name);
json::Value fixture(std::string_view test_file, std::string_view name);

struct CountingWatch final : Watch {
  int requests = 0;
  int retries = 0;
  Duration waited{};
  std::vector<std::string> reasons;
  std::optional<int> cancelled_after_requests = {};

  void requested() override { ++requests; }
  void retried(const Error&) override { ++retries; }
  void waiting(Duration wait, std::string_view why) override {
    waited += wait;
    reasons.emplace_back(why);
  }
  bool cancelled() const override {
    return cancelled_after_requests && requests >= *cancelled_after_requests;
  }
};

// What a client needs, on the current loop.
struct Simulation {
  explicit Simulation(ManualClock& simulated) : clock(simulated) {}
  ClientContext context() {
    return {.http = http.client, .clock = clock, .random = random, .sleep = [this](Duration wait) {
              clock.advance(wait);
            }};
  }

  ManualClock& clock;
  net::testing::TestClient http;
  SeededRandom random{11};
};

inline const Instant year_begin = from_microseconds(1'748'736'000'000'000);  // 2025-06-01T00:00:00Z
inline const Instant year_end = year_begin + days(365);
inline const Window whole_year{year_begin, year_end};

// A year of a provider's fake, and clients of it a day later.
template <class Fake, class Options>
struct FakeYear {
  explicit FakeYear(std::int64_t calls, Options options = {}) {
    options.clock = &clock;
    options.world.calls = calls;
    fake.emplace(std::move(options));
  }

  // Runs on a fiber with a client of the account, after `change` had its way with that.
  template <class MakeClient, class Body>
  void run_as(ProviderAccount account, MakeClient make_client, Body body,
              const std::function<void(ProviderAccount&)>& change) {
    runtime::run_to_completion([&] {
      Simulation simulation(clock);
      account.base_url = fake->base_url();
      if (change) change(account);
      auto client = make_client(std::move(account), simulation.context());
      if (!client) throw std::runtime_error(client.error().describe());
      body(**client);
    });
  }

  ManualClock clock{year_end + days(1)};
  CountingWatch watch;
  std::optional<Fake> fake;
};

std::set<std::string> ids_of(const std::vector<CallRow>& calls);

// What all pages of a feed brought, in their order; at most `pages_max` of them.
struct FeedRead {
  RowSet rows;
  std::vector<PageProof> proofs;
};
Result<FeedRead> read_feed(Provider& provider, std::string_view feed, Window window, Watch& watch,
                           const std::vector<WantedRecording>& wanted = {}, int pages_max = 2000);

const Feed* find_feed(const Provider& provider, std::string_view name);

// A page with something broken in it, by chance: bytes changed, cut off or doubled.
std::string damaged(std::string text, Random& random);

// The value with one of its parts replaced by something odd, by chance: what parses and still makes no sense.
json::Value altered(json::Value value, Random& random);

// Texts for tables of expectations: "" is nothing.
std::string shown(const std::optional<std::string>& text);
std::string shown(const std::optional<Decimal>& amount);
std::string shown(const std::optional<Instant>& instant);
std::string shown(const std::optional<std::int64_t>& number);
std::string shown(const std::optional<Direction>& direction);

}  // namespace trunkline::warehouse::testing
