// What a transfer makes of the bytes of an answer, however the network cuts them.
#include "net/transfer.hpp"

#include <doctest/doctest.h>

using namespace trunkline;
using namespace trunkline::net;

namespace {

struct Outcome {
  std::string_view code;
  int status = 0;
  std::string body;
  bool leaves_connection_usable = false;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

// The answer comes in pieces of that size, and then the connection ends.
Outcome outcome_of(std::string_view bytes, std::size_t piece_size, Method method) {
  const Url url = Url::parse("http://hooks.example.com/").value();
  const ClientRequest request{.method = method};
  Transfer transfer;
  transfer.prepare({.url = url, .request = request}, "Trunkline");
  transfer.begin_sending();
  while (!bytes.empty() && transfer.wants_more()) {
    transfer.take(bytes.substr(0, piece_size));
    bytes.remove_prefix(std::min(piece_size, bytes.size()));
  }
  if (transfer.wants_more()) transfer.take_end(true);
  if (const auto error = transfer.error()) return {.code = error->code().name};
  return {.code = "",
          .status = transfer.status(),
          .body = transfer.body(),
          .leaves_connection_usable = transfer.leaves_connection_usable()};
}

}  // namespace

TEST_SUITE("transfer") {
  TEST_CASE("an answer is the same in one piece and byte by byte") {
    const std::string ok = "HTTP/1.1 200 OK\r\n";
    struct Case {
      std::string bytes;
      Outcome outcome;
      Method method = Method::get;
    };
    const Case cases[] = {
        {ok + "Content-Length: 5\r\n\r\nhello", {"", 200, "hello", true}},
        {ok + "Content-Length: 0\r\n\r\n", {"", 200, "", true}},
        {ok + "Content-Length: 5\r\nConnection: close\r\n\r\nhello", {"", 200, "hello", false}},
        {ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nT: 1\r\n\r\n",
         {"", 200, "hello world", true}},
        {ok + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {"", 200, "", true}},
        {ok + "Transfer-Encoding: chunked\r\n\r\n0\r\n", {"connection_lost"}},
        {ok + "Transfer-Encoding: chunked\r\n\r\n1;" + std::string(70'000, 'x'), {"response_too_large"}},
        {ok + "Transfer-Encoding: chunked\r\n\r\n0\r\nT: " + std::string(70'000, 'x'),
         {"response_too_large"}},
        {ok + "\r\nuntil the end", {"", 200, "until the end", false}},
        {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", {"", 200, "ok", false}},
        {"HTTP/1.1 204 No Content\r\n\r\n", {"", 204, "", true}},
        {"HTTP/1.1 204 \r\n\r\n", {"", 204, "", true}},
        {"HTTP/1.1 204\r\n\r\n", {"", 204, "", true}},
        {"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok", {"", 200, "ok", true}},
        {"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", {"", 304, "", true}},
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + ok +
             "Content-Length: 2\r\n\r\nok",
         {"", 200, "ok", true}},
        {ok + "Content-Length: 5000\r\n\r\n", {"", 200, "", true}, Method::head},
        {ok + "Content-Length: 5\r\n\r\nhell", {"connection_lost"}},
        {ok + "Content-Le", {"connection_lost"}},
        {"", {"connection_lost"}},
        {"HTTP/1.1 100 Continue\r\n\r\n", {"connection_lost"}},
        {"HTTP/2.0 200 OK\r\n\r\n", {"malformed_response"}},
        {ok + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", {"malformed_response"}},
        {ok + "Content-Length: 65537\r\n\r\n", {"response_too_large"}},
    };
    for (const Case& each : cases) {
      CAPTURE(each.bytes);
      for (const std::size_t piece_size : {std::size_t{1}, std::size_t{7}, std::size_t{100'000}}) {
        CAPTURE(piece_size);
        CHECK(outcome_of(each.bytes, piece_size, each.method) == each.outcome);
      }
    }
  }
}
