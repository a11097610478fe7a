#include "db/value.hpp"

#include <doctest/doctest.h>

using namespace trunkline;

TEST_SUITE("values") {
  TEST_CASE("a row's cells are what was added, and stay readable where they are when the rows are moved") {
    const std::string long_text(5000, 'x');
    db::Rows rows(4);
    for (std::int64_t i = 0; i < 100; ++i) {
      rows.add_integer(i);
      rows.add_bytes("short");
      rows.add_null();
      rows.add_bytes(i % 2 == 0 ? std::string_view(long_text) : "");
    }
    REQUIRE(rows.size() == 100);
    const std::string_view first = rows.front().text(1);
    const db::Rows moved = std::move(rows);
    CHECK(first == "short");
    CHECK(first.data() == moved.front().text(1).data());
    std::int64_t expected = 0;
    for (const db::Row row : moved) {
      CHECK(row.integer(0) == expected);
      CHECK(row.text(1) == "short");
      CHECK(row.is_null(2));
      CHECK(row.text(3) == (expected % 2 == 0 ? std::string_view(long_text) : ""));
      ++expected;
    }
    CHECK(expected == 100);
  }

  TEST_CASE("one short text stays readable where it is when its row is moved") {
    db::Rows rows(1);
    rows.add_bytes("a");
    const std::string_view text = rows.front().text(0);
    const db::Rows moved = std::move(rows);
    CHECK(text == "a");
    CHECK(text.data() == moved.front().text(0).data());
  }

  TEST_CASE("reading a column as another type than it has is a defect") {
    db::Rows rows(3);
    rows.add_null();
    rows.add_integer(1);
    rows.add_bytes("1");
    const db::Row row = rows.front();
    CHECK_THROWS_AS(row.integer(0), std::logic_error);
    CHECK_THROWS_AS(row.text(0), std::logic_error);
    CHECK_THROWS_AS(row.text(1), std::logic_error);
    CHECK_THROWS_AS(row.integer(2), std::logic_error);
    CHECK_THROWS_AS(row.uuid(2), std::logic_error);
  }
}
