// Delivers webhook messages: signs, posts, records the attempt, and decides what comes next. The schedule is
// that of Standard Webhooks: ten tries over three days.
#pragma once

#include "base/metrics.hpp"
#include "jobs/runner.hpp"
#include "net/client.hpp"
#include "webhooks/messages.hpp"

namespace trunkline::webhooks {

// What to do after a try.
enum class Verdict : std::uint8_t {
  delivered,
  try_again,
  give_up,  // the receiver refuses it for good
  gone,     // the receiver is gone for good (410): its endpoint is disabled
};

// contracts/voice-api.md, section 13 "Webhook delivery", and Standard Webhooks: 2xx is delivered; 408, 425,
// 429, 3xx and 5xx are tried again, other 4xx are not.
Verdict verdict_for_status(int status);
// When nothing came back. A URL that the guard refuses stays refused.
Verdict verdict_for_failure(const Error& failure);

// What a try says of the endpoint.
Reception reception_of(Verdict verdict);

// How long to wait after the given number of failed tries; nothing when that was the last. `jitter` is from
// [0, 1): it spreads the tries of many messages over the following tenth of the wait.
std::optional<Duration> pause_after(std::int64_t failed_attempts, double jitter);

class Delivery {
 public:
  Delivery(db::Database& database, jobs::Queue& queue, Messages& messages, Endpoints& endpoints,
           net::Client& client, const Clock& clock, Random& random, Metrics& metrics);

  // The handler of `delivery_job`. Suspends.
  jobs::Outcome deliver(const jobs::Job& job);

 private:
  struct Try {
    Instant started_at;
    Duration duration;
    int status = 0;
    std::string error;
    std::string response;
    Verdict verdict = Verdict::try_again;
    std::optional<Duration> retry_after;
  };
  Result<MadeMessage> message_of(const jobs::Job& job, MessageId id);
  Try send(const Message& message, const Endpoint& endpoint);
  jobs::Outcome conclude(const jobs::Job& job, const Message& message, const Endpoint& endpoint,
                         const Try& attempt);
  Result<void> record(const jobs::Job& job, const Message& message, const Try& attempt, MessageStatus status,
                      bool finishes);

  db::Database& database_;
  jobs::Queue& queue_;
  Messages& messages_;
  Endpoints& endpoints_;
  net::Client& client_;
  const Clock& clock_;
  Random& random_;
  Counter delivered_;
  Counter failed_;
  Counter given_up_;
  Histogram duration_;
};

}  // namespace trunkline::webhooks
