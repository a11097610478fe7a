// Words as the offline script compares them: in lower case, without accents, lightly stemmed, in English and
// Spanish.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace trunkline::dialogue {

// Lower case without accents; whatever is no letter and no digit is one space, apostrophes are nothing, and
// there is a space at both ends, so that " one moment " finds whole words only: "Don't, José!" becomes " dont
// jose ".
std::string fold(std::string_view text);

// Whether any of the phrases, written as `fold` would, occurs as whole words.
bool has_phrase(std::string_view folded, const std::vector<std::string_view>& phrases);

// The words that carry meaning, each once, stemmed: "What are your opening hours?" gives "open" and "hour".
std::vector<std::string> content_words(std::string_view text);

// How many words both lists have. Each list holds a word once.
std::size_t overlap(const std::vector<std::string>& left, const std::vector<std::string>& right);

// Text in which each run of spaces, line ends and control characters is one space, without any at the ends.
std::string one_line(std::string_view text);

// "order_status" and "orderStatus" as words: "order status".
std::string spaced_name(std::string_view name);

}  // namespace trunkline::dialogue
