#include "dialogue/offline_responder.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"
#include "dialogue/hearing.hpp"
#include "dialogue/phone_menu.hpp"
#include "dialogue/phrases.hpp"
#include "dialogue/sentences.hpp"
#include "dialogue/spoken_value.hpp"
#include "dialogue/tool_match.hpp"
#include "dialogue/words.hpp"

namespace trunkline::dialogue {
namespace {

constexpr Duration time_is_short = seconds(15);

Reply words(std::string_view text) {
  return {.text = std::string(text)};
}
Reply last_words(std::string_view text) {
  return {.text = std::string(text), .hang_up = true};
}

const Utterance* utterance_of(const Entry& entry, Speaker speaker) {
  const auto* utterance = std::get_if<Utterance>(&entry);
  return utterance != nullptr && utterance->speaker == speaker ? utterance : nullptr;
}

class Script {
 public:
  explicit Script(const Conversation& conversation)
      : conversation_(conversation),
        brief_(conversation.brief),
        language_(language_of(conversation)),
        phrases_(phrases(language_)) {}

  Reply next() const {
    const auto& history = conversation_.history;
    if (history.empty()) return first_words();
    if (const auto* use = std::get_if<ToolUse>(&history.back())) return tell(*use);
    if (std::holds_alternative<Silence>(history.back())) return after_silence();
    if (const auto* heard = utterance_of(history.back(), Speaker::callee)) return answer(heard->text);
    if (utterance_of(history.back(), Speaker::agent) != nullptr) return go_on();
    return {};  // keys were pressed: the other side is next
  }

 private:
  bool met_machine() const {
    const bool in_menu = std::ranges::any_of(
        conversation_.history, [](const Entry& entry) { return std::holds_alternative<KeyPress>(entry); });
    return conversation_.answered_by == Party::machine && !in_menu;
  }

  Reply first_words() const {
    return met_machine() ? last_words(voicemail(brief_, language_)) : words(opening(brief_, language_));
  }

  // How often the agent has said one of these, alone or among other words.
  template <class Texts>
  std::size_t times_said(const Texts& texts) const {
    return static_cast<std::size_t>(std::ranges::count_if(conversation_.history, [&](const Entry& entry) {
      const auto* said = utterance_of(entry, Speaker::agent);
      return said != nullptr && std::ranges::any_of(texts, [&](std::string_view text) {
               return said->text.find(text) != std::string::npos;
             });
    }));
  }

  // Whether the words only bridge a wait.
  static bool is_bridge(std::string words) {
    std::vector<std::string_view> bridges;
    for (const Language language : {Language::english, Language::spanish}) {
      const Phrases& each = phrases(language);
      bridges.insert(bridges.end(), {each.take_your_time, each.still_there});
      for (const std::string_view filler : each.fillers) bridges.push_back(trim(filler));
    }
    for (const std::string_view bridge : bridges) {
      for (std::size_t at = words.find(bridge); at != std::string::npos; at = words.find(bridge)) {
        words.erase(at, bridge.size());
      }
    }
    return trim(words).empty();
  }

  // Whether the other side knows who is calling.
  bool is_introduced() const {
    return std::ranges::any_of(conversation_.history, [&](const Entry& entry) {
      const auto* said = utterance_of(entry, Speaker::agent);
      return said != nullptr && !is_bridge(said->text);
    });
  }

  std::string matter() const { return brief_.task + "\n" + brief_.instructions; }

  Reply answer(std::string_view utterance) const {
    const Heard heard = classify(utterance, matter(), false);
    if (heard == Heard::answering_machine) return last_words(voicemail(brief_, language_));
    if (const auto menu = parse_menu(utterance); !menu.empty()) return choose(menu);
    if (met_machine()) return last_words(voicemail(brief_, language_));
    switch (heard) {
      case Heard::goodbye:
        return last_words(phrases_.goodbye);
      case Heard::wrong_number:
        return last_words(phrases_.wrong_number);
      case Heard::refusal:
        return last_words(phrases_.respect_refusal);
      case Heard::hold:
        return words(phrases_.take_your_time);
      default:
        return is_introduced() ? converse(utterance, heard) : words(opening(brief_, language_));
    }
  }

  // Between people who know what it is about.
  Reply converse(std::string_view utterance, Heard heard) const {
    switch (heard) {
      case Heard::anything_else:
        return words(phrases_.that_is_all);
      case Heard::offer_of_message:
        return words(restate(phrases_.yes_please));
      case Heard::who_is_calling:
        return words(restate(introduction(brief_, language_)));
      case Heard::are_you_automated:
        return words(phrases_.automated);
      case Heard::why_calling:
        return words(restate(""));
      case Heard::how_are_you:
        return words(phrases_.kind_of_you_to_ask);
      default:
        break;
    }
    if (auto call = match_tool(utterance, conversation_.tools)) return use(std::move(*call));
    switch (heard) {
      case Heard::question:
        return words(answer_from_brief(utterance));
      case Heard::thanks:
        return words(phrases_.welcome);
      case Heard::no:
        return words(phrases_.hear_refusal);
      case Heard::help:
        return words(phrases_.thanks[times_said(phrases_.thanks) % phrases_.thanks.size()]);
      default:
        return words(acknowledge());
    }
  }

  std::string restate(std::string_view before) const {
    const std::string reason = reason_for_call(brief_, language_);
    if (before.empty()) return reason.empty() ? introduction(brief_, language_) : reason;
    return reason.empty() ? std::string(before) : fmt::format("{} {}", before, reason);
  }

  // Listens; now and then it comes back to why it called. It does not end the call of somebody who talks.
  std::string acknowledge() const {
    const Duration left = conversation_.time_left;
    if (left > Duration::zero() && left <= time_is_short) {
      const bool has_warned = times_said(std::array{phrases_.time_is_short}) > 0;
      return std::string(has_warned ? phrases_.acknowledgements[0] : phrases_.time_is_short);
    }
    const std::size_t turn =
        times_said(phrases_.acknowledgements) + times_said(std::array{phrases_.back_to_my_reason});
    const std::size_t size = phrases_.acknowledgements.size();
    if (turn % (size + 1) == size) return restate(phrases_.back_to_my_reason);
    return std::string(phrases_.acknowledgements[turn % (size + 1)]);
  }

  // The sentence of the instructions that has most words in common with the question.
  std::string answer_from_brief(std::string_view question) const {
    const std::vector<std::string> asked = content_words(question);
    std::string best;
    std::size_t best_overlap = 0;
    for (const std::string& sentence : split_sentences(brief_.instructions)) {
      const std::size_t common = overlap(content_words(sentence), asked);
      if (common <= best_overlap) continue;
      best = spoken(sentence);
      best_overlap = common;
    }
    if (!best.empty()) return fmt::format("{} {}", phrases_.information_is, best);
    if (overlap(content_words(brief_.task), asked) > 0) return restate("");
    return std::string(phrases_.only_know);
  }

  Reply choose(const std::vector<MenuOption>& menu) const {
    std::vector<std::string> tried;
    for (const Entry& entry : conversation_.history) {
      if (const auto* heard = utterance_of(entry, Speaker::callee)) {
        // Keys count for this menu only.
        if (!is_same_menu(parse_menu(heard->text), menu)) tried.clear();
      } else if (const auto* press = std::get_if<KeyPress>(&entry)) {
        tried.push_back(press->digits);
      }
    }
    const auto key = choose_key(menu, brief_.task, brief_.instructions, tried);
    if (!key) return last_words(phrases_.menu_is_no_use);
    return {.digits = *key};
  }

  static bool is_same_menu(const std::vector<MenuOption>& left, const std::vector<MenuOption>& right) {
    return std::ranges::equal(left, right,
                              [](const MenuOption& a, const MenuOption& b) { return a.label == b.label; });
  }

  // Never the same question twice: the answer is known.
  Reply use(ToolCall call) const {
    for (const Entry& entry : conversation_.history) {
      const auto* earlier = std::get_if<ToolUse>(&entry);
      if (earlier != nullptr && earlier->name == call.name && earlier->arguments == call.arguments)
        return tell(*earlier);
    }
    return {.text = std::string(phrases_.looking_up), .tool = std::move(call)};
  }

  Reply tell(const ToolUse& use) const {
    if (!use.result) return words(phrases_.could_not_find_out);
    const std::string found = spoken_value(*use.result, language_);
    if (found.empty()) return words(phrases_.found_nothing);
    const bool is_ended =
        found.ends_with('.') || found.ends_with('!') || found.ends_with('?') || found.ends_with("…");
    return words(fmt::format("{} {}{}", phrases_.looked_up, found, is_ended ? "" : "."));
  }

  Reply after_silence() const {
    std::size_t silences = 0;
    for (auto entry = conversation_.history.rbegin(); entry != conversation_.history.rend(); ++entry) {
      if (std::holds_alternative<Silence>(*entry)) {
        ++silences;
      } else if (utterance_of(*entry, Speaker::agent) == nullptr) {
        break;
      }
    }
    if (met_machine()) return is_introduced() ? Reply{.hang_up = true} : first_words();
    if (silences > 1) return last_words(phrases_.cannot_hear);
    return is_introduced() ? words(phrases_.still_there) : words(opening(brief_, language_));
  }

  // Another responder began to speak and failed: what it did not say yet.
  Reply go_on() const {
    Conversation before = conversation_;
    std::string said;
    while (!before.history.empty() && utterance_of(before.history.back(), Speaker::agent) != nullptr) {
      said += ' ' + utterance_of(before.history.back(), Speaker::agent)->text;
      before.history.pop_back();
    }
    Reply reply = Script(before).next();
    // Whoever has been greeted is not greeted again, but always told that this is an automated assistant.
    const std::string intended =
        reply.text == opening(brief_, language_) ? restate(introduction(brief_, language_)) : reply.text;
    const std::vector<std::string> known = content_words(said);
    std::string rest;
    for (const std::string& sentence : split_sentences(intended)) {
      const std::vector<std::string> meaning = content_words(sentence);
      const bool is_said = 2 * overlap(meaning, known) >= meaning.size();
      const bool is_owed = says_automated(meaning) && !says_automated(known);
      if (!is_said || is_owed) rest += rest.empty() ? sentence : ' ' + sentence;
    }
    reply.text = std::move(rest);
    return reply;
  }

  static bool says_automated(const std::vector<std::string>& words) {
    return std::ranges::any_of(words, [](const std::string& word) { return word.starts_with("automat"); });
  }

  const Conversation& conversation_;
  const Brief& brief_;
  Language language_;
  const Phrases& phrases_;
};

}  // namespace

Reply offline_reply(const Conversation& conversation) {
  Reply reply = Script(conversation).next();
  reply.responder = "offline";
  return reply;
}

Result<Reply> OfflineResponder::respond(const Conversation& conversation, const SentenceSink& sink) {
  Reply reply = offline_reply(conversation);
  if (!sink.say) return reply;
  SentenceSplitter splitter;
  for (const std::string& sentence : splitter.feed(reply.text)) sink.say(sentence);
  if (const std::string rest = splitter.finish(); !rest.empty()) sink.say(rest);
  return reply;
}

Result<std::string> OfflineResponder::summarise(const Conversation& conversation) {
  return offline_summary(conversation);
}

}  // namespace trunkline::dialogue
