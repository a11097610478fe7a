// Events and tool requests as they come in: contracts/voice-api.md, sections 9.1 and 9.4.
#include "support.hpp"

namespace {

constexpr const char* secret = "whsec_example";
constexpr const char* request_body =
    R"({"arguments":{"sku":"B-200"},"call_id":"call_7Kq2","call_session_id":"cs_91f0","correlation_id":"cor_44",)"
    R"("partner_id":"prt_5","project_id":"prj_2","tool_name":"stock_level"})";

voice::ToolAnswer handle(const voice::ToolRouter& router, const std::string& body) {
  return router.handle(body, voice::sign_webhook(body, secret));
}

TEST_SUITE("sdk tools and events") {
  TEST_CASE("a handler gets the arguments and its result goes back with the correlation id") {
    voice::ToolRouter router(secret);
    router.on("stock_level", [](const Json& arguments, const voice::ToolRequest& request) {
      CHECK(request.call_id == "call_7Kq2");
      CHECK(request.call_session_id == "cs_91f0");
      CHECK(request.partner_id == "prt_5");
      CHECK(request.project_id == "prj_2");
      return Json{{"sku", arguments.at("sku")}, {"units", 3}};
    });
    const voice::ToolAnswer answer = handle(router, request_body);
    CHECK(answer.status == 200);
    CHECK(Json::parse(answer.body) ==
          Json{{"correlation_id", "cor_44"}, {"result", {{"sku", "B-200"}, {"units", 3}}}});
  }

  TEST_CASE("no handler runs for a request that is not signed by the server") {
    voice::ToolRouter router(secret);
    bool ran = false;
    router.on("stock_level", [&](const Json&, const voice::ToolRequest&) {
      ran = true;
      return Json(1);
    });
    const std::string other = voice::sign_webhook(request_body, "whsec_other");
    for (const std::string& signature : {std::string(), std::string("0"), other}) {
      const voice::ToolAnswer answer = router.handle(request_body, signature);
      CHECK(answer.status == 401);
      CHECK(Json::parse(answer.body).contains("error"));
    }
    CHECK_FALSE(ran);
    CHECK_THROWS_AS(voice::parse_tool_request(request_body, other, secret), voice::AuthenticationError);
  }

  TEST_CASE("the headers of Standard Webhooks do as well, and an old request is refused by them") {
    voice::ToolRouter router(secret);
    router.on("stock_level", [](const Json&, const voice::ToolRequest&) { return Json(true); });
    const std::string signature = voice::sign_standard_webhook(request_body, "cor_44", "1000", secret);
    const voice::StandardHeaders headers{.id = "cor_44", .timestamp = "1000", .signature = signature};
    CHECK(router.handle(request_body, headers, {.now = trunkline::Timestamp(seconds(1010))}).status == 200);
    CHECK(router.handle(request_body, headers, {.now = trunkline::Timestamp(seconds(9999))}).status == 401);
    CHECK(router.handle(request_body, headers).status == 401);
  }

  TEST_CASE("what is no tool request is answered 400") {
    const voice::ToolRouter router(secret);
    for (const char* body :
         {"", "x", "[]", "null", "{}", R"({"tool_name":"t","arguments":{},"call_id":"c"})",
          R"({"tool_name":"t","arguments":null,"call_id":"c","correlation_id":"x"})",
          R"({"tool_name":"t","arguments":[],"call_id":"c","correlation_id":"x"})",
          R"({"tool_name":7,"arguments":{},"call_id":"c","correlation_id":"x"})",
          R"({"tool_name":"unknown","arguments":{},"call_id":"c","correlation_id":"x"})"}) {
      CAPTURE(body);
      CHECK(handle(router, body).status == 400);
    }
    CHECK(handle(router, std::string(1'000'000, '[')).status == 400);
  }

  TEST_CASE("what a handler throws is told to the agent only if it is a ToolError") {
    std::vector<std::string> observed;
    voice::ToolRouter router(secret);
    router.on_failure([&](const voice::ToolRequest& request, const std::exception& thrown) {
      observed.push_back(request.correlation_id + ": " + thrown.what());
    });
    const auto answer_of = [&](voice::ToolRouter::Handler handler) {
      router.on("stock_level", std::move(handler));
      return handle(router, request_body);
    };
    const auto told =
        answer_of([](const Json&, const auto&) -> Json { throw voice::ToolError("No such article."); });
    CHECK(told.status == 422);
    CHECK(Json::parse(told.body) == Json{{"error", "No such article."}});
    const auto kept =
        answer_of([](const Json&, const auto&) -> Json { throw std::runtime_error("password=x"); });
    CHECK(kept.status == 500);
    CHECK(kept.body.find("password") == std::string::npos);
    CHECK(answer_of([](const Json&, const auto&) -> Json { throw 7; }).status == 500);
    const auto missing =
        answer_of([](const Json& arguments, const auto&) -> Json { return arguments.at("none"); });
    CHECK(missing.status == 500);
    REQUIRE(observed.size() == 4);
    CHECK(observed[0] == "cor_44: No such article.");
    CHECK(observed[1] == "cor_44: password=x");
  }

  TEST_CASE("results and errors are JSON whatever is in them") {
    CHECK(voice::tool_result("\xff", "") == "{\"result\":\"\xef\xbf\xbd\"}");
    CHECK(Json::parse(voice::tool_error("a \"b\"\n\xff")).contains("error"));
    CHECK(voice::tool_result(nullptr) == R"({"result":null})");
  }

  TEST_CASE("an event is read from the raw body") {
    const voice::Event event = voice::parse_event(
        R"({"call_id":"call_7Kq2","event":"call.transcript_update","status":"in_progress","sequence":4,)"
        R"("timestamp":"2026-03-02T09:15:21Z","transcript":[{"role":"user","text":"Hi"}],"metadata":{"a":1},"x":2})");
    CHECK(event.kind == voice::EventKind::transcript_update);
    CHECK(event.call_id == "call_7Kq2");
    CHECK(event.status == voice::CallStatus::in_progress);
    CHECK(event.sequence == 4);
    CHECK(event.timestamp == trunkline::parse_timestamp("2026-03-02T09:15:21Z"));
    REQUIRE(event.transcript.size() == 1);
    CHECK(event.transcript[0].role == "user");
    CHECK(event.metadata == Json{{"a", 1}});
    CHECK(event.raw.at("x") == 2);
  }

  TEST_CASE("each event has its kind, an unknown one is no failure, a body without event is") {
    using Kind = voice::EventKind;
    const std::vector<std::pair<const char*, Kind>> rows{
        {"call.queued", Kind::queued},       {"call.started", Kind::started},
        {"call.completed", Kind::completed}, {"call.failed", Kind::failed},
        {"call.cancelled", Kind::cancelled}, {"call.danced", Kind::unknown}};
    for (const auto& [name, kind] : rows) {
      CHECK(voice::parse_event(Json{{"event", name}, {"call_id", "c"}}.dump()).kind == kind);
    }
    for (const char* body :
         {"", "[]", "{}", R"({"event":"call.queued"})", R"({"call_id":"c"})", R"({"event":1})"}) {
      CHECK_THROWS_AS(voice::parse_event(body), voice::ValidationError);
    }
  }
}

}  // namespace
