// What a model writes, made fit to be spoken and nothing else: no SSML, no HTML, no Markdown marks, no
// invisible characters. A model is not trusted (control C12 of docs/security.md): whatever it writes, no `<`
// and no `>` comes out.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace trunkline::dialogue {

// For text that arrives in pieces. Pieces are UTF-8 and end where a character ends.
class PlainSpeech {
 public:
  // Runs of white space become one space, or one line end when there is one among them.
  std::string feed(std::string_view piece);

 private:
  enum class State : std::uint8_t { text, after_bracket, in_tag };
  void take(std::uint32_t code_point, std::string& out);
  void take_text(std::uint32_t code_point, std::string& out);

  State state_ = State::text;
  bool said_something_ = false;
  char space_ = '\0';  // white space that waits for the next character
};

// A whole text on one line.
std::string plain_speech(std::string_view text);

}  // namespace trunkline::dialogue
