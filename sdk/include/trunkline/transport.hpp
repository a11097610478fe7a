/// \file
/// How requests travel. The SDK brings libcurl; a program that has an HTTP client of its own can use that.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "trunkline/export.hpp"
#include "trunkline/result.hpp"

namespace trunkline::inline v1 {

/// Header fields in their order.
using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// One request, ready to be sent.
struct HttpRequest {
  std::string method = {};                      ///< GET, POST, PUT or DELETE
  std::string url = {};                         ///< absolute, escaped
  HttpHeaders headers = {};                     ///< names and values, none with a line end
  std::string body = {};                        ///< empty: none
  std::chrono::milliseconds connect_timeout{};  ///< to be connected, TLS included
  std::chrono::milliseconds timeout{};          ///< of the whole exchange
  /// Whether sending it twice does no harm. If not, a transport must not repeat it by itself, not even
  /// when a connection that it had kept turns out to be closed.
  bool repeatable = false;
};

/// The answer, whatever its status.
struct TRUNKLINE_EXPORT HttpResponse {
  int status = 0;            ///< from 100 to 599
  HttpHeaders headers = {};  ///< of the final answer
  std::string body = {};     ///< decoded, whole

  /// The first field of that name, in any case.
  std::optional<std::string_view> header(std::string_view name) const;
};

/// Sends requests. Must be thread-safe.
class TRUNKLINE_EXPORT Transport {
 public:
  virtual ~Transport();

  /// Follows no redirects. A failure is of kind `connection` or `timeout`, with `sent` and `temporary` set:
  /// they decide whether the client tries again.
  virtual Result<HttpResponse> send(const HttpRequest& request) = 0;
};

/// What the libcurl transport can be told.
struct CurlOptions {
  /// PEM file with the authorities to trust; empty: the system's.
  std::string ca_file = {};
  /// Larger answers are refused as a ConnectionError.
  std::size_t response_bytes_max = 32UL * 1024 * 1024;
};

/// HTTP/1.1 over libcurl. Holds a pool of curl handles, one for each request under way, whose connections
/// are kept for the next ones; they are closed with the transport. Honours the usual proxy variables.
TRUNKLINE_EXPORT std::shared_ptr<Transport> curl_transport(CurlOptions options = {});

}  // namespace trunkline::inline v1
