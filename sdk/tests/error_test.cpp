// How failures are read: contracts/voice-api.md, sections 8.1 to 8.4.
#include "support.hpp"

namespace {

using loopback::Reply;
using loopback::Server;

Json envelope(int code, const char* message, const Json& details = Json::object()) {
  return {{"detail", {{"error_code", code}, {"message", message}, {"details", details}}}};
}

// The failure of GET /calls/x, or of GET /usage, that a reply causes.
trunkline::Failure failure_by(const Reply& reply, bool on_calls = true) {
  const Server server(reply);
  auto options = options_for(server);
  options.retries.tries = 1;
  const voice::ResultClient client(options);
  return on_calls ? failure_of(client.get_call("x")) : failure_of(client.get_usage());
}

template <class Expected>
void check_thrown(const trunkline::Failure& failure) {
  try {
    trunkline::throw_failure(failure);
  } catch (const voice::Error& error) {
    CHECK(typeid(error) == typeid(Expected));
    CHECK(error.code() == failure.code);
    CHECK(error.status() == failure.status);
    CHECK(error.message() == failure.message);
    CHECK(error.details() == failure.details);
    CHECK(error.request_id() == failure.request_id);
    return;
  }
  FAIL("nothing was thrown");
}

TEST_SUITE("sdk errors") {
  TEST_CASE("every code of the contract becomes its class, with code, message, details and status") {
    struct Row {
      int code;
      int status;
      void (*check)(const trunkline::Failure&);
    };
    const std::vector<Row> rows{
        {1001, 401, check_thrown<voice::AuthenticationError>},
        {1002, 401, check_thrown<voice::AuthenticationError>},
        {1003, 401, check_thrown<voice::AuthenticationError>},
        {1005, 403, check_thrown<voice::SubscriptionError>},
        {7008, 403, check_thrown<voice::SubscriptionError>},
        {2001, 400, check_thrown<voice::ValidationError>},
        {2001, 422, check_thrown<voice::ValidationError>},
        {2002, 400, check_thrown<voice::ValidationError>},
        {6001, 429, check_thrown<voice::RateLimitError>},
        {6002, 429, check_thrown<voice::RateLimitError>},
        {7001, 404, check_thrown<voice::CallError>},
        {7002, 404, check_thrown<voice::CallError>},
        {7003, 404, check_thrown<voice::CallError>},
        {7004, 400, check_thrown<voice::ValidationError>},
        {7005, 400, check_thrown<voice::ValidationError>},
        {7003, 409, check_thrown<voice::CallError>},
        {7003, 500, check_thrown<voice::CallError>},
    };
    for (const Row& row : rows) {
      CAPTURE(row.code);
      CAPTURE(row.status);
      const Json body = envelope(row.code, "What went wrong", {{"field", "to"}});
      const auto failure = failure_by({.status = row.status, .body = body.dump()});
      CHECK(failure.code == row.code);
      CHECK(failure.status == row.status);
      CHECK(failure.message == "What went wrong");
      CHECK(failure.details == Json{{"field", "to"}});
      CHECK(failure.sent);
      row.check(failure);
    }
  }

  TEST_CASE("a status without a class of its own is the base error where no call is concerned") {
    const auto failure = failure_by({.status = 404, .body = envelope(7002, "No such project").dump()}, false);
    CHECK(failure.kind == voice::FailureKind::other);
    check_thrown<voice::Error>(failure);
  }

  TEST_CASE("the failures of the connection have classes too") {
    trunkline::Failure failure{.kind = voice::FailureKind::connection, .message = "refused"};
    check_thrown<voice::ConnectionError>(failure);
    failure.kind = voice::FailureKind::timeout;
    check_thrown<voice::TimeoutError>(failure);
  }

  TEST_CASE("what() says everything in one line") {
    const voice::CallError error({.kind = voice::FailureKind::call,
                                  .message = "No such call",
                                  .code = 7003,
                                  .status = 404,
                                  .request_id = "r1"});
    CHECK(std::string(error.what()) == "No such call (code 7003, status 404, request r1)");
    const voice::Error bare({.message = "Broken"});
    CHECK(std::string(bare.what()) == "Broken");
  }

  TEST_CASE("the places of code, message and details are those of the published client") {
    struct Row {
      const char* body;
      std::optional<int> code;
      const char* message;
      const char* details;
    };
    const std::vector<Row> rows{
        // In `detail`, else in `detail.error`; empty counts as missing.
        {R"({"detail":{"error_code":7003,"message":"M","details":{"a":1}}})", 7003, "M", R"({"a":1})"},
        {R"({"detail":{"error":{"code":7003,"message":"M","details":{"a":1}}}})", 7003, "M", R"({"a":1})"},
        {R"({"detail":{"details":{},"error":{"details":{"a":1}}}})",
         {},
         "Request failed with status 404",
         R"({"a":1})"},
        {R"({"detail":{"message":"M","error":"text"}})", {}, "M", "{}"},
        {R"({"detail":{"message":"M","error":null}})", {}, "M", "{}"},
        // At the top, when `detail` is no object; error.message is never read there.
        {R"({"error_code":7003,"message":"M","details":{"a":1}})", 7003, "M", R"({"a":1})"},
        {R"({"error":{"code":7003,"message":"never read","details":{"a":1}}})", 7003,
         "Request failed with status 404", R"({"a":1})"},
        {R"({"detail":"Text"})", {}, "Text", "{}"},
        {R"({"detail":["a","b"]})", {}, R"(["a","b"])", "{}"},
        // Of another type than promised: as good as missing.
        {R"({"detail":{"error_code":"7003","message":"M","details":[1]}})", {}, "M", "{}"},
        {R"({"detail":{"error_code":99999999999,"message":"M"}})", {}, "M", "{}"},
        {R"({"detail":{"error_code":7003.0,"message":"M"}})", 7003, "M", "{}"},
        // No object at all.
        {R"([1,2])", {}, "Request failed with status 404", "{}"},
        {"<html>Not found</html>", {}, "Request failed with status 404", "{}"},
        {"", {}, "Request failed with status 404", "{}"},
    };
    for (const Row& row : rows) {
      CAPTURE(row.body);
      const auto failure = failure_by({.status = 404, .body = row.body});
      CHECK(failure.code == row.code);
      CHECK(failure.message == row.message);
      CHECK(failure.details == Json::parse(row.details));
    }
  }

  TEST_CASE("the wait that the server asks for is in details, else in the header, in seconds or as a date") {
    struct Row {
      Json details;
      std::vector<std::pair<std::string, std::string>> headers;
      std::optional<seconds> wait;
    };
    const std::vector<Row> rows{
        {{{"retry_after", 7}}, {{"Retry-After", "3"}}, seconds(7)},
        {Json::object(), {{"Retry-After", "3"}}, seconds(3)},
        {Json::object(), {{"retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"}}, seconds(0)},
        {Json::object(), {{"Retry-After", "soon"}}, std::nullopt},
        {Json::object(), {{"Retry-After", "-5"}}, std::nullopt},
        {{{"retry_after", -1}}, {}, std::nullopt},
        {{{"retry_after", "7"}}, {}, std::nullopt},
        {{{"retry_after", 1e300}}, {}, std::nullopt},
        {Json::object(), {}, std::nullopt},
    };
    for (const Row& row : rows) {
      CAPTURE(row.details.dump());
      const Json body = envelope(6001, "Slow down", row.details);
      CHECK(failure_by({.status = 429, .body = body.dump(), .headers = row.headers}).retry_after == row.wait);
    }
  }

  TEST_CASE("a failure names the request by the server's id, else by the client's") {
    CHECK(failure_by({.status = 404, .headers = {{"X-Request-Id", "req_server"}}}).request_id ==
          "req_server");
    const Server server(Reply{.status = 404});
    const voice::ResultClient client(options_for(server));
    const auto failure = failure_of(client.get_call("x"));
    CHECK(failure.request_id.starts_with("cpp_"));
    CHECK(failure.request_id == server.requests().at(0).header("X-Request-Id"));
  }
}

}  // namespace
