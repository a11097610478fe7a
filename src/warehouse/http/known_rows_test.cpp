#include "warehouse/http/known_rows.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "base/json/parse.hpp"
#include "base/json/write.hpp"

namespace trunkline::warehouse {
namespace {

KnownRows knowing(std::initializer_list<std::string_view> rows) {
  KnownRows known{.context = "1|AU|"};
  for (const std::string_view row : rows) known.rows.emplace(fingerprint(known.context, row), 0);
  return known;
}

TEST_SUITE("warehouse known rows") {
  TEST_CASE("Known rows are left out of a page, and the others keep their order and their text") {
    const KnownRows known = knowing({R"({"id":"b","tags":["]","}"]})", R"({"id":"d"})"});
    const auto page =
        skim(R"({"meta": {"data": [1]}, "data" : [ {"id":"a","said":"\"[{"},{"id":"b","tags":["]","}"]}, )"
             R"({"id":"c"} ,{"id":"d"}],"links":[]})",
             "data", known);
    REQUIRE(page);
    CHECK(page->text ==
          R"({"meta": {"data": [1]}, "data" : [{"id":"a","said":"\"[{"},{"id":"c"}],"links":[]})");
    CHECK(page->known.size() == 2);
    CHECK(page->others == std::vector{fingerprint(known.context, R"({"id":"a","said":"\"[{"})"),
                                      fingerprint(known.context, R"({"id":"c"})")});
  }

  TEST_CASE("A row that was read with other settings, or is spelt otherwise, is not known") {
    KnownRows known = knowing({R"({"id":"a"})"});
    CHECK(skim(R"({"data":[{"id": "a"}]})", "data", known)->known.empty());
    CHECK(skim(R"({"data":[{"id":"a"}]})", "data", known)->known.size() == 1);
    known.context = "1|NZ|";
    CHECK(skim(R"({"data":[{"id":"a"}]})", "data", known)->known.empty());
  }

  TEST_CASE("What does not look like a page of rows is left whole to the reader") {
    const KnownRows known = knowing({"{}"});
    for (const std::string_view text :
         {"", "[]", "{}", R"({"data":{}})", R"({"data":[{}})", R"({"data":[{},]})", R"({"data":[{}{}]})",
          R"({"data":[1]})", R"({"data":[{"a":"b])", R"({"dat":[{}]})", R"({"data":[{]}]})"}) {
      CAPTURE(text);
      const auto page = skim(text, "data", known);
      const bool is_still_wrong = page && !json::parse(page->text);
      CHECK((!page || is_still_wrong));
    }
  }

  TEST_CASE("Whatever rows a page has: those that are left and those that are known are all of them") {
    rc::check([](const std::vector<std::pair<std::string, bool>>& rows) {
      KnownRows known{.context = "c"};
      json::Array all;
      json::Array unknown;
      for (std::size_t i = 0; i < rows.size(); ++i) {
        std::string text;
        for (const char character : rows[i].first) text += static_cast<char>(character & 0x7f);
        std::erase(text, '\0');
        all.push_back(json::object({{"id", i}, {"text", text}, {"list", json::array({text, "]}"})}}));
        if (rows[i].second) {
          known.rows.emplace(fingerprint("c", json::write(all.back())), i);
        } else {
          unknown.push_back(all.back());
        }
      }
      const auto page = skim(json::write(json::object({{"data", all}, {"meta", 1}})), "data", known);
      RC_ASSERT(page.has_value());
      RC_ASSERT(page->known.size() + unknown.size() == all.size());
      const auto left = json::parse(page->text);
      RC_ASSERT(left.has_value());
      RC_ASSERT(json::write(*left) == json::write(json::object({{"data", unknown}, {"meta", 1}})));
    });
  }
}

}  // namespace
}  // namespace trunkline::warehouse
