// What the tests share: a clock without waiting, options for a server of the test.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <vector>

#include <doctest/doctest.h>
#include <trunkline/voice.hpp>

#include "loopback.hpp"

namespace voice = trunkline::voice;
using std::chrono::milliseconds;
using std::chrono::seconds;
using trunkline::Json;

// Sleeping is moving on; remembers how long.
class FakeClock final : public trunkline::Clock {
 public:
  std::chrono::steady_clock::time_point now() override {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  void sleep_for(milliseconds duration) override {
    const std::lock_guard lock(mutex_);
    now_ += duration;
    pauses_.push_back(duration);
  }
  std::vector<milliseconds> pauses() const {
    const std::lock_guard lock(mutex_);
    return pauses_;
  }

 private:
  mutable std::mutex mutex_;
  std::chrono::steady_clock::time_point now_{std::chrono::hours(1)};
  std::vector<milliseconds> pauses_;
};

inline voice::ClientOptions options_for(const loopback::Server& server,
                                        std::shared_ptr<trunkline::Clock> clock = {}) {
  return {.api_key = "pk_live_test", .base_url = server.url(), .clock = std::move(clock)};
}

// A call that begins like every call, with some members set.
inline Json call_json(const std::string& id, const std::string& status, const Json& more = Json::object()) {
  Json call{{"id", id}, {"status", status}, {"created_at", "2026-03-02T09:15:04Z"}};
  call.update(more);
  return call;
}

// The failure that a call of a client ends with; the test fails when there is none.
template <class T>
trunkline::Failure failure_of(const trunkline::Result<T>& result) {
  REQUIRE_FALSE(result.has_value());
  return result.error();
}
