/// \file
/// The voice API for a program with an API key.
#pragma once

#include <string_view>
#include <vector>

#include "trunkline/voice/call_range.hpp"
#include "trunkline/voice/result_client.hpp"

namespace trunkline::inline v1::voice {

/// Places calls, follows them, gives agents tools and reads usage (voice API, sections 3 to 5).
///
/// Every function blocks until it is done, at most `ClientOptions::timeouts.total`, and throws one of the
/// classes of error.hpp when it cannot. On the wire that is, beside what each function says:
/// AuthenticationError, SubscriptionError, RateLimitError, ValidationError, ConnectionError, TimeoutError.
/// What is tried again, and when, says RetryPolicy.
///
/// Thread-safe: any number of threads may use one client; each request under way has a curl handle of its
/// own from a pool. Copies are cheap and share that pool; its connections close with the last copy.
class TRUNKLINE_EXPORT Client {
 public:
  /// Makes no connection yet. Throws ValidationError when the options make no sense: an empty key, a
  /// base_url that is none.
  explicit Client(const ClientOptions& options) : results_(options) {}

  /// Places a call: it is queued when this returns, and dialled then. Always sends an Idempotency-Key and is
  /// therefore tried again after every temporary failure without calling twice.
  ///
  /// Throws ValidationError (2001, 2002, 7004, 7005); CallError with status 409 when the idempotency key
  /// came with another request before. With any error it is `error.idempotency_key()` that the same request
  /// can safely be repeated with.
  PlacedCall create_call(const CallRequest& request) const { return results_.create_call(request).value(); }

  /// The call as it is now. Throws CallError (7003) for an unknown id.
  Call get_call(std::string_view call_id) const { return results_.get_call(call_id).value(); }

  /// One page of calls, newest first, without their transcripts.
  CallPage list_calls(const CallFilter& filter = {}) const { return results_.list_calls(filter).value(); }

  /// All calls that match, newest first, fetched page by page while you go through them:
  /// `for (const Call& call : client.all_calls()) …`. `filter.limit` is the size of a page.
  CallRange all_calls(const CallFilter& filter = {}) const { return CallRange(results_, filter); }

  /// Ends the call as cancelled, in whatever status it is; changes nothing on one that has ended. A call
  /// that had connected is billed. The call as it is afterwards. Throws CallError (7003).
  Call cancel_call(std::string_view call_id) const { return results_.cancel_call(call_id).value(); }

  /// Hangs up: the call is completed, or cancelled if it had not connected; changes nothing on one that has
  /// ended. The call as it is afterwards. Throws CallError (7003).
  Call hang_up_call(std::string_view call_id) const { return results_.hang_up_call(call_id).value(); }

  /// Asks again and again until the call has ended, and for a moment more if its summary is missing. The
  /// call with its transcript. A server that is away for a moment does not end the wait. Throws TimeoutError
  /// after `options.timeout`; the call goes on then.
  Call wait_for_call(std::string_view call_id, const WaitOptions& options = {}) const {
    return results_.wait_for_call(call_id, options).value();
  }

  /// Registers a tool for all calls. One of the same name is replaced and keeps its id, so this may be
  /// repeated. Throws ValidationError (2001).
  Tool register_tool(const ToolDefinition& definition) const {
    return results_.register_tool(definition).value();
  }

  /// The registered tools.
  std::vector<Tool> list_tools() const { return results_.list_tools().value(); }

  /// Deactivates a tool; may be repeated. Throws Error with status 404 for an unknown id.
  DeletedTool delete_tool(std::string_view tool_id) const { return results_.delete_tool(tool_id).value(); }

  /// Connected calls and billed minutes of a UTC month, "2026-03"; of the current one unless given. Throws
  /// ValidationError (2001) for what is no month.
  Usage get_usage(std::string_view period = {}) const { return results_.get_usage(period).value(); }

  /// The same client with outcomes as values; shares the connections.
  const ResultClient& results() const { return results_; }

 private:
  ResultClient results_;
};

}  // namespace trunkline::inline v1::voice
