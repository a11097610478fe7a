#include <doctest/doctest.h>
#include <zlib.h>

#include "base/json/parse.hpp"
#include "net/openapi.hpp"
#include "net/server_testing.hpp"
#include "runtime/runtime_testing.hpp"

using namespace trunkline;
using namespace trunkline::net;

namespace {

Route route(Method method, std::string_view path, std::string_view operation,
            std::function<Response(Request&)> handler) {
  return {.method = method,
          .path = path,
          .door = "test",
          .operation = operation,
          .summary = "",
          .handler = std::move(handler)};
}

// What the route "/slow" does: it begins, and goes on when it may.
struct Slow {
  std::atomic<int> running = 0;
  std::atomic<bool> may_go_on = false;
};
Slow slow;

void routes(Router& router) {
  router.add(route(Method::get, "/things/{id}", "getThing", [](Request& request) {
    return json_response(200, R"({"id":")" + std::string(request.path_parameter("id")) + R"("})");
  }));
  router.add(route(Method::get, "/things/special", "getSpecial",
                   [](Request&) { return json_response(200, R"("special")"); }));
  router.add(route(Method::get, "/large", "getLarge",
                   [](Request&) { return json_response(200, std::string(20'000, 'x')); }));
  router.add(route(Method::get, "/defect", "getDefect",
                   [](Request&) -> Response { throw std::out_of_range("far"); }));
  router.add(route(Method::get, "/slow", "getSlow", [](Request&) {
    ++slow.running;
    runtime::eventually([] { return slow.may_go_on.load(); });
    --slow.running;
    return json_response(200, R"("slow")");
  }));
  router.add(route(Method::get, "/stream", "getStream", [](Request&) {
    Response response;
    response.stream = [](EventStream& stream) {
      stream.send("first", "1", "one\ntwo");
      stream.heartbeat();
      stream.send("second", "2", "three");
    };
    return response;
  }));
}

std::string get(std::string_view path, std::string_view headers = "") {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n" + std::string(headers) + "\r\n";
}

// When it returns, the route runs.
void send_slow(RawConnection& connection) {
  slow.may_go_on = false;
  connection.send(get("/slow"));
  REQUIRE(runtime::eventually([] { return slow.running == 1; }));
}

std::string gunzip(std::string_view compressed) {
  z_stream stream{};
  std::string text(100'000, '\0');
  inflateInit2(&stream, 15 + 16);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  inflate(&stream, Z_FINISH);
  text.resize(stream.total_out);
  inflateEnd(&stream);
  return text;
}

}  // namespace

TEST_SUITE("HTTP server") {
  TEST_CASE("a path parameter is decoded, and a literal wins over it") {
    const TestServer server(routes);
    CHECK(body_of(exchange(server.port(), get("/things/a%20b"))) == R"({"id":"a b"})");
    CHECK(body_of(exchange(server.port(), get("/things/special"))) == R"("special")");
    CHECK(status_of(exchange(server.port(), get("/things/"))) == 404);
    CHECK(status_of(exchange(server.port(), get("/things/a/b"))) == 404);
  }

  TEST_CASE("every answer has a request id: the client's if it is sane, else a new one") {
    const TestServer server(routes);
    CHECK(exchange(server.port(), get("/things/1", "X-Request-Id: abc-1\r\n"))
              .find("X-Request-Id: abc-1\r\n") != std::string::npos);
    const std::string answer = exchange(server.port(), get("/things/1", "X-Request-Id: a b<script>\r\n"));
    CHECK(answer.find("script") == std::string::npos);
    CHECK(answer.find("X-Request-Id: req_") != std::string::npos);
  }

  TEST_CASE("HEAD has the head of GET and no body") {
    const TestServer server(routes);
    const std::string answer = exchange(server.port(), "HEAD /large HTTP/1.0\r\n\r\n");
    CHECK(answer.find("Content-Length: 20000") != std::string::npos);
    CHECK(body_of(answer).empty());
  }

  TEST_CASE("large answers are compressed for who wants it") {
    const TestServer server(routes);
    const std::string plain = exchange(server.port(), get("/large"));
    CHECK(body_of(plain) == std::string(20'000, 'x'));
    const std::string compressed =
        exchange(server.port(), get("/large", "Accept-Encoding: gzip, deflate\r\n"));
    CHECK(compressed.find("Content-Encoding: gzip") != std::string::npos);
    CHECK(compressed.find("Vary: Accept-Encoding") != std::string::npos);
    CHECK(gunzip(body_of(compressed)) == std::string(20'000, 'x'));
  }

  TEST_CASE("a handler's defect is a 500 with the request's id, and the server goes on") {
    const TestServer server(routes);
    RawConnection connection(server.port());
    connection.send(get("/defect"));
    const std::string answer = connection.receive_answer();
    CHECK(status_of(answer) == 500);
    CHECK(answer.find("application/problem+json") != std::string::npos);
    CHECK(answer.find("far") == std::string::npos);
    CHECK(json::parse(body_of(answer))->find("request_id") != nullptr);
    connection.send(get("/things/1"));
    CHECK(status_of(connection.receive_answer()) == 200);
  }

  TEST_CASE("a path that takes other methods says which") {
    const TestServer server(routes);
    const std::string answer =
        exchange(server.port(), "POST /large HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
    CHECK(status_of(answer) == 405);
    CHECK(answer.find("Allow: GET") != std::string::npos);
  }

  TEST_CASE("server-sent events have names, ids and lines") {
    const TestServer server(routes);
    RawConnection connection(server.port());
    connection.send(get("/stream"));
    const std::string answer = connection.receive_until_closed();
    CHECK(answer.find("Content-Type: text/event-stream") != std::string::npos);
    CHECK(
        body_of(answer) ==
        "event: first\nid: 1\ndata: one\ndata: two\n\n: still here\n\nevent: second\nid: 2\ndata: three\n\n");
  }

  TEST_CASE(
      "CORS: a configured origin may read answers and ask beforehand without a key (voice-api.md section "
      "11)") {
    const TestServer server(routes, {.cors_origins = {"https://app.example"}});
    const std::string allowed = exchange(server.port(), get("/things/1", "Origin: https://app.example\r\n"));
    CHECK(allowed.find("Access-Control-Allow-Origin: https://app.example\r\n") != std::string::npos);
    CHECK(
        exchange(server.port(), get("/things/1", "Origin: https://evil.example\r\n")).find("Allow-Origin") ==
        std::string::npos);
    const std::string preflight =
        exchange(server.port(),
                 "OPTIONS /things/1 HTTP/1.1\r\nHost: a\r\nOrigin: "
                 "https://app.example\r\nAccess-Control-Request-Method: GET\r\n\r\n");
    CHECK(status_of(preflight) == 204);
    CHECK(preflight.find("Access-Control-Allow-Headers: Authorization") != std::string::npos);
  }

  TEST_CASE("what is too much at once is refused with Retry-After, and live calls are not") {
    TestServer server(
        [](Router& router) {
          routes(router);
          Route live = route(Method::get, "/live", "getLive",
                             [](Request&) { return json_response(200, R"("live")"); });
          live.priority = Priority::live_call;
          router.add(std::move(live));
        },
        {.requests_running = 1, .request_wait = Duration::zero()});
    RawConnection occupied(server.port());
    send_slow(occupied);
    const std::string refused = exchange(server.port(), get("/things/1"));
    CHECK(status_of(refused) == 503);
    CHECK(refused.find("Retry-After: 1") != std::string::npos);
    CHECK(status_of(exchange(server.port(), get("/live"))) == 200);
    slow.may_go_on = true;
    CHECK(status_of(occupied.receive_answer()) == 200);
  }

  TEST_CASE("a server that drains finishes what runs and takes nothing new") {
    TestServer server(routes);
    RawConnection running(server.port());
    send_slow(running);
    server.on_loop([](Server& draining) {
      runtime::EventLoop::current()->spawn("go on", [] {
        runtime::sleep_for(milliseconds(100));  // by then it drains
        slow.may_go_on = true;
      });
      draining.drain(runtime::test_patience);
    });
    const std::string answer = running.receive_answer();
    CHECK(status_of(answer) == 200);
    CHECK(answer.find("Connection: close") != std::string::npos);
    CHECK_THROWS(exchange(server.port(), get("/things/1")));
  }
}

TEST_SUITE("OpenAPI") {
  TEST_CASE("the document has every route with its parameters, its access and its answers") {
    Router router;
    Route described = route(Method::get, "/things/{id}", "getThing", {});
    described.access = Access::api_key;
    described.query = {{"limit", "At most so many.", json::object({{"type", "integer"}})}};
    described.responses = {{200, "The thing.", [] { return json::object({{"type", "string"}}); }}};
    router.add(std::move(described));
    const json::Value document = open_api(router, "1.2.3", "https://voice.example");
    CHECK(*document.find("openapi")->as_text() == "3.1.0");
    const json::Value* operation = document.find("paths")->find("/things/{id}")->find("get");
    REQUIRE(operation != nullptr);
    CHECK(*operation->find("operationId")->as_text() == "getThing");
    CHECK(operation->find("parameters")->as_array()->size() == 2);
    CHECK(operation->find("responses")->find("200") != nullptr);
    CHECK(operation->find("responses")->find("401") != nullptr);
    CHECK(operation->find("security")->as_array()->front().find("apiKey") != nullptr);
  }

  TEST_CASE("two routes for one method and path are a defect") {
    Router router;
    router.add(route(Method::get, "/a", "one", {}));
    CHECK_THROWS_AS(router.add(route(Method::get, "/a", "two", {})), std::logic_error);
  }
}
