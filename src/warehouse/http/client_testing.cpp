#include "warehouse/http/client_testing.hpp"

#include <fstream>
#include <sstream>

#include <doctest/doctest.h>

#include "base/json/parse.hpp"

namespace trunkline::warehouse::testing {
namespace {

template <class Row>
void append(std::vector<Row>& to, std::vector<Row>&& from) {
  for (Row& row : from) to.push_back(std::move(row));
}

}  // namespace

std::set<std::string> ids_of(const std::vector<CallRow>& calls) {
  std::set<std::string> ids;
  for (const CallRow& call : calls) ids.insert(call.external_call_id);
  return ids;
}

std::string fixture_text(std::string_view test_file, std::string_view name) {
  const std::string directory(test_file.substr(0, test_file.rfind('/')));
  std::ifstream file(directory + "/fixtures/" + std::string(name));
  REQUIRE_MESSAGE(file, "no fixture " << name);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

json::Value fixture(std::string_view test_file, std::string_view name) {
  Result<json::Value> value = json::parse(fixture_text(test_file, name));
  REQUIRE(value);
  return std::move(*value);
}

const Feed* find_feed(const Provider& provider, std::string_view name) {
  for (const Feed& feed : provider.feeds()) {
    if (feed.name == name) return &feed;
  }
  return nullptr;
}

Result<FeedRead> read_feed(Provider& provider, std::string_view name, Window window, Watch& watch,
                           const std::vector<WantedRecording>& wanted, int pages_max) {
  const Feed* feed = find_feed(provider, name);
  REQUIRE(feed != nullptr);
  FeedRead read;
  std::string cursor;
  for (int number = 0; number < pages_max; ++number) {
    Result<Page> page =
        provider.fetch({.feed = *feed, .window = window, .cursor = cursor, .wanted = wanted}, watch);
    if (!page) return fail(page.error());
    append(read.rows.calls, std::move(page->rows.calls));
    append(read.rows.charges, std::move(page->rows.charges));
    append(read.rows.recordings, std::move(page->rows.recordings));
    append(read.rows.messages, std::move(page->rows.messages));
    append(read.rows.balances, std::move(page->rows.balances));
    append(read.rows.billing, std::move(page->rows.billing));
    append(read.rows.phone_numbers, std::move(page->rows.phone_numbers));
    append(read.rows.agents, std::move(page->rows.agents));
    append(read.rows.resources, std::move(page->rows.resources));
    CHECK(page->next_cursor.has_value() == page->said.end.empty());
    read.proofs.push_back(page->said);
    if (!page->next_cursor) return read;
    cursor = *page->next_cursor;
  }
  FAIL("the feed does not end");
  return read;
}

std::string damaged(std::string text, Random& random) {
  if (text.empty()) return text;
  const std::uint64_t blows = 1 + random.below(4);
  for (std::uint64_t blow = 0; blow < blows && !text.empty(); ++blow) {
    const auto at = static_cast<std::size_t>(random.below(text.size()));
    switch (random.below(5)) {
      case 0:
        text[at] = static_cast<char>(random.below(256));
        break;
      case 1:
        text.resize(at);
        break;
      case 2:
        text.erase(at, static_cast<std::size_t>(1 + random.below(20)));
        break;
      case 3:
        text.insert(at, text.substr(at / 2, static_cast<std::size_t>(random.below(40))));
        break;
      default: {
        constexpr std::array<std::string_view, 8> odd{"null", "-1", "1e999",       "\"\\u0000\"",
                                                      "[]",   "{}", "\"\\ud800\"", "99999999999999999999"};
        text.insert(at, odd[static_cast<std::size_t>(random.below(odd.size()))]);
      }
    }
  }
  return text;
}

json::Value altered(json::Value value, Random& random) {
  const std::array<json::Value, 9> odd{nullptr,
                                       -1,
                                       "",
                                       "odd",
                                       true,
                                       json::Array(),
                                       json::Object(),
                                       *json::Value::number("1e300"),
                                       *json::Value::number("123456789012345678901234567890")};
  if (json::Array* items = value.as_array(); items != nullptr && !items->empty() && random.below(8) != 0) {
    json::Value& item = (*items)[static_cast<std::size_t>(random.below(items->size()))];
    item = altered(std::move(item), random);
    return value;
  }
  if (json::Object* object = value.as_object();
      object != nullptr && !object->empty() && random.below(8) != 0) {
    const std::string key = (object->begin() + random.below(object->size()))->key;
    if (random.below(8) == 0) {
      object->remove(key);
    } else {
      json::Value& member = *object->find(key);
      member = altered(std::move(member), random);
    }
    return value;
  }
  return odd[static_cast<std::size_t>(random.below(odd.size()))];
}

std::string shown(const std::optional<std::string>& text) {
  return text.value_or("");
}
std::string shown(const std::optional<Decimal>& amount) {
  return amount ? amount->to_text() : "";
}
std::string shown(const std::optional<Instant>& instant) {
  return instant ? format_rfc3339(*instant) : "";
}
std::string shown(const std::optional<std::int64_t>& number) {
  return number ? std::to_string(*number) : "";
}
std::string shown(const std::optional<Direction>& direction) {
  return direction ? std::string(to_text(*direction)) : "";
}

}  // namespace trunkline::warehouse::testing
