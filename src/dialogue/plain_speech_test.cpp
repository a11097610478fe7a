// Control C12 of docs/security.md: what a model writes is words, never markup.
#include "dialogue/plain_speech.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "base/text.hpp"

using namespace trunkline;
using namespace trunkline::dialogue;

TEST_SUITE("plain speech") {
  TEST_CASE("markup goes, words stay") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"Hello there.", "Hello there."},
        {"<speak>Hello <break time=\"1s\"/>there.</speak>", "Hello there."},
        {"one<br>two", "one two"},
        {"<audio src=\"http://169.254.169.254/\"/>Hi", "Hi"},
        {"<script>alert(1)</script>", "alert(1)"},
        {"<<b>script>x", "script x"},
        {"never closed <say-as interpret", "never closed"},
        {"3 < 5 and 7 > 2", "3 5 and 7 2"},
        {"**Bold** and `code`", "Bold and code"},
        {"tabs\tand\r\nlines", "tabs and lines"},
        {"zero\xE2\x80\x8Bwidth and \xE2\x80\xAEturned", "zerowidth and turned"},
        {"bell\x07", "bell"},
        {"<!-- comment -->x", "x"},
        {"<?xml version='1.0'?>x", "x"},
        {"¿Qué tal, señor Núñez?", "¿Qué tal, señor Núñez?"},
        {"broken \xFF byte", "broken byte"},
        {"", ""},
    };
    for (const auto& [text, words] : cases) {
      CAPTURE(text);
      CHECK(plain_speech(text) == words);
    }
  }

  TEST_CASE("a line end inside a streamed text stays one, for the sentences") {
    PlainSpeech speech;
    CHECK(speech.feed("One \n\n two") == "One\ntwo");
  }

  TEST_CASE("whatever comes in, in whatever pieces, no bracket comes out and the result is the same") {
    const auto pieces = rc::gen::container<std::vector<std::string>>(
        rc::gen::container<std::string>(rc::gen::element('<', '>', 'a', '/', ' ', '!', '"', '\n', '*', '=')));
    CHECK(rc::check([&] {
      const std::vector<std::string> input = *pieces;
      PlainSpeech streamed;
      std::string out;
      for (const std::string& piece : input) out += streamed.feed(piece);
      PlainSpeech whole;
      RC_ASSERT(whole.feed(join(input, "")) == out);
      RC_ASSERT(out.find_first_of("<>") == std::string::npos);
    }));
  }
}
