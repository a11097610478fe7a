#include "dialogue/hearing.hpp"

#include <algorithm>

#include "dialogue/sentences.hpp"
#include "dialogue/words.hpp"

namespace trunkline::dialogue {
namespace {

using PhraseList = std::vector<std::string_view>;

// All phrases are as `fold` writes them: lower case, no accents, no apostrophes.
const PhraseList after_the_tone{
    "after the tone",      "at the tone",        "after the beep",  "at the beep",
    "after the signal",    "voicemail",          "voice mail",      "answering machine",
    "record your message", "leave your message", "deje su mensaje", "despues de la senal",
    "tras la senal",       "despues del tono",   "buzon de voz",    "contestador automatico",
    "grabe su mensaje"};
const PhraseList leave_a_message{"leave a message", "leave us a message", "leave me a message",
                                 "deje un mensaje", "dejenos un mensaje", "dejeme un mensaje"};
const PhraseList goodbyes{"goodbye",
                          "good bye",
                          "bye",
                          "bye bye",
                          "bye now",
                          "see you",
                          "have a nice day",
                          "have a good day",
                          "have a great day",
                          "have a good one",
                          "good night",
                          "take care",
                          "talk to you later",
                          "adios",
                          "hasta luego",
                          "hasta pronto",
                          "hasta manana",
                          "chao",
                          "nos vemos",
                          "que le vaya bien",
                          "que tenga un buen dia",
                          "buenas noches"};
const PhraseList wrong_numbers{"wrong number", "numero equivocado", "se ha equivocado",
                               "se equivoca de numero"};
const PhraseList refusals{
    "not interested",     "dont call",           "do not call",           "stop calling",
    "never call",         "leave me alone",      "take me off your list", "remove me from your list",
    "no me interesa",     "no estoy interesado", "no estoy interesada",   "no me llame",
    "no vuelva a llamar", "no llame mas",        "no llamen mas",         "dejen de llamar"};
const PhraseList holds{"one moment",       "just a moment",     "a moment please", "one second",
                       "just a second",    "a second",          "one minute",      "just a minute",
                       "a minute please",  "hold on",           "hang on",         "please hold",
                       "hold please",      "hold the line",     "bear with me",    "let me check",
                       "let me see",       "let me look",       "let me find",     "let me ask",
                       "ill check",        "ill be right back", "i will check",    "stay on the line",
                       "un momento",       "un momentito",      "un segundo",      "un minuto",
                       "espere",           "no cuelgue",        "dejeme ver",      "dejeme mirar",
                       "dejeme comprobar", "voy a ver",         "voy a mirar",     "ahora mismo miro"};
const PhraseList anything_else{"anything else",    "something else",  "what else", "algo mas",
                               "alguna otra cosa", "alguna cosa mas", "otra cosa"};
const PhraseList message_offers{"take a message",      "leave a message",     "leave him a message",
                                "leave her a message", "pass on a message",   "pass a message",
                                "tomar un mensaje",    "tomar nota",          "dejar un mensaje",
                                "dejarle un mensaje",  "dejar algun mensaje", "dejar recado"};
const PhraseList who{"who is this",  "whos this",         "who are you",       "who is calling",
                     "whos calling", "who am i speaking", "who am i talking",  "your name",
                     "who is it",    "who is there",      "quien es",          "quien llama",
                     "quien habla",  "con quien hablo",   "de parte de quien", "como se llama",
                     "su nombre"};
const PhraseList automated{"a robot",
                           "a bot",
                           "a machine",
                           "a computer",
                           "a real person",
                           "a human",
                           "are you real",
                           "are you human",
                           "an ai",
                           "artificial",
                           "a recording",
                           "un robot",
                           "una maquina",
                           "una persona real",
                           "una grabacion",
                           "es usted real",
                           "inteligencia artificial"};
const PhraseList why{"what is this about",
                     "what is it about",
                     "whats this about",
                     "whats it about",
                     "what do you want",
                     "what are you calling about",
                     "why are you calling",
                     "what is this regarding",
                     "what is the reason",
                     "what can i do for you",
                     "how can i help",
                     "how may i help",
                     "how can i assist",
                     "what do you need",
                     "could you repeat",
                     "can you repeat",
                     "repeat that",
                     "say that again",
                     "say it again",
                     "come again",
                     "what did you say",
                     "i didnt catch",
                     "i did not catch",
                     "i beg your pardon",
                     "pardon me",
                     "de que se trata",
                     "por que llama",
                     "que desea",
                     "que quiere",
                     "que necesita",
                     "en que puedo ayudar",
                     "en que puedo ayudarle",
                     "en que le puedo ayudar",
                     "puede repetir",
                     "puede repetirlo",
                     "me lo repite",
                     "como dice",
                     "no le he entendido",
                     "no he entendido"};
// Whole utterances that ask to hear it again.
const PhraseList bare_questions{" sorry ",
                                " pardon ",
                                " what ",
                                " excuse me ",
                                " hello ",
                                " yes ",
                                " hola ",
                                " diga ",
                                " digame ",
                                " como ",
                                " perdon ",
                                " que ",
                                " si ",
                                " are you there ",
                                " are you still there ",
                                " hello are you there ",
                                " sigue ahi ",
                                " esta ahi "};
const PhraseList well_being{"how are you", "how are you doing", "how is it going", "hows it going",
                            "como esta",   "como esta usted",   "que tal",         "como le va"};
const PhraseList thanks{"thank you", "thanks", "gracias"};
const PhraseList yes{"yes",           "yeah",         "yep",        "sure",        "of course",
                     "certainly",     "absolutely",   "definitely", "no problem",  "correct",
                     "that is right", "thats right",  "exactly",    "si",          "claro",
                     "por supuesto",  "vale",         "de acuerdo", "desde luego", "correcto",
                     "exacto",        "sin problema", "perfecto"};
const PhraseList no{
    "no",       "nope",      "sorry",     "unfortunately",   "im afraid",        "i am afraid",
    "we dont",  "we do not", "we cant",   "we cannot",       "i cant",           "i cannot",
    "i dont",   "i do not",  "lo siento", "lamentablemente", "desgraciadamente", "no podemos",
    "no puedo", "no tenemos"};
// Times and amounts are what one calls for.
const PhraseList fact_phrases{
    "today",     "tomorrow",  "tonight", "monday",    "tuesday",   "wednesday",  "thursday", "friday",
    "saturday",  "sunday",    "morning", "afternoon", "evening",   "noon",       "midnight", "oclock",
    "dollars",   "euros",     "pounds",  "open",      "opens",     "close",      "closes",   "closed",
    "ready",     "available", "free",    "settled",   "confirmed", "done",       "two",      "three",
    "four",      "five",      "six",     "seven",     "eight",     "nine",       "ten",      "eleven",
    "twelve",    "dos",       "tres",    "cuatro",    "cinco",     "seis",       "siete",    "ocho",
    "nueve",     "diez",      "once",    "doce",      "abre",      "abrimos",    "cerramos", "cierra",
    "hoy",       "manana",    "lunes",   "martes",    "miercoles", "jueves",     "viernes",  "sabado",
    "domingo",   "abierto",   "cerrado", "listo",     "lista",     "disponible", "libre",    "confirmado",
    "confirmada"};
const PhraseList wishes{
    "please tell",     "can you tell",  "could you tell",  "tell me",        "give me",
    "let me know",     "i need",        "need to know",    "i want to know", "would like to know",
    "id like to know", "can you check", "could you check", "please check",   "look up",
    "digame",          "dime",          "puede decirme",   "me puede decir", "podria decirme",
    "necesito",        "quiero saber",  "quisiera saber",  "compruebe",      "deme"};

bool begins_with(std::string_view folded, const PhraseList& phrases) {
  return std::ranges::any_of(phrases, [&](std::string_view phrase) {
    return folded.substr(1).starts_with(phrase) && folded.size() > phrase.size() + 1 &&
           folded[phrase.size() + 1] == ' ';
  });
}

bool is_question(std::string_view sentence) {
  if (sentence.find('?') != std::string_view::npos) return true;
  if (sentence.ends_with('!')) return false;  // "How nice!"
  static const PhraseList openers{
      "what",     "whats",     "when",     "where",     "which",  "who",     "whos",    "whose",
      "why",      "how",       "can you",  "could you", "do you", "did you", "are you", "is there",
      "will you", "would you", "have you", "cuando",    "donde",  "cual",    "cuales",  "quien",
      "cuanto",   "cuantos",   "cuantas",  "por que",   "puede",  "podria",  "tiene"};
  return begins_with(fold(sentence), openers);
}

bool has_digit(std::string_view text) {
  return text.find_first_of("0123456789") != std::string_view::npos;
}

// A person may ask "Do you want his voicemail?".
bool is_recording(const std::string& sentence) {
  return !is_question(sentence) && has_phrase(fold(sentence), after_the_tone);
}

// What a question asks, when it is one that every call may hear.
Heard kind_of_question(std::string_view folded) {
  if (std::ranges::find(bare_questions, folded) != bare_questions.end()) return Heard::why_calling;
  if (has_phrase(folded, anything_else)) return Heard::anything_else;
  if (has_phrase(folded, message_offers)) return Heard::offer_of_message;
  if (has_phrase(folded, automated)) return Heard::are_you_automated;
  if (has_phrase(folded, who)) return Heard::who_is_calling;
  if (has_phrase(folded, why)) return Heard::why_calling;
  if (has_phrase(folded, well_being)) return Heard::how_are_you;
  return Heard::question;
}

}  // namespace

Heard classify(std::string_view utterance, std::string_view matter, bool by_machine) {
  const std::vector<std::string> sentences = split_sentences(utterance);
  if (sentences.empty()) return by_machine ? Heard::answering_machine : Heard::other;
  const std::string folded = fold(utterance);
  const std::string last = fold(sentences.back());
  const bool asks = std::ranges::any_of(sentences, is_question);
  const bool asks_at_last = is_question(sentences.back());

  if (by_machine || std::ranges::any_of(sentences, is_recording)) return Heard::answering_machine;
  if (!asks_at_last && has_phrase(last, goodbyes)) return Heard::goodbye;
  if (has_phrase(folded, wrong_numbers)) return Heard::wrong_number;
  if (has_phrase(folded, refusals)) return Heard::refusal;
  if (has_phrase(last, holds)) return Heard::hold;
  if (asks) return kind_of_question(folded);
  if (has_phrase(folded, leave_a_message)) return Heard::offer_of_message;
  if (has_phrase(folded, why)) return Heard::why_calling;

  const bool is_news = has_digit(folded) || has_phrase(folded, fact_phrases) ||
                       overlap(content_words(utterance), content_words(matter)) > 0;
  if (begins_with(folded, yes)) return Heard::help;
  if (begins_with(folded, no)) return Heard::no;
  if (is_news) return Heard::help;
  if (has_phrase(folded, thanks)) return Heard::thanks;
  return Heard::other;
}

bool is_request(std::string_view utterance) {
  return std::ranges::any_of(split_sentences(utterance), is_question) || has_phrase(fold(utterance), wishes);
}

}  // namespace trunkline::dialogue
