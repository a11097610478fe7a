#include "dialogue/language.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "dialogue/words.hpp"

namespace trunkline::dialogue {
namespace {

std::optional<Language> by_locale(std::string_view locale) {
  const std::string tag = ascii_lower(locale.substr(0, locale.find_first_of("-_")));
  if (tag == "en") return Language::english;
  if (tag == "es") return Language::spanish;
  return std::nullopt;
}

// How many words of the text only Spanish has.
std::size_t spanish_signs(std::string_view text) {
  std::size_t signs = 0;
  for (const std::string_view sign : {"¿", "¡", "ñ", "Ñ"}) {
    if (text.find(sign) != std::string_view::npos) ++signs;
  }
  static const std::vector<std::string_view> words{
      "hola",  "gracias", "buenos",  "buenas",  "dias", "tardes",  "senor",  "senora",
      "usted", "adios",   "diga",    "digame",  "esta", "estamos", "puedo",  "puede",
      "claro", "por",     "favor",   "momento", "para", "pulse",   "marque", "que",
      "quien", "llama",   "mensaje", "espere",  "vale", "bueno",   "si"};
  const std::string folded = fold(text);
  for (const std::string_view word : words) {
    if (has_phrase(folded, {word})) ++signs;
  }
  return signs;
}

std::size_t english_signs(std::string_view text) {
  static const std::vector<std::string_view> words{"hello", "thank",  "thanks", "the", "is",   "you",
                                                   "yes",   "are",    "press",  "for", "this", "what",
                                                   "your",  "please", "we",     "it"};
  const std::string folded = fold(text);
  return static_cast<std::size_t>(
      std::ranges::count_if(words, [&](std::string_view word) { return has_phrase(folded, {word}); }));
}

}  // namespace

Language language_of(const Brief& brief) {
  return by_locale(brief.locale).value_or(Language::english);
}

Language language_of(const Conversation& conversation) {
  if (const auto given = by_locale(conversation.brief.locale)) return *given;
  std::size_t spanish = 0;
  std::size_t english = 0;
  for (const Entry& entry : conversation.history) {
    const auto* utterance = std::get_if<Utterance>(&entry);
    if (utterance == nullptr || utterance->speaker != Speaker::callee) continue;
    spanish += spanish_signs(utterance->text);
    english += english_signs(utterance->text);
  }
  return spanish > english ? Language::spanish : Language::english;
}

}  // namespace trunkline::dialogue
