#include "base/text.hpp"

#include <array>

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace trunkline {
namespace {

// RFC 3629, section 4, at each border of its table.
TEST_CASE("well-formed UTF-8 is accepted") {
  for (std::string_view text :
       {"", "plain", "Zoë 👍", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "12345678é"}) {
    CAPTURE(text);
    CHECK(is_utf8(text));
  }
  CHECK(is_utf8(std::string_view("a\0b", 3)));
}

TEST_CASE("overlong, surrogate, oversized and torn sequences are not UTF-8") {
  for (std::string_view text :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x9f\xbf", "\xe0\xa0",
        "\xed\xa0\x80", "\xed\xbf\xbf", "\xef\xbf", "\xf0\x8f\xbf\xbf", "\xf0\x90\x80", "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80", "\xff", "12345678\xff", "1234567\xc3"}) {
    CAPTURE(text);
    CHECK(!is_utf8(text));
  }
}

TEST_CASE("characters are counted as code points") {
  CHECK(count_code_points("") == 0);
  CHECK(count_code_points("Zoë 👍") == 5);
}

TEST_CASE("a text is cut where a character ends") {
  struct Case {
    std::size_t most;
    std::string_view by_characters;
    std::string_view by_bytes;
  };
  static constexpr std::array cases{Case{0, "", ""},
                                    Case{2, "Zo", "Zo"},
                                    Case{3, "Zoë", "Zo"},
                                    Case{4, "Zoë ", "Zoë"},
                                    Case{5, "Zoë 👍", "Zoë "},
                                    Case{8, "Zoë 👍", "Zoë "},
                                    Case{9, "Zoë 👍", "Zoë 👍"},
                                    Case{99, "Zoë 👍", "Zoë 👍"}};
  for (const Case& example : cases) {
    CAPTURE(example.most);
    CHECK(cut_to_code_points("Zoë 👍", example.most) == example.by_characters);
    CHECK(cut_to_bytes("Zoë 👍", example.most) == example.by_bytes);
  }
}

TEST_CASE("trimming takes white space from both ends and nothing from between") {
  CHECK(trim("  a b\t\r\n") == "a b");
  CHECK(trim("a") == "a");
  CHECK(trim(" \n ").empty());
  CHECK(trim("").empty());
}

TEST_CASE("case is folded for ASCII letters alone") {
  CHECK(ascii_lower("Content-TYPE É[@]") == "content-type É[@]");
  CHECK(equal_ignoring_case("Retry-After", "rETRY-aFTER"));
  CHECK(!equal_ignoring_case("Retry-After", "Retry-Afte"));
  CHECK(!equal_ignoring_case("É", "é"));
}

TEST_CASE("splitting and joining are each other's reverse") {
  CHECK(split("a,,b", ',') == std::vector<std::string_view>{"a", "", "b"});
  CHECK(split("", ',') == std::vector<std::string_view>{""});
  CHECK(split(",", ',') == std::vector<std::string_view>{"", ""});
  CHECK(split_once("v=1,d=2=3", '=') == std::pair<std::string_view, std::string_view>("v", "1,d=2=3"));
  CHECK(split_once("none", '=') == std::nullopt);
  CHECK(join(std::vector<std::string>{"one", "two", "three"}, ", ") == "one, two, three");
  CHECK(join(std::array{"", ""}, "-") == "-");
  CHECK(join(std::vector<std::string>{}, ", ").empty());
  CHECK(rc::check([] {
    const auto text = *rc::gen::container<std::string>(rc::gen::element('a', ',', 'b'));
    RC_ASSERT(join(split(text, ','), ",") == text);
  }));
}

TEST_CASE("the edit distance counts insertions, removals, replacements and swaps") {
  struct Case {
    std::string_view left;
    std::string_view right;
    std::size_t distance;
  };
  static constexpr std::array cases{
      Case{"", "", 0},           Case{"", "abc", 3},
      Case{"call", "call", 0},   Case{"call", "calls", 1},
      Case{"clal", "call", 1},   Case{"kitten", "sitting", 3},
      Case{"ca", "abc", 3},      Case{"ab", "ba", 1},
      Case{"voice", "vioce", 1}, Case{"status", "stauts", 1},
      Case{"abcd", "badc", 2},
  };
  for (const Case& example : cases) {
    CAPTURE(example.left);
    CAPTURE(example.right);
    CHECK(edit_distance(example.left, example.right) == example.distance);
    CHECK(edit_distance(example.right, example.left) == example.distance);
  }
}

TEST_CASE("an integer is the whole text, or it is none") {
  struct Case {
    std::string_view text;
    std::optional<std::int64_t> number;
  };
  static constexpr std::array cases{
      Case{"0", 0},
      Case{"-12", -12},
      Case{"0034", 34},
      Case{"9223372036854775807", 9223372036854775807},
      Case{"9223372036854775808", std::nullopt},
      Case{"", std::nullopt},
      Case{"-", std::nullopt},
      Case{"+1", std::nullopt},
      Case{" 1", std::nullopt},
      Case{"1 ", std::nullopt},
      Case{"1.0", std::nullopt},
      Case{"0x10", std::nullopt},
  };
  for (const Case& example : cases) {
    CAPTURE(example.text);
    CHECK(parse_integer(example.text) == example.number);
  }
}

TEST_CASE("a mistyped word suggests the nearest candidate, and a strange one none") {
  static constexpr std::array<std::string_view, 6> commands{"serve", "migrate", "calls",
                                                            "keys",  "status",  "id"};
  struct Case {
    std::string_view word;
    std::string_view suggestion;
  };
  static constexpr std::array cases{
      Case{"sevre", "serve"}, Case{"MIGRTAE", "migrate"}, Case{"call", "calls"},
      Case{"key", "keys"},    Case{"stats", "status"},    Case{"di", "id"},
      Case{"serve", "serve"}, Case{"webhook", ""},        Case{"x", ""},
      Case{"", ""},           Case{"kyes", "keys"},
  };
  for (const Case& example : cases) {
    CAPTURE(example.word);
    CHECK(closest(example.word, commands).value_or("") == example.suggestion);
  }
  CHECK(closest(std::string(65, 'a'), commands) == std::nullopt);
  CHECK(closest("serve", {}) == std::nullopt);
}

}  // namespace
}  // namespace trunkline
