// What the server makes of awkward bytes (control C9 of docs/security.md, RFC 9112). The list holds every
// shape that a parser and a proxy in front of it could read differently.
#include <doctest/doctest.h>

#include "net/server_testing.hpp"
#include "runtime/runtime_testing.hpp"

using namespace trunkline;
using namespace trunkline::net;

namespace {

void routes(Router& router) {
  router.add(Route{.method = Method::post,
                   .path = "/echo",
                   .door = "test",
                   .operation = "echo",
                   .summary = "",
                   .body_bytes_max = 1000,
                   .handler = [](Request& request) { return json_response(200, request.body); }});
  router.add(Route{.method = Method::get,
                   .path = "/hello",
                   .door = "test",
                   .operation = "hello",
                   .summary = "",
                   .handler = [](Request&) { return json_response(200, "{}"); }});
}

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

}  // namespace

TEST_SUITE("HTTP guard") {
  TEST_CASE("each awkward request gets its refusal, and each lawful one its answer") {
    const TestServer server(routes);
    struct Row {
      std::string_view name;
      std::string request;
      int status;
    };
    const std::string get = "GET /hello HTTP/1.1\r\nHost: a\r\n";
    const std::string post = "POST /echo HTTP/1.1\r\nHost: a\r\n";
    const std::vector<Row> rows{
        {"a plain request", get + "\r\n", 200},
        {"HTTP/1.0 without Host", "GET /hello HTTP/1.0\r\n\r\n", 200},
        {"an empty POST with a JSON content type",
         post + "Content-Type: application/json\r\nContent-Length: 0\r\n\r\n", 200},
        {"chunked", post + "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", 200},
        {"chunked with a chunk extension and trailers",
         post + "Transfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\n0\r\nT: v\r\n\r\n", 200},
        {"no Host", "GET /hello HTTP/1.1\r\n\r\n", 400},
        {"two Hosts", get + "Host: b\r\n\r\n", 400},
        {"both Content-Length and Transfer-Encoding",
         post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        {"two Content-Lengths that differ", post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400},
        {"a Content-Length with a sign", post + "Content-Length: +2\r\n\r\nab", 400},
        {"a negative Content-Length", post + "Content-Length: -2\r\n\r\nab", 400},
        {"a Content-Length in hexadecimal", post + "Content-Length: 0x2\r\n\r\nab", 400},
        {"a Content-Length beyond 64 bits", post + "Content-Length: 99999999999999999999\r\n\r\nab", 400},
        {"an unknown transfer coding", post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400},
        {"chunked that is not last", post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", 400},
        {"chunked twice", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         400},
        {"chunked in HTTP/1.0",
         "POST /echo HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        {"a chunk size that is none", post + "Transfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n0\r\n\r\n", 400},
        {"a line that ends in LF alone", "GET /hello HTTP/1.1\nHost: a\n\n", 400},
        {"a folded header line", get + "X-A: one\r\n two\r\n\r\n", 400},
        {"a header folded by a tab", get + "X-A: one\r\n\ttwo\r\n\r\n", 400},
        {"a space before the colon", get + "X-A : one\r\n\r\n", 400},
        {"a NUL in a header", get + std::string("X-A: o\0e\r\n\r\n", 12), 400},
        {"a header without a name", get + ": one\r\n\r\n", 400},
        {"a target that is no path", "GET hello HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"an absolute target", "GET http://a/hello HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"a method that nobody speaks", "BREW /hello HTTP/1.1\r\nHost: a\r\n\r\n", 501},
        {"another version", "GET /hello HTTP/2.0\r\nHost: a\r\n\r\n", 400},
        {"no version", "GET /hello\r\nHost: a\r\n\r\n", 400},
        {"a target that is too long", "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
        {"too many header fields", get + repeated("X-A: 1\r\n", 101) + "\r\n", 431},
        {"a header that is too large", get + "X-A: " + std::string(17'000, 'a') + "\r\n\r\n", 431},
        {"a body that is too large by its length", post + "Content-Length: 1001\r\n\r\n", 413},
        {"a body that is too large in chunks",
         post + "Transfer-Encoding: chunked\r\n\r\n3e9\r\n" + std::string(1001, 'a') + "\r\n0\r\n\r\n", 413},
        {"a chunk's line without end",
         post + "Transfer-Encoding: chunked\r\n\r\n1;" + std::string(17'000, 'a'), 431},
        {"trailers without end",
         post + "Transfer-Encoding: chunked\r\n\r\n0\r\nT: " + std::string(17'000, 'a'), 431},
        {"a compressed body", post + "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\nab", 400},
        {"a path that is not there", "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n", 404},
        {"a method that the path does not take", "DELETE /hello HTTP/1.1\r\nHost: a\r\n\r\n", 405},
    };
    for (const Row& row : rows) {
      CAPTURE(row.name);
      CHECK(status_of(exchange(server.port(), row.request)) == row.status);
    }
  }

  TEST_CASE("after a refused request nothing of it is taken for the next one") {
    const TestServer server(routes);
    RawConnection connection(server.port());
    connection.send(
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\nGET /hello HTTP/1.1\r\nHost: "
        "a\r\n\r\n");
    const std::string everything = connection.receive_until_closed();
    CHECK(status_of(everything) == 400);
    CHECK(everything.find("HTTP/1.1", 9) == std::string::npos);
  }

  TEST_CASE("requests that arrive together are answered in order on one connection") {
    const TestServer server(routes);
    RawConnection connection(server.port());
    std::string requests;
    for (int i = 0; i < 20; ++i) {
      requests += "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n" + std::to_string(10 + i);
    }
    connection.send(requests);
    for (int i = 0; i < 20; ++i) CHECK(body_of(connection.receive_answer()) == std::to_string(10 + i));
  }

  TEST_CASE("a request may come byte by byte") {
    const TestServer server(routes);
    RawConnection connection(server.port());
    for (const char byte :
         std::string_view("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok")) {
      connection.send({&byte, 1});
    }
    CHECK(body_of(connection.receive_answer()) == "ok");
  }

  TEST_CASE("a chunked request may be cut anywhere, and left there") {
    const TestServer server(routes);
    const std::string head = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const std::string_view body : {"0\r\n\r\n", "2\r\nab\r\n0\r\n\r\n", "0;x=y\r\nT: v\r\n\r\n"}) {
      for (std::size_t cut = 0; cut < body.size(); ++cut) {
        CAPTURE(body.substr(0, cut));
        RawConnection connection(server.port());
        connection.send(head + std::string(body.substr(0, cut)));
        RawConnection left_there(server.port());
        left_there.send(head + std::string(body.substr(0, cut)));
        CHECK(status_of(exchange(server.port(), "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")) == 200);
        for (const char byte : body.substr(cut)) connection.send({&byte, 1});
        CHECK(status_of(connection.receive_answer()) == 200);
      }
    }
  }

  TEST_CASE("trailers are not taken for header fields") {
    const TestServer server([](Router& router) {
      router.add(Route{.method = Method::post,
                       .path = "/authorised",
                       .door = "test",
                       .operation = "authorised",
                       .summary = "",
                       .handler = [](Request& request) {
                         return json_response(request.headers.has_field("Authorization") ? 200 : 401, "{}");
                       }});
    });
    const std::string request =
        "POST /authorised HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nAuthorization: "
        "Bearer x\r\n\r\n";
    CHECK(status_of(exchange(server.port(), request)) == 401);
  }

  TEST_CASE("who asks first gets the word to go on") {
    const TestServer server(routes);
    RawConnection connection(server.port());
    connection.send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    CHECK(connection.receive_answer().starts_with("HTTP/1.1 100 Continue"));
    connection.send("ok");
    CHECK(body_of(connection.receive_answer()) == "ok");
  }

  TEST_CASE("an address may hold only so many connections") {
    const TestServer server(routes, {.connections_per_address = 3});
    std::vector<std::unique_ptr<RawConnection>> held;
    for (int i = 0; i < 3; ++i) held.push_back(std::make_unique<RawConnection>(server.port()));
    for (auto& connection : held) {
      connection->send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
      CHECK(status_of(connection->receive_answer()) == 200);
    }
    RawConnection one_too_many(server.port());
    CHECK(one_too_many.closed_within(runtime::test_patience));
    held.pop_back();
    CHECK(runtime::eventually(
        [&] { return status_of(exchange(server.port(), "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")) == 200; }));
  }
}
