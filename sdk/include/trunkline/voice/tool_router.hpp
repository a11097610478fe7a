/// \file
/// Answering tool requests (voice API, section 9.4), in whatever HTTP server a program has.
#pragma once

#include <exception>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

#include "trunkline/voice/names.hpp"

namespace trunkline::inline v1::voice {

/// What an agent asks of a tool.
struct ToolRequest {
  std::string tool_name = {};        ///< as it was registered
  Json arguments = Json::object();   ///< always an object; fits the tool's input_schema
  std::string call_id = {};          ///< call_…
  std::string correlation_id = {};   ///< one a request: the same one again is the same request again
  std::string call_session_id = {};  ///< cs_…
  std::string partner_id = {};       ///< prt_…
  std::string project_id = {};       ///< empty: of the whole account
  Json raw = {};                     ///< the request as it came
};

/// Verifies the raw body by its X-Pamela-Signature and reads it. Throws AuthenticationError when the
/// signature is wrong and ValidationError when the body is no tool request.
TRUNKLINE_EXPORT ToolRequest parse_tool_request(std::string_view raw_body, std::string_view signature,
                                                const Secrets& secrets);

/// The same by the headers of Standard Webhooks, which old requests fail too.
TRUNKLINE_EXPORT ToolRequest parse_tool_request(std::string_view raw_body, const StandardHeaders& headers,
                                                const Secrets& secrets, const StandardCheck& check = {});

/// The body of a good answer, {"result": value}; send it with status 200. The correlation id is echoed when
/// it is given. Text that is not UTF-8 is mended.
TRUNKLINE_EXPORT std::string tool_result(const Json& value, std::string_view correlation_id = {});

/// The body of a bad answer, {"error": "text"}; send it with a status from 400 on. The agent is told the
/// text.
TRUNKLINE_EXPORT std::string tool_error(std::string_view text);

/// For handlers to throw: the agent is told the text. The text of any other exception stays with you.
class TRUNKLINE_EXPORT ToolError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The answer to a tool request, for an HTTP server to send as application/json.
struct ToolAnswer {
  int status = 200;       ///< of the HTTP answer
  std::string body = {};  ///< JSON
};

/// Calls the handler that a tool's name belongs to. Set it up first; then any number of threads may handle
/// requests with it.
class TRUNKLINE_EXPORT ToolRouter {
 public:
  /// Gives the tool's result, or throws.
  using Handler = std::function<Json(const Json& arguments, const ToolRequest& request)>;
  /// Is told of what a handler threw, ToolError too.
  using Observer = std::function<void(const ToolRequest& request, const std::exception& thrown)>;

  /// `secrets` are those of the webhook endpoint.
  explicit ToolRouter(Secrets secrets);

  /// Replaces an earlier handler of the name.
  ToolRouter& on(std::string tool_name, Handler handler);
  /// Replaces an earlier observer.
  ToolRouter& on_failure(Observer observer);

  /// Verifies, reads, calls the handler. Throws nothing that a request can cause: 200 with the result, 401
  /// for a wrong signature, 400 for what is no request or has no handler, 422 for a
  /// ToolError, 500 for any other exception.
  ToolAnswer handle(std::string_view raw_body, std::string_view signature) const;
  /// The same by the headers of Standard Webhooks.
  ToolAnswer handle(std::string_view raw_body, const StandardHeaders& headers,
                    const StandardCheck& check = {}) const;

 private:
  ToolAnswer dispatch(const std::function<ToolRequest()>& parse) const;
  ToolAnswer run(const ToolRequest& request) const;

  Secrets secrets_;
  std::map<std::string, Handler, std::less<>> handlers_;
  Observer observer_;
};

}  // namespace trunkline::inline v1::voice
