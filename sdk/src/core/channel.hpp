// The way from a client to its server: makes HTTP requests of API requests, sends them until they succeed
// or may not be sent again, and makes values of the answers. Shared by the libraries of the SDK; its header
// is not installed.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "trunkline/json.hpp"
#include "trunkline/options.hpp"
#include "trunkline/result.hpp"

namespace trunkline::inline v1::detail {

struct ApiRequest {
  std::string method = "GET";
  std::string path = {};  // after the base URL, escaped: "/api/b2b/v1/calls"
  std::vector<std::pair<std::string, std::string>> query = {};
  std::optional<Json> body = {};
  std::string idempotency_key = {};                 // makes a POST repeatable
  bool repeatable = false;                          // a POST that does no harm when it is carried out twice
  FailureKind other_failures = FailureKind::other;  // the kind of statuses that have none of their own
};

struct ApiAnswer {
  int status = 0;
  Json body = {};
  bool replayed = false;  // the header Idempotent-Replayed
};

// Thread-safe.
class TRUNKLINE_EXPORT Channel {
 public:
  // `credential` goes into the header Authorization; "" sends none. Throws ValidationError when the options
  // make no sense.
  Channel(const ClientOptions& options, std::string_view credential);

  Result<ApiAnswer> send(const ApiRequest& request) const;

  Clock& clock() const { return *options_.clock; }

 private:
  Result<HttpRequest> http_request(const ApiRequest& request, const std::string& request_id) const;
  Result<ApiAnswer> try_once(const ApiRequest& request, HttpRequest& http,
                             std::chrono::milliseconds time_left) const;

  ClientOptions options_;
  std::string base_url_;
  std::string authorization_;
};

// A path with an id in it: path_with_id("/calls/", id, "/cancel"). Refuses an id that is empty or would
// lead elsewhere, such as "..".
TRUNKLINE_EXPORT Result<std::string> path_with_id(std::string_view before, std::string_view id,
                                                  std::string_view after = {});

}  // namespace trunkline::inline v1::detail
