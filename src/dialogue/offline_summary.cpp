// What the customer reads about a call when no model is there to write it.
#include <algorithm>

#include <fmt/core.h>

#include "base/json/text.hpp"
#include "base/text.hpp"
#include "dialogue/hearing.hpp"
#include "dialogue/offline_responder.hpp"
#include "dialogue/phone_menu.hpp"
#include "dialogue/phrases.hpp"
#include "dialogue/plain_speech.hpp"
#include "dialogue/words.hpp"

namespace trunkline::dialogue {
namespace {

constexpr std::size_t quote_bytes_max = 300;

struct Wording {
  std::string_view machine;
  std::string_view menu_and_more;
  std::string_view menu;
  std::string_view person;
  std::string_view nobody;
  std::string_view task;
  std::string_view quote;
  std::string_view keys;
  std::string_view tools;
  std::string_view failed;
  std::string_view left_message;
  std::string_view goodbye;
  std::string_view silence;
  std::string_view no_goodbye;
};

constexpr Wording english_wording{
    .machine = "An answering machine answered.",
    .menu_and_more = "A phone menu answered and put the call through.",
    .menu = "A phone menu answered.",
    .person = "A person answered.",
    .nobody = "The call was answered, but nothing was said.",
    .task = "The task was: {}",
    .quote = "The most informative thing that was said: “{}”",
    .keys = "Keys pressed: {}.",
    .tools = "Tools used: {}.",
    .failed = "{} (failed)",
    .left_message = "The agent left a message.",
    .goodbye = "The call ended with a goodbye.",
    .silence = "The call ended because nobody was heard any more.",
    .no_goodbye = "The call ended without a goodbye.",
};

constexpr Wording spanish_wording{
    .machine = "Contestó un contestador automático.",
    .menu_and_more = "Contestó un menú telefónico y pasó la llamada.",
    .menu = "Contestó un menú telefónico.",
    .person = "Contestó una persona.",
    .nobody = "Se contestó la llamada, pero no se dijo nada.",
    .task = "La tarea era: {}",
    .quote = "Lo más informativo que se dijo: «{}»",
    .keys = "Teclas pulsadas: {}.",
    .tools = "Herramientas usadas: {}.",
    .failed = "{} (sin éxito)",
    .left_message = "El agente dejó un mensaje.",
    .goodbye = "La llamada terminó con una despedida.",
    .silence = "La llamada terminó porque no se oía a nadie.",
    .no_goodbye = "La llamada terminó sin despedida.",
};

// What a summary needs of the conversation.
struct Facts {
  std::vector<std::string> heard;  // of the callee, without menus
  bool more_after_menu = false;
  std::string keys;
  std::vector<const ToolUse*> tools;
  std::string last_said;  // of the agent
};

Facts gather(const Conversation& conversation) {
  Facts facts;
  for (const Entry& entry : conversation.history) {
    if (const auto* utterance = std::get_if<Utterance>(&entry)) {
      if (utterance->speaker == Speaker::agent) {
        facts.last_said = utterance->text;
      } else if (parse_menu(utterance->text).empty()) {
        facts.heard.push_back(plain_speech(utterance->text));
        facts.more_after_menu = !facts.keys.empty();
      }
    } else if (const auto* press = std::get_if<KeyPress>(&entry)) {
      facts.keys += facts.keys.empty() ? press->digits : ", " + press->digits;
    } else if (const auto* use = std::get_if<ToolUse>(&entry)) {
      facts.tools.push_back(use);
    }
  }
  return facts;
}

std::string_view who_answered(const Conversation& conversation, const Facts& facts, const Wording& wording) {
  if (facts.more_after_menu) return wording.menu_and_more;
  if (!facts.keys.empty()) return wording.menu;
  if (conversation.answered_by == Party::machine) return wording.machine;
  return facts.heard.empty() ? wording.nobody : wording.person;
}

// How much an utterance tells about the matter.
int information(const std::string& utterance, const std::vector<std::string>& matter) {
  const auto count = [](std::size_t size) { return static_cast<int>(std::min<std::size_t>(size, 8)); };
  const std::vector<std::string> words = content_words(utterance);
  int score = count(words.size()) + 2 * count(overlap(words, matter));
  if (utterance.find_first_of("0123456789") != std::string::npos) score += 3;
  switch (classify(utterance, "", false)) {
    case Heard::help:
      return score + 4;
    case Heard::no:
    case Heard::refusal:
    case Heard::wrong_number:
      return score + 3;
    case Heard::question:
    case Heard::other:
      return score;
    case Heard::answering_machine:
      return 0;
    default:
      return score - 2;
  }
}

const std::string* most_informative(const Facts& facts, const Brief& brief) {
  const std::vector<std::string> matter = content_words(brief.task + "\n" + brief.instructions);
  const std::string* best = nullptr;
  int best_information = 0;
  for (const std::string& utterance : facts.heard) {
    constexpr int greeting_malus = 4;  // who picks up tells their name first
    const bool is_greeting = &utterance == facts.heard.data() && facts.heard.size() > 1;
    const int tells = information(utterance, matter) - (is_greeting ? greeting_malus : 0);
    if (tells <= best_information) continue;
    best = &utterance;
    best_information = tells;
  }
  return best;
}

std::string tools_used(const Facts& facts, const Wording& wording) {
  std::vector<std::string> names;
  for (const ToolUse* use : facts.tools) {
    std::string name = use->result ? use->name : fmt::format(fmt::runtime(wording.failed), use->name);
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return fmt::format(fmt::runtime(wording.tools), join(names, ", "));
}

bool is_goodbye(std::string_view words) {
  return classify(words, "", false) == Heard::goodbye;
}

std::string_view how_it_ended(const Conversation& conversation, const Facts& facts, const Wording& wording) {
  const auto& history = conversation.history;
  const bool fell_silent =
      std::ranges::any_of(std::vector{Language::english, Language::spanish},
                          [&](Language language) {
                            return trim(facts.last_said).ends_with(phrases(language).cannot_hear);
                          }) ||
      (!history.empty() && std::holds_alternative<Silence>(history.back()));
  if (fell_silent) return wording.silence;
  const bool is_machine = conversation.answered_by == Party::machine && facts.keys.empty();
  if (is_machine && !facts.last_said.empty()) return wording.left_message;
  const bool they_said_it = !facts.heard.empty() && is_goodbye(facts.heard.back());
  return they_said_it || is_goodbye(facts.last_said) ? wording.goodbye : wording.no_goodbye;
}

}  // namespace

std::string offline_summary(const Conversation& conversation) {
  const Wording& wording =
      language_of(conversation.brief) == Language::spanish ? spanish_wording : english_wording;
  const Facts facts = gather(conversation);
  std::vector<std::string> sentences{std::string(who_answered(conversation, facts, wording))};
  if (const std::string task = spoken(conversation.brief.task); !task.empty()) {
    sentences.push_back(fmt::format(fmt::runtime(wording.task), task));
  }
  if (const std::string* said = most_informative(facts, conversation.brief)) {
    std::string quote = *said;
    json::shorten(quote, quote_bytes_max);
    sentences.push_back(fmt::format(fmt::runtime(wording.quote), quote));
  }
  if (!facts.tools.empty()) sentences.push_back(tools_used(facts, wording));
  if (!facts.keys.empty()) sentences.push_back(fmt::format(fmt::runtime(wording.keys), facts.keys));
  sentences.emplace_back(how_it_ended(conversation, facts, wording));
  return join(sentences, " ");
}

}  // namespace trunkline::dialogue
