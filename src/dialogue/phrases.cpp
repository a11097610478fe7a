#include "dialogue/phrases.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "dialogue/plain_speech.hpp"
#include "dialogue/sentences.hpp"
#include "dialogue/words.hpp"

namespace trunkline::dialogue {
namespace {

// About 40 s of speech. What comes after it is there for questions.
constexpr std::size_t line_bytes_max = 600;

constexpr Phrases english{
    .take_your_time = "Of course, take your time.",
    .that_is_all = "No, that is all, thank you.",
    .still_there = "Hello? Are you still there?",
    .cannot_hear = "I cannot hear you, so I will end the call here. Goodbye.",
    .goodbye = "Thank you for your time. Goodbye.",
    .welcome = "You are welcome.",
    .kind_of_you_to_ask = "Thank you for asking.",
    .automated = "Yes, I am an automated assistant.",
    .only_know = "I am sorry, I only know what I was asked to pass on. I will note your question.",
    .wrong_number = "I am sorry for the mistake. Goodbye.",
    .respect_refusal = "I understand, and I will pass that on. I am sorry for the disturbance. Goodbye.",
    .hear_refusal = "I understand. Thank you, I will pass that on.",
    .menu_is_no_use = "I could not find what I need in this menu. Goodbye.",
    .looking_up = "Let me look that up for you.",
    .looked_up = "I have looked it up.",
    .found_nothing = "There is nothing about it in what I can see.",
    .could_not_find_out = "I am sorry, I could not find that out. I will note your question.",
    .information_is = "My information is the following:",
    .yes_please = "Yes, please.",
    .back_to_my_reason = "All right. May I come back to the reason for my call?",
    .time_is_short = "Our time is nearly over, so the call may end soon. Thank you for talking with me.",
    .thanks = {"Thank you, that is very helpful. I will pass it on.",
               "Thank you very much. I have noted that."},
    .acknowledgements = {"I see.", "I understand."},
    .fillers = {"One moment, please. ", "I am still here, just a moment. ", "Thank you for your patience. "},
    .yes = "yes",
    .no = "no",
    .and_more = "more",
};

constexpr Phrases spanish{
    .take_your_time = "Por supuesto, tómese su tiempo.",
    .that_is_all = "No, eso es todo, gracias.",
    .still_there = "¿Hola? ¿Sigue usted ahí?",
    .cannot_hear = "No le oigo, así que termino aquí la llamada. Adiós.",
    .goodbye = "Gracias por su tiempo. Adiós.",
    .welcome = "No hay de qué.",
    .kind_of_you_to_ask = "Gracias por preguntar.",
    .automated = "Sí, soy un asistente automático.",
    .only_know = "Lo siento, solo sé lo que me han pedido transmitir. Tomo nota de su pregunta.",
    .wrong_number = "Disculpe el error. Adiós.",
    .respect_refusal = "Entiendo, y lo transmitiré. Disculpe la molestia. Adiós.",
    .hear_refusal = "Entiendo. Gracias, lo transmitiré.",
    .menu_is_no_use = "No encuentro lo que necesito en este menú. Adiós.",
    .looking_up = "Permítame consultarlo.",
    .looked_up = "Lo he consultado.",
    .found_nothing = "No encuentro nada sobre ello.",
    .could_not_find_out = "Lo siento, no he podido averiguarlo. Tomo nota de su pregunta.",
    .information_is = "La información que tengo es la siguiente:",
    .yes_please = "Sí, por favor.",
    .back_to_my_reason = "De acuerdo. ¿Puedo volver al motivo de mi llamada?",
    .time_is_short = "Se nos acaba el tiempo y la llamada puede terminar pronto. Gracias por hablar conmigo.",
    .thanks = {"Muchas gracias, me ayuda mucho. Lo transmitiré.", "Muchas gracias. He tomado nota."},
    .acknowledgements = {"Ya veo.", "Entiendo."},
    .fillers = {"Un momento, por favor. ", "Sigo aquí, un momento. ", "Gracias por su paciencia. "},
    .yes = "sí",
    .no = "no",
    .and_more = "más",
};

// "Ava, an automated assistant calling on behalf of Dana Smith."
std::string identity(const Brief& brief, Language language) {
  const bool is_spanish = language == Language::spanish;
  const std::string agent = plain_speech(brief.agent_name);
  const std::string caller = plain_speech(brief.caller_name);
  std::string text = agent.empty() ? "" : agent + ", ";
  text += is_spanish ? "un asistente automático" : "an automated assistant";
  if (!caller.empty()) {
    text += fmt::format("{}{}", is_spanish ? " que llama de parte de " : " calling on behalf of ", caller);
  }
  if (!text.ends_with('.')) text += '.';
  return text;
}

}  // namespace

const Phrases& phrases(Language language) {
  return language == Language::spanish ? spanish : english;
}

std::string introduction(const Brief& brief, Language language) {
  return (language == Language::spanish ? "Soy " : "This is ") + identity(brief, language);
}

std::string reason_for_call(const Brief& brief, Language language) {
  const std::string task = spoken(brief.task);
  if (task.empty()) return "";
  return (language == Language::spanish ? "Llamo por lo siguiente: " : "I am calling about the following: ") +
         task;
}

std::string opening(const Brief& brief, Language language) {
  const std::string reason = reason_for_call(brief, language);
  return fmt::format("{}{}{}{}", language == Language::spanish ? "Hola, soy " : "Hello, this is ",
                     identity(brief, language), reason.empty() ? "" : " ", reason);
}

std::string voicemail(const Brief& brief, Language language) {
  const std::string reason = reason_for_call(brief, language);
  const bool is_spanish = language == Language::spanish;
  return fmt::format("{}{}{}{} {}",
                     is_spanish ? "Hola, este es un mensaje de " : "Hello, this is a message from ",
                     identity(brief, language), reason.empty() ? "" : " ", reason,
                     is_spanish ? "Gracias. Adiós." : "Thank you. Goodbye.");
}

std::string spoken(std::string_view words) {
  std::string line;
  for (const std::string& sentence : split_sentences(plain_speech(words))) {
    if (!line.empty() && line.size() + sentence.size() > line_bytes_max) break;
    if (!line.empty()) line += ' ';
    line += sentence;
  }
  while (!line.empty() && std::string_view(" .,;:-").find(line.back()) != std::string_view::npos)
    line.pop_back();
  while (!line.empty() && std::string_view(" .,;:-").find(line.front()) != std::string_view::npos)
    line.erase(0, 1);
  if (line.empty()) return "";
  if (!line.ends_with('?') && !line.ends_with('!') && !line.ends_with("…")) line += '.';
  return line;
}

}  // namespace trunkline::dialogue
