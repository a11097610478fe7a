#include "calls/speaker.hpp"

#include "base/text.hpp"

namespace trunkline::calls {

void Speaker::say(std::string_view sentence) {
  // Sentences come with the spaces that stood between them.
  sentence = trim(sentence);
  if (sentence.empty()) return;
  if (!spoken_.empty()) spoken_ += ' ';
  spoken_ += sentence;
  if (!held_.empty()) {
    if (Result<void> said = utter(std::exchange(held_, {}), false, false); !said) problem_ = said.error();
  }
  held_ = sentence;
}

Result<void> Speaker::finish(bool last, bool then_hang_up) {
  if (problem_) return fail(*problem_);
  if (held_.empty() && !last) return {};
  return utter(std::exchange(held_, {}), last, then_hang_up);
}

Result<void> Speaker::press(std::string_view digits) {
  return carrier_.press(leg_, closing_number_, digits);
}

Result<void> Speaker::utter(std::string text, bool last, bool then_hang_up) {
  return carrier_.say(leg_, {.number = last ? closing_number_ : ++next_number_,
                             .text = std::move(text),
                             .language = language_,
                             .voice = voice_,
                             .last = last,
                             .then_hang_up = then_hang_up});
}

}  // namespace trunkline::calls
