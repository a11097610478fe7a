#include "dialogue/plain_speech.hpp"

#include "base/json/text.hpp"
#include "dialogue/words.hpp"

namespace trunkline::dialogue {
namespace {

bool is_letter(std::uint32_t code_point) {
  return (code_point >= 'a' && code_point <= 'z') || (code_point >= 'A' && code_point <= 'Z');
}

bool begins_tag(std::uint32_t code_point) {
  return is_letter(code_point) || code_point == '/' || code_point == '!' || code_point == '?';
}

// Controls, and characters that are not seen or turn the direction of the text.
bool is_invisible(std::uint32_t code_point) {
  return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0) || code_point == 0xAD ||
         (code_point >= 0x200B && code_point <= 0x200F) || (code_point >= 0x202A && code_point <= 0x202E) ||
         (code_point >= 0x2060 && code_point <= 0x206F) || code_point == 0xFEFF ||
         (code_point >= 0xE0000 && code_point <= 0xE0FFF);
}

// Marks that Markdown emphasises and quotes code with.
bool is_mark(std::uint32_t code_point) {
  return code_point == '*' || code_point == '`';
}

}  // namespace

std::string PlainSpeech::feed(std::string_view piece) {
  std::string out;
  for (std::size_t at = 0; at < piece.size();) {
    if (const auto code_point = json::take_code_point(piece, at)) {
      take(*code_point, out);
    } else {
      ++at;
    }
  }
  return out;
}

void PlainSpeech::take(std::uint32_t code_point, std::string& out) {
  switch (state_) {
    case State::in_tag:
      if (code_point != '>') return;
      state_ = State::text;
      if (space_ == '\0') space_ = ' ';  // "one<br>two" is two words
      return;
    case State::after_bracket:
      state_ = begins_tag(code_point) ? State::in_tag : State::text;
      if (state_ == State::text) take_text(code_point, out);
      return;
    case State::text:
      take_text(code_point, out);
  }
}

void PlainSpeech::take_text(std::uint32_t code_point, std::string& out) {
  const bool is_space = code_point == ' ' || code_point == '\t' || code_point == '\r' || code_point == 0xA0;
  if (code_point == '<') {
    state_ = State::after_bracket;
  } else if (code_point == '\n' || code_point == 0x2028 || code_point == 0x2029) {
    space_ = '\n';
  } else if (is_space || code_point == '>') {
    if (space_ == '\0') space_ = ' ';
  } else if (!is_invisible(code_point) && !is_mark(code_point)) {
    if (said_something_ && space_ != '\0') out += space_;
    space_ = '\0';
    said_something_ = true;
    json::append_utf8(out, code_point);
  }
}

std::string plain_speech(std::string_view text) {
  PlainSpeech speech;
  return one_line(speech.feed(text));
}

}  // namespace trunkline::dialogue
