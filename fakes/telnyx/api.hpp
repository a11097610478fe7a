// The provider's endpoints over the simulated world (contracts/telnyx.md, sections 2 to 9).
#pragma once

#include <map>

#include "fakes/provider/server.hpp"
#include "fakes/telnyx/query.hpp"
#include "fakes/telnyx/world.hpp"

namespace trunkline::fakes::telnyx {

Reply api_error(int status, std::string_view code, std::string_view title, std::string_view detail);

// For the server's thread.
class Api {
 public:
  explicit Api(const World& world) : world_(world) {}

  Reply answer(const net::Request& request, const FaultHits& hits, Instant now, const std::string& base_url);

 private:
  Reply get(const net::Request& request, const FaultHits& hits, Instant now, const std::string& base_url);
  Reply post(const net::Request& request, Instant now);
  Reply detail_records(const Query& query, const FaultHits& hits, Instant now);
  Reply recordings(const Query& query, const FaultHits& hits, Instant now, const std::string& base_url);
  Reply recording(std::string_view id, Instant now, const std::string& base_url);
  Reply transcriptions(const Query& query, Instant now);
  Reply message(std::string_view id, Instant now);
  Reply message_reports(const Query& query, Instant now);
  Reply active_calls(const Query& query, const FaultHits& hits, Instant now, std::string_view path);
  Reply call_state(std::string_view control_id, Instant now);
  Reply usage(const Query& query, Instant now);
  Reply charges(std::string_view path, const Query& query);
  Reply report(std::string_view id, Instant now, const std::string& base_url);
  Reply create_report(const net::Request& request, Instant now);
  Reply csv(Instant from, Instant to, Instant now);
  Reply ledger_report(std::string_view id, Instant now);
  json::Value live_call(const Call& call, Instant now) const;

  struct Report {
    std::string id;
    Instant from{};
    Instant to{};
    Instant ordered_at{};
  };

  const World& world_;
  std::map<std::string, Report, std::less<>> reports_;
  std::int64_t pages_served_ = 0;
};

}  // namespace trunkline::fakes::telnyx
