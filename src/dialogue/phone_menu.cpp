#include "dialogue/phone_menu.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"
#include "dialogue/sentences.hpp"
#include "dialogue/words.hpp"

namespace trunkline::dialogue {
namespace {

// A word of an utterance.
struct Token {
  std::string word;
  bool begins_clause = false;  // a mark stands before it
  bool begins_sentence = false;
};

using Position = std::size_t;

bool is_one_of(std::string_view word, const std::set<std::string_view>& words) {
  return words.contains(word);
}

bool is_verb(std::string_view word) {
  return is_one_of(word, {"press", "dial", "select", "choose", "enter", "push", "pulse", "marque", "presione",
                          "oprima", "digite", "pulsa", "marca", "teclee"});
}

// What stands before a label.
bool introduces(std::string_view word) {
  return is_one_of(word, {"for", "to", "if", "para", "si"});
}

// What may stand between the verb and the key.
bool is_filler(std::string_view word) {
  return is_one_of(word,
                   {"the", "number", "key", "digit", "option", "el", "la", "numero", "tecla", "opcion"});
}

std::optional<std::string> key_of(std::string_view word) {
  static const std::map<std::string_view, std::string_view> names{
      {"zero", "0"},        {"one", "1"},      {"two", "2"},   {"three", "3"},  {"four", "4"},
      {"five", "5"},        {"six", "6"},      {"seven", "7"}, {"eight", "8"},  {"nine", "9"},
      {"star", "*"},        {"asterisk", "*"}, {"pound", "#"}, {"hash", "#"},   {"cero", "0"},
      {"uno", "1"},         {"dos", "2"},      {"tres", "3"},  {"cuatro", "4"}, {"cinco", "5"},
      {"seis", "6"},        {"siete", "7"},    {"ocho", "8"},  {"nueve", "9"},  {"asterisco", "*"},
      {"almohadilla", "#"}, {"numeral", "#"},  {"*", "*"},     {"#", "#"}};
  if (word.size() == 1 && is_digit(word[0])) return std::string(word);
  const auto named = names.find(word);
  if (named == names.end()) return std::nullopt;
  return std::string(named->second);
}

std::vector<Token> tokens_of(std::string_view utterance) {
  std::vector<Token> tokens;
  for (const std::string& sentence : split_sentences(utterance)) {
    bool begins_sentence = true;
    bool begins_clause = true;
    for (const std::string_view piece : split(sentence, ' ')) {
      const std::string_view bare = trim(piece);
      // The two keys that folding would lose, with a mark behind them perhaps.
      const bool is_sign = !bare.empty() && (bare[0] == '*' || bare[0] == '#');
      const std::string folded = is_sign ? " " + std::string(bare.substr(0, 1)) + " " : fold(bare);
      for (const std::string_view word : split(trim(folded), ' ')) {
        if (word.empty()) continue;
        tokens.push_back({std::string(word), begins_clause, begins_sentence});
        begins_sentence = begins_clause = false;
      }
      if (!bare.empty() && std::string_view(",;:").find(bare.back()) != std::string_view::npos)
        begins_clause = true;
    }
  }
  return tokens;
}

class MenuReader {
 public:
  explicit MenuReader(std::string_view utterance) : tokens_(tokens_of(utterance)) {}

  std::vector<MenuOption> read() {
    for (Position at = 0; at < tokens_.size();) {
      const auto key = is_verb(tokens_[at].word) ? key_after(at + 1) : std::nullopt;
      at = key ? take_option(at, *key) : at + 1;
    }
    return std::move(options_);
  }

 private:
  // Where the key stands, at `from` or behind fillers.
  std::optional<Position> key_after(Position from) const {
    while (from < tokens_.size() && is_filler(tokens_[from].word)) ++from;
    if (from >= tokens_.size() || !key_of(tokens_[from].word)) return std::nullopt;
    return from;
  }

  // The option whose verb and key stand there; where to read on.
  Position take_option(Position verb, Position key) {
    if (const auto label = label_before(verb)) {
      add(key, *label, verb);
      return unread_ = key + 1;
    }
    const auto introducer = introducer_after(key);
    if (!introducer) return unread_ = key + 1;
    Position end = label_end(*introducer + 1);
    add(key, *introducer + 1, end);
    // "press 1 for sales, 2 for support, or 3 for billing"
    while (const auto next = bare_option(end)) {
      const Position begin = *next + 2;
      end = label_end(begin);
      add(*next, begin, end);
    }
    return unread_ = end;
  }

  // Where the label of "for X press" begins, in the sentence of the verb: behind the last introducer that
  // begins a clause ("thank you for calling, for sales press 1"), else behind the first.
  std::optional<Position> label_before(Position verb) const {
    Position begin = verb;
    while (begin > unread_ && !tokens_[begin].begins_sentence) --begin;
    std::optional<Position> label;
    for (Position at = begin; at + 1 < verb; ++at) {
      if (introduces(tokens_[at].word) && (!label || tokens_[at].begins_clause)) label = at + 1;
    }
    return label;
  }

  // "press 0 at any time to speak to us": a few words may stand between.
  std::optional<Position> introducer_after(Position key) const {
    constexpr Position words_between_max = 4;
    for (Position at = key + 1; at < tokens_.size() && at <= key + 1 + words_between_max; ++at) {
      if (tokens_[at].begins_sentence || is_verb(tokens_[at].word)) return std::nullopt;
      if (introduces(tokens_[at].word)) return at;
      if (tokens_[at].begins_clause) return std::nullopt;
    }
    return std::nullopt;
  }

  Position label_end(Position from) const {
    Position end = from;
    while (end < tokens_.size() && !is_verb(tokens_[end].word) && !tokens_[end].begins_clause &&
           !bare_option(end)) {
      ++end;
    }
    return end;
  }

  // The key of an option without verb, "or 3 for", that begins there.
  std::optional<Position> bare_option(Position at) const {
    if (at < tokens_.size() && is_one_of(tokens_[at].word, {"or", "o", "and", "y"})) ++at;
    const bool has_key = at + 1 < tokens_.size() && key_of(tokens_[at].word).has_value();
    if (!has_key || !introduces(tokens_[at + 1].word)) return std::nullopt;
    return at;
  }

  void add(Position key, Position begin, Position end) {
    std::string label;
    for (Position at = begin; at < end; ++at) {
      if (!label.empty()) label += ' ';
      label += tokens_[at].word;
    }
    options_.push_back({*key_of(tokens_[key].word), std::move(label)});
  }

  std::vector<Token> tokens_;
  std::vector<MenuOption> options_;
  Position unread_ = 0;
};

bool is_operator(std::string_view label) {
  return has_phrase(" " + std::string(label) + " ",
                    {"operator",         "representative", "agent",         "receptionist",
                     "reception",        "someone",        "somebody",      "a person",
                     "our team",         "our staff",      "associate",     "assistance",
                     "customer service", "all other",      "anything else", "operador",
                     "operadora",        "agente",         "asesor",        "representante",
                     "recepcion",        "una persona",    "alguien",       "atencion al cliente",
                     "otras consultas"});
}

}  // namespace

std::vector<MenuOption> parse_menu(std::string_view utterance) {
  return MenuReader(utterance).read();
}

std::optional<std::string> choose_key(const std::vector<MenuOption>& menu, std::string_view task,
                                      std::string_view instructions, const std::vector<std::string>& tried) {
  const auto is_tried = [&](std::string_view key) { return std::ranges::find(tried, key) != tried.end(); };
  const std::vector<std::string> task_words = content_words(task);
  const std::vector<std::string> instruction_words = content_words(instructions);
  const MenuOption* best = nullptr;
  std::size_t best_score = 0;
  std::size_t best_size = 0;
  for (const MenuOption& option : menu) {
    const std::vector<std::string> label = content_words(option.label);
    const std::size_t score = 2 * overlap(label, task_words) + overlap(label, instruction_words);
    const bool is_better =
        score > best_score || (score > 0 && score == best_score && label.size() < best_size);
    if (is_tried(option.key) || !is_better) continue;
    best = &option;
    best_score = score;
    best_size = label.size();
  }
  if (best != nullptr) return best->key;
  for (const MenuOption& option : menu) {
    if (!is_tried(option.key) && is_operator(option.label)) return option.key;
  }
  if (!is_tried("0")) return "0";
  return std::nullopt;
}

}  // namespace trunkline::dialogue
