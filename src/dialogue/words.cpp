#include "dialogue/words.hpp"

#include <algorithm>
#include <set>

#include "base/json/text.hpp"
#include "base/text.hpp"

namespace trunkline::dialogue {
namespace {

// The letters U+00C0 to U+00FF without their accents; a space for the two signs among them.
constexpr std::string_view latin_letters =
    "aaaaaaaceeeeiiii"
    "dnooooo ouuuuyts"
    "aaaaaaaceeeeiiii"
    "dnooooo ouuuuyty";

// One character above ASCII. Signs become a space, letters that are not Latin stay.
void append_folded(std::string& out, std::uint32_t code_point) {
  if (code_point >= 0xC0 && code_point <= 0xFF) {
    out += latin_letters[code_point - 0xC0];
  } else if (code_point < 0xC0 || (code_point >= 0x2000 && code_point < 0x2070) ||
             (code_point >= 0x3000 && code_point < 0x3040)) {
    out += ' ';
  } else {
    json::append_utf8(out, code_point);
  }
}

// Words that say nothing about the matter, as `fold` writes them.
const std::set<std::string_view>& stop_words() {
  static const std::set<std::string_view> words{
      // English
      "a", "about", "after", "again", "all", "also", "am", "an", "and", "any", "anything", "are", "as", "ask",
      "at", "back", "be", "been", "before", "but", "by", "call", "calling", "can", "cant", "could", "did",
      "do", "does", "doing", "dont", "else", "every", "find", "for", "from", "get", "give", "gives", "go",
      "good", "had", "has", "have", "he", "hello", "her", "here", "hers", "hi", "him", "his", "how", "i",
      "id", "if", "ill", "im", "in", "into", "is", "isnt", "it", "its", "ive", "just", "know", "let", "lets",
      "like", "look", "looks", "made", "make", "many", "may", "me", "might", "mine", "more", "most", "much",
      "must", "my", "need", "no", "not", "now", "of", "off", "ok", "okay", "on", "one", "or", "other", "our",
      "out", "over", "please", "pleasure", "retrieve", "return", "returns", "right", "say", "says", "see",
      "shall", "she", "should", "so", "some", "someone", "something", "sure", "take", "tell", "tells", "than",
      "thank", "thanks", "that", "thats", "the", "their", "them", "then", "there", "these", "they", "thing",
      "this", "those", "to", "too", "up", "us", "use", "used", "very", "want", "was", "we", "well", "were",
      "what", "whats", "when", "where", "whether", "which", "who", "whose", "why", "will", "with", "would",
      "yes", "you", "your", "yours",
      // Spanish; "si", "no" and other words that both have stand above or here
      "al", "algo", "ante", "aqui", "asi", "aun", "bien", "buenas", "bueno", "buenos", "claro", "como", "con",
      "cual", "cuales", "cuando", "cuanto", "de", "del", "desde", "diga", "dime", "donde", "e", "el", "ella",
      "ellos", "en", "entre", "era", "es", "esa", "ese", "eso", "esta", "estan", "estas", "este", "esto",
      "favor", "gracias", "ha", "hacer", "hay", "hola", "la", "las", "le", "les", "lo", "los", "mas", "mi",
      "mis", "muchas", "mucho", "muy", "nada", "ni", "nos", "o", "otra", "otro", "para", "pero", "poder",
      "por", "preguntar", "puede", "puedo", "pues", "que", "quien", "quiere", "quiero", "saber", "se",
      "senor", "senora", "ser", "si", "sin", "sobre", "son", "soy", "su", "sus", "tambien", "tan", "te",
      "tener", "tiene", "todo", "tu", "un", "una", "unas", "uno", "unos", "usted", "vale", "y", "ya", "yo"};
  return words;
}

bool ends_with_any(std::string_view word, std::initializer_list<std::string_view> endings) {
  return std::ranges::any_of(endings, [&](std::string_view ending) { return word.ends_with(ending); });
}

// Endings that English and Spanish words take; what is left need not be a word, only the same for its forms.
std::string stem(std::string word) {
  const auto cut = [&](std::size_t count) { word.resize(word.size() - count); };
  if (word.size() > 4 && word.ends_with("ies")) {
    cut(3);
    word += 'y';
  } else if (word.size() > 4 && ends_with_any(word, {"sses", "xes", "zes", "ches", "shes"})) {
    cut(2);
  } else if (word.size() > 3 && word.ends_with('s') && !ends_with_any(word, {"ss", "us", "is"})) {
    cut(1);
  }
  if (word.size() > 5 && word.ends_with("ing")) {
    cut(3);
  } else if (word.size() > 4 && word.ends_with("ed")) {
    cut(2);
  }
  if (word.size() > 3 && ends_with_any(word, {"pp", "nn", "tt", "gg", "mm", "rr"})) cut(1);
  if (word.size() > 4 && ends_with_any(word, {"e", "y"})) cut(1);
  return word;
}

}  // namespace

std::string fold(std::string_view text) {
  std::string raw = " ";
  for (std::size_t at = 0; at < text.size();) {
    const auto code_point = json::take_code_point(text, at);
    if (!code_point) {
      raw += ' ';
      ++at;
    } else if (*code_point >= 0x80) {
      constexpr std::uint32_t right_quote = 0x2019;
      if (*code_point != right_quote) append_folded(raw, *code_point);
    } else if (const char character = static_cast<char>(*code_point); is_upper(character)) {
      raw += static_cast<char>(character - 'A' + 'a');
    } else if (is_lower(character) || is_digit(character)) {
      raw += character;
    } else if (character != '\'') {
      raw += ' ';
    }
  }
  raw += ' ';
  std::string folded;
  for (const char character : raw) {
    if (character != ' ' || folded.empty() || folded.back() != ' ') folded += character;
  }
  return folded;
}

bool has_phrase(std::string_view folded, const std::vector<std::string_view>& phrases) {
  return std::ranges::any_of(phrases, [&](std::string_view phrase) {
    for (std::size_t at = folded.find(phrase); at != std::string_view::npos;
         at = folded.find(phrase, at + 1)) {
      if (folded[at - 1] == ' ' && folded[at + phrase.size()] == ' ') return true;
    }
    return false;
  });
}

std::vector<std::string> content_words(std::string_view text) {
  std::vector<std::string> words;
  const std::string folded = fold(text);
  for (std::size_t begin = 1; begin < folded.size();) {
    const std::size_t end = folded.find(' ', begin);
    std::string word = folded.substr(begin, end - begin);
    begin = end + 1;
    if (stop_words().contains(word)) continue;
    word = stem(std::move(word));
    if (std::ranges::find(words, word) == words.end()) words.push_back(std::move(word));
  }
  return words;
}

std::size_t overlap(const std::vector<std::string>& left, const std::vector<std::string>& right) {
  return static_cast<std::size_t>(std::ranges::count_if(
      left, [&](const std::string& word) { return std::ranges::find(right, word) != right.end(); }));
}

std::string one_line(std::string_view text) {
  std::string line;
  for (const char character : text) {
    const bool is_space = static_cast<unsigned char>(character) <= ' ' || character == '\x7f';
    if (!is_space) {
      line += character;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  if (line.ends_with(' ')) line.pop_back();
  return line;
}

std::string spaced_name(std::string_view name) {
  std::string words;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '_' || name[i] == '-' || name[i] == '.') {
      words += ' ';
      continue;
    }
    if (i > 0 && is_upper(name[i]) && is_lower(name[i - 1])) words += ' ';
    words += is_upper(name[i]) ? static_cast<char>(name[i] - 'A' + 'a') : name[i];
  }
  return one_line(words);
}

}  // namespace trunkline::dialogue
