#include "dialogue/sentences.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "base/text.hpp"
#include "dialogue/words.hpp"

namespace trunkline::dialogue {
namespace {

// A sentence without end is cut between words, so that listening can begin.
constexpr std::size_t sentence_bytes_max = 400;

enum class Boundary : std::uint8_t { no, yes, unknown };

// What follows is never the next sentence.
bool is_title(std::string_view word) {
  static const std::set<std::string_view> titles{"mr",   "mrs",  "ms",  "dr",  "prof", "st",   "sr",  "sra",
                                                 "srta", "dra",  "ud",  "uds", "vs",   "e.g",  "i.e", "p.ej",
                                                 "gen",  "col",  "rev", "hon", "jr",   "avda", "av",  "mt",
                                                 "ft",   "dept", "lic", "ing", "apdo"};
  return titles.contains(word);
}

// What follows may be: a small letter goes on, a capital begins.
bool may_end(std::string_view word) {
  static const std::set<std::string_view> abbreviations{
      "etc", "inc", "ltd", "co", "corp", "a.m", "p.m", "am", "pm", "s.a", "s.l", "ee.uu", "approx", "aprox"};
  return abbreviations.contains(word);
}

// A number follows when it is an abbreviation: "No. 5", "p. 12".
bool takes_number(std::string_view word) {
  static const std::set<std::string_view> words{"no",  "nos", "num", "nr",  "p",  "pp",
                                                "art", "tel", "ext", "fig", "vol"};
  return words.contains(word);
}

bool is_space(char character) {
  return character == ' ' || character == '\n' || character == '\t' || character == '\r';
}

// The number of bytes of a quote or bracket that may close behind a full stop; 0 for anything else.
std::size_t closer_size(std::string_view text) {
  for (const std::string_view closer : {"\"", "'", ")", "]", "”", "’", "»"}) {
    if (text.starts_with(closer)) return closer.size();
  }
  return 0;
}

// The word before `end`, in lower case, without an opening bracket or sign.
std::string word_before(std::string_view text, std::size_t end) {
  std::size_t begin = end;
  while (begin > 0 && !is_space(text[begin - 1])) --begin;
  std::string_view word = text.substr(begin, end - begin);
  for (const std::string_view opener : {"(", "\"", "'", "“", "‘", "«", "¿", "¡"}) {
    if (word.starts_with(opener)) word.remove_prefix(opener.size());
  }
  return ascii_lower(word);
}

// Whether the full stop at `stop` ends a sentence, given the first character of the next word if it is there.
Boundary judge_stop(std::string_view text, std::size_t stop, std::optional<char> next) {
  const std::string word = word_before(text, stop);
  if (word.empty()) return Boundary::yes;
  if (is_title(word)) return Boundary::no;
  const bool is_initial = word.size() == 1 && text[stop - 1] >= 'A' && text[stop - 1] <= 'Z' && word != "i";
  if (is_initial) return Boundary::no;
  // "1. Bread": a list, when it opens the sentence.
  const bool is_number = std::ranges::all_of(word, is_digit);
  if (is_number && word.size() <= 2 && trim(text.substr(0, stop)).size() == word.size()) return Boundary::no;
  const bool is_ellipsis = text[stop] != '.' || (stop > 0 && text[stop - 1] == '.');
  if (!is_ellipsis && !may_end(word) && !takes_number(word)) return Boundary::yes;
  if (!next) return Boundary::unknown;
  if (takes_number(word)) return is_digit(*next) ? Boundary::no : Boundary::yes;
  return is_lower(*next) ? Boundary::no : Boundary::yes;
}

struct Mark {
  std::size_t begin;  // the last of its characters that can be a full stop
  std::size_t end;    // behind it and what closes with it
  bool is_stop;       // a full stop or "…", which may mean something else; not "!" and "?"
};

// The run of marks that end sentences at `at`.
std::optional<Mark> mark_at(std::string_view text, std::size_t at) {
  Mark mark{at, at, true};
  while (mark.end < text.size()) {
    const std::string_view rest = text.substr(mark.end);
    const bool is_dots = rest.starts_with("…");
    if (rest[0] != '.' && rest[0] != '!' && rest[0] != '?' && !is_dots) break;
    mark.is_stop = mark.is_stop && rest[0] != '!' && rest[0] != '?';
    mark.begin = mark.end;
    mark.end += is_dots ? std::string_view("…").size() : 1;
  }
  if (mark.end == at) return std::nullopt;
  while (const std::size_t size = closer_size(text.substr(mark.end))) mark.end += size;
  return mark;
}

// The end of text that ideographs use; no space follows it.
std::size_t wide_mark_size(std::string_view text) {
  for (const std::string_view mark : {"。", "！", "？"}) {
    if (text.starts_with(mark)) return mark.size();
  }
  return 0;
}

// The size of the first sentence with the space behind it; nothing when it may go on.
std::optional<std::size_t> first_sentence(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '\n') return at + 1;
    if (const std::size_t size = wide_mark_size(text.substr(at))) return at + size;
    const auto mark = mark_at(text, at);
    if (!mark) {
      ++at;
      continue;
    }
    at = mark->end;
    if (at == text.size()) return std::nullopt;
    if (!is_space(text[at])) continue;
    std::size_t next = at;
    while (next < text.size() && is_space(text[next])) ++next;
    if (const std::size_t line_end = text.find('\n', at); line_end < next) return line_end + 1;
    const auto next_character = next < text.size() ? std::optional(text[next]) : std::nullopt;
    const Boundary boundary = mark->is_stop ? judge_stop(text, mark->begin, next_character) : Boundary::yes;
    if (boundary == Boundary::yes) return at + 1;
    if (boundary == Boundary::unknown) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::string> SentenceSplitter::feed(std::string_view piece) {
  pending_ += piece;
  std::vector<std::string> sentences;
  const auto take = [&](std::size_t size) {
    std::string sentence = pending_.substr(0, size);
    pending_.erase(0, size);
    if (sentence.ends_with('\n')) sentence.back() = ' ';
    const bool is_blank = trim(sentence).empty();
    // A blank line belongs to the sentence before it, or to the next.
    if (is_blank && !sentences.empty()) {
      sentences.back() += sentence;
    } else {
      sentences.push_back(std::move(sentence));
    }
  };
  while (const auto size = first_sentence(pending_)) take(*size);
  while (pending_.size() > sentence_bytes_max) {
    const std::size_t space = pending_.rfind(' ', sentence_bytes_max);
    if (space == std::string::npos || space == 0) {
      take(cut_to_bytes(pending_, sentence_bytes_max).size());
    } else {
      take(space + 1);
    }
  }
  return sentences;
}

std::string SentenceSplitter::take_words() {
  const std::size_t space = pending_.rfind(' ');
  if (space == std::string::npos || trim(pending_.substr(0, space)).empty()) return "";
  std::string words = pending_.substr(0, space + 1);
  pending_.erase(0, space + 1);
  return words;
}

std::string SentenceSplitter::finish() {
  return std::exchange(pending_, {});
}

bool SentenceSplitter::is_at_end() const {
  std::string_view rest = trim(pending_);
  if (rest.empty()) return true;
  for (std::size_t at = rest.size(); at-- > 0;) {
    if (wide_mark_size(rest.substr(at)) == rest.size() - at) return true;
    const auto mark = mark_at(rest, at);
    if (mark && mark->end == rest.size()) return true;
    if (rest.size() - at > 8) break;
  }
  return false;
}

std::vector<std::string> split_sentences(std::string_view text) {
  SentenceSplitter splitter;
  std::vector<std::string> sentences = splitter.feed(text);
  sentences.push_back(splitter.finish());
  std::vector<std::string> trimmed;
  for (const std::string& sentence : sentences) {
    std::string line = one_line(sentence);
    if (!line.empty()) trimmed.push_back(std::move(line));
  }
  return trimmed;
}

}  // namespace trunkline::dialogue
