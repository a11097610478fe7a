#include "db/set_wise.hpp"

#include <doctest/doctest.h>

#include "db/db_testing.hpp"

using namespace trunkline;
using db::PostgresArray;

namespace {

const db::Statement unpack{"test.unpack_postgresql", R"sql(
  SELECT id, number, word, bytes
  FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::bytea[]) AS u (id, number, word, bytes))sql"};
const db::Statement count{"test.count_postgresql", "SELECT count(*) FROM unnest($1::text[])"};

}  // namespace

TEST_SUITE("set-wise statements [db]") {
  TEST_CASE(
      "arrays of each type arrive whole: empty texts, NULLs, quotes, zero bytes, the greatest numbers") {
    db::with_database([](db::TestDatabase& database) {
      CHECK(db::engine_of(*database) ==
            (db::testing_postgres() ? db::Engine::postgresql : db::Engine::sqlite));
      if (!db::testing_postgres()) return;
      Uuid::Bytes raw{};
      raw.back() = 0xfe;
      const Uuid id(raw);
      const std::string bytes("\0\xff,{}", 5);
      PostgresArray ids(PostgresArray::Element::uuid);
      PostgresArray numbers(PostgresArray::Element::bigint);
      PostgresArray words(PostgresArray::Element::text);
      PostgresArray blobs(PostgresArray::Element::bytea);
      const std::vector<std::optional<std::string>> texts{"", std::nullopt, R"(a "quote", {braces} \ Zoë)"};
      for (const std::int64_t number : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1},
                                        std::numeric_limits<std::int64_t>::max()})
        numbers.add(number);
      for (const auto& text : texts) {
        ids.add(id);
        words.add(text);
        blobs.add(bytes);
      }
      const auto rows = database->query(db::Scope::operations(), unpack, {ids, numbers, words, blobs});
      REQUIRE_MESSAGE(rows.has_value(), (rows ? "" : rows.error().describe()));
      REQUIRE(rows->size() == 3);
      for (std::size_t i = 0; i < texts.size(); ++i) {
        CHECK((*rows)[i].uuid(0) == id);
        CHECK((*rows)[i].optional_text(2) == texts[i]);
        CHECK((*rows)[i].text(3) == bytes);
      }
      CHECK((*rows)[0].integer(1) == std::numeric_limits<std::int64_t>::min());
      CHECK((*rows)[1].integer(1) == -1);
      CHECK((*rows)[2].integer(1) == std::numeric_limits<std::int64_t>::max());
    });
  }

  TEST_CASE("an array may be empty, and may be large") {
    db::with_database([](db::TestDatabase& database) {
      if (!db::testing_postgres()) return;
      for (const std::size_t size : {std::size_t{0}, std::size_t{100'000}}) {
        PostgresArray words(PostgresArray::Element::text);
        for (std::size_t i = 0; i < size; ++i) words.add("word");
        const auto rows = database->query(db::Scope::operations(), count, {words});
        REQUIRE(rows);
        CHECK(rows->front().integer(0) == static_cast<std::int64_t>(size));
      }
    });
  }
}
