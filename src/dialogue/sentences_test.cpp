#include "dialogue/sentences.hpp"

#include <algorithm>

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "base/text.hpp"

using namespace trunkline;
using namespace trunkline::dialogue;

namespace {

using Lines = std::vector<std::string>;

// The sentences when the text comes in pieces of so many bytes.
Lines in_pieces(std::string_view text, std::size_t size) {
  SentenceSplitter splitter;
  Lines sentences;
  for (; !text.empty(); text.remove_prefix(std::min(size, text.size()))) {
    for (std::string& sentence : splitter.feed(text.substr(0, size)))
      sentences.push_back(std::move(sentence));
  }
  if (std::string rest = splitter.finish(); !rest.empty()) sentences.push_back(std::move(rest));
  return sentences;
}

}  // namespace

TEST_SUITE("sentences") {
  TEST_CASE("end where a listener would pause, and nowhere else") {
    const std::vector<Lines> cases{
        {"Hello."},
        {"Hello. ", "How are you? ", "Fine!"},
        {"It costs 3.50 euros. ", "Or 4.20."},
        {"Dr. Smith and Mrs. Jones are here. ", "Come in."},
        {"J. R. Smith called. ", "Twice."},
        {"Am I late? ", "So am I. ", "Sorry."},
        {"We need milk, eggs, etc. for the cake. ", "Thanks."},
        {"We need milk, eggs, etc. ", "Thanks."},
        {"Come at 5 p.m. on Friday. ", "Bye."},
        {"Come at 5 p.m. ", "Then we talk."},
        {"No. ", "That is all."},
        {"It is No. 5 on the list. ", "Right."},
        {"1. Bread and butter. ", "2. Milk."},
        {"I was born in 1990. ", "Then we moved."},
        {"Well... maybe. ", "Or not."},
        {"Well… ", "That is that."},
        {"Really?! ", "Yes."},
        {"He said “Come in.” ", "Then he left."},
        {"(It is open.) ", "Good."},
        {"See www.example.com for more. ", "Bye."},
        {"¿Diga? ", "¡Hola! ", "Soy Ava."},
        {"El Sr. Núñez vive en EE.UU. desde 1999. ", "Adiós."},
        {"これは文です。", "次の文です！", "はい"},
        {"no full stop at all"},
    };
    for (const Lines& sentences : cases) {
      const std::string text = join(sentences, "");
      CAPTURE(text);
      CHECK(in_pieces(text, text.size()) == sentences);
      CHECK(in_pieces(text, 1) == sentences);
    }
  }

  TEST_CASE("the end of a line ends a sentence and is said as a space") {
    CHECK(in_pieces("Two things\nbread\nmilk", 100) == Lines{"Two things ", "bread ", "milk"});
  }

  TEST_CASE("a sentence is there as soon as its end is certain") {
    SentenceSplitter splitter;
    CHECK(splitter.feed("Hello the").empty());
    CHECK(splitter.feed("re.").empty());
    CHECK(splitter.feed(" ") == Lines{"Hello there. "});
    CHECK(splitter.feed("It is 5 p.m. ").empty());
    CHECK(splitter.feed("N") == Lines{"It is 5 p.m. "});
  }

  TEST_CASE("words that have waited long enough can be taken before their sentence ends") {
    SentenceSplitter splitter;
    CHECK(splitter.feed("I would like to as").empty());
    CHECK(splitter.take_words() == "I would like to ");
    CHECK(splitter.take_words().empty());
    CHECK(splitter.feed("k you. Now").size() == 1);
    CHECK(splitter.finish() == "Now");
  }

  TEST_CASE("a sentence without end is cut between words") {
    const std::string endless = [] {
      std::string text;
      for (int i = 0; i < 200; ++i) text += "word ";
      return text;
    }();
    const Lines sentences = in_pieces(endless, 7);
    CHECK(sentences.size() == 3);
    CHECK(join(sentences, "") == endless);
    CHECK(in_pieces(std::string(1000, 'x'), 1000).size() == 3);
  }

  TEST_CASE("whether the text so far is complete") {
    for (const auto& [text, complete] : std::vector<std::pair<std::string, bool>>{{"", true},
                                                                                  {"Hello.", true},
                                                                                  {"Hello. ", true},
                                                                                  {"Hello", false},
                                                                                  {"He said “Yes.”", true},
                                                                                  {"はい。", true}}) {
      SentenceSplitter splitter;
      splitter.feed(text);
      CAPTURE(text);
      CHECK(splitter.is_at_end() == complete);
    }
  }

  TEST_CASE("however the text is cut into pieces, the sentences are the same and nothing is lost") {
    const auto texts = rc::gen::container<std::string>(
        rc::gen::element('a', 'B', '.', '!', '?', ' ', '\n', '1', ')', 'r', 'D'));
    CHECK(rc::check([&] {
      const std::string text = *texts;
      const Lines whole = in_pieces(text, text.size() + 1);
      std::string expected = text;
      std::ranges::replace(expected, '\n', ' ');
      RC_ASSERT(join(whole, "") == expected);
      RC_ASSERT(join(in_pieces(text, *rc::gen::inRange<std::size_t>(1, 9)), "") == expected);
    }));
  }

  TEST_CASE("splitting a whole text gives bare sentences") {
    CHECK(split_sentences("  One.  Two!\n\nThree ") == Lines{"One.", "Two!", "Three"});
    CHECK(split_sentences(" \n ").empty());
  }
}
