#include "dialogue/sse_parser.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace trunkline;
using namespace trunkline::dialogue;

namespace {

// The data of all events when the stream comes in pieces of so many bytes; "too large" for a refusal.
std::vector<std::string> read(std::string_view stream, std::size_t size, SseParser parser = SseParser()) {
  std::vector<std::string> data;
  for (; !stream.empty(); stream.remove_prefix(std::min(size, stream.size()))) {
    const auto events = parser.feed(stream.substr(0, size));
    if (!events) return {"too large"};
    for (const SseEvent& event : *events) data.push_back(event.data);
  }
  if (const auto last = parser.finish()) data.push_back(last->data);
  return data;
}

}  // namespace

TEST_SUITE("event stream parser") {
  TEST_CASE("reads what servers send, however the network cuts it") {
    const std::vector<std::pair<std::string, std::vector<std::string>>> cases{
        {"data: one\n\ndata: two\n\n", {"one", "two"}},
        {"data: one\r\n\r\ndata: two\r\n\r\n", {"one", "two"}},
        {"data: one\r\rdata: two\r\r", {"one", "two"}},
        {"data:one\n\n", {"one"}},
        {"data:  two spaces\n\n", {" two spaces"}},
        {"data: a\ndata: b\ndata\n\n", {"a\nb\n"}},
        {": a comment\n\n: another\ndata: x\n\n", {"x"}},
        {"event: error\nid: 7\nretry: 10\ndata: x\n\n", {"x"}},
        {"\xEF\xBB\xBF"
         "data: x\n\n",
         {"x"}},
        {"data: the last one has no blank line\n", {"the last one has no blank line"}},
        {"data: nor a line end", {"nor a line end"}},
        {"data: ¡señor! 👋\n\n", {"¡señor! 👋"}},
        {"event: nothing\n\n", {}},
        {"nonsense\n\n{\"error\": true}\n\n", {}},
        {"\n\n\r\n\r\n", {}},
        {"", {}},
    };
    for (const auto& [stream, data] : cases) {
      CAPTURE(stream);
      for (std::size_t size = 1; size <= stream.size() + 1; ++size) CHECK(read(stream, size) == data);
    }
  }

  TEST_CASE("knows the type of an event, for that event only") {
    SseParser parser;
    CHECK(*parser.feed("event: error\ndata: x\n\ndata: y\n\n") ==
          std::vector<SseEvent>{{"error", "x"}, {"", "y"}});
  }

  TEST_CASE("refuses what would fill the memory") {
    CHECK(read("data: " + std::string(200, 'x') + "\n\n", 7, SseParser(100)) ==
          std::vector<std::string>{"too large"});
    std::string many;
    for (int i = 0; i < 100; ++i) many += "data: x\n";
    CHECK(read(many, 7, SseParser(100)) == std::vector<std::string>{"too large"});
    CHECK(read("data: small\n\n", 7, SseParser(100)) == std::vector<std::string>{"small"});
  }

  TEST_CASE("any bytes in any pieces give the same events") {
    const auto streams = rc::gen::container<std::string>(
        rc::gen::element('d', 'a', 't', ':', ' ', '\r', '\n', 'x', '\xEF', '\0'));
    CHECK(rc::check([&] {
      const std::string stream = "data: x\n" + *streams;
      const std::size_t size = *rc::gen::inRange<std::size_t>(1, 20);
      RC_ASSERT(read(stream, size) == read(stream, stream.size()));
    }));
  }
}
