#include "base/uuid.hpp"

#include <set>

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "base/id.hpp"

using namespace trunkline;

TEST_SUITE("ids") {
  TEST_CASE("an id has the version and variant of RFC 9562 and carries its time") {
    const ManualClock clock(*parse_instant("2026-03-02T09:15:04.123Z"));
    SeededRandom random(1);
    IdSource ids(clock, random);
    const Uuid id = ids.next();
    CHECK(to_text(id)[14] == '7');
    CHECK(std::string_view("89ab").find(to_text(id)[19]) != std::string_view::npos);
    CHECK(id.made_at() == clock.now());
  }

  TEST_CASE("ids rise and never repeat, also when the clock stands still or steps back") {
    ManualClock clock(*parse_instant("2026-03-02T09:15:04Z"));
    SeededRandom random(1);
    IdSource ids(clock, random);
    Uuid last = ids.next();
    for (int i = 0; i < 20'000; ++i) {
      if (i == 10'000) clock.advance(-hours(1));
      const Uuid next = ids.next();
      CHECK(last < next);
      last = next;
    }
  }

  TEST_CASE("both renderings read back, and sort as the ids do") {
    const SystemClock clock;
    SeededRandom random(2);
    IdSource ids(clock, random);
    CHECK(rc::check([&] {
      const Uuid one = ids.next();
      const Uuid other = ids.next();
      RC_ASSERT(parse_uuid(to_text(one)) == one);
      RC_ASSERT(parse_base32(to_base32(one)) == one);
      RC_ASSERT((to_base32(one) < to_base32(other)) == (one < other));
      RC_ASSERT(CallId::parse(CallId(one).text()) == CallId(one));
      RC_ASSERT(CallId::parse(to_text(one)) == CallId(one));
    }));
  }

  TEST_CASE("what is no id is refused") {
    for (const std::string_view text :
         {"", "call_", "call_1", "prj_01jfz3k9000000000000000000", "call_81jfz3k9000000000000000000",
          "call_01jfz3k900000000000000000u", "0192f0c1-7a3b-7cde-8f00-11223344556",
          "0192f0c1-7a3b-7cde-8f00-1122334455667", "0192f0c1x7a3b-7cde-8f00-112233445566"}) {
      CAPTURE(text);
      CHECK_FALSE(CallId::parse(text));
    }
  }
}
