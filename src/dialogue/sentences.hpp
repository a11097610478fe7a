// Cuts text into sentences while it arrives, so that the first can be spoken while the last is being made.
// Abbreviations, decimals, initials and list numbers do not end a sentence; the end of a line does.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace trunkline::dialogue {

// Every sentence keeps the space behind it, so that together they are the text that went in, with each line
// end turned into a space. The text is UTF-8; a piece may end anywhere, inside a character too.
class SentenceSplitter {
 public:
  // The sentences that are complete now. A full stop often needs the next word to tell.
  std::vector<std::string> feed(std::string_view piece);

  // The whole words that wait for the end of their sentence, when somebody has waited for them long enough;
  // "" when there are none.
  std::string take_words();

  // What is left at the end of the text.
  std::string finish();

  // Nothing waits, or what waits ends like a sentence.
  bool is_at_end() const;

 private:
  std::string pending_;
};

// The sentences of a whole text, without spaces around them.
std::vector<std::string> split_sentences(std::string_view text);

}  // namespace trunkline::dialogue
