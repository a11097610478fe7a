#include "dialogue/hearing.hpp"

#include <doctest/doctest.h>

using namespace trunkline::dialogue;

TEST_SUITE("hearing") {
  TEST_CASE("what is said is told apart, in English and in Spanish") {
    const std::vector<std::pair<std::string, Heard>> cases{
        {"Please leave a message after the tone.", Heard::answering_machine},
        {"You have reached the voicemail of Sam.", Heard::answering_machine},
        {"Ahora no podemos atenderle. Deje su mensaje después de la señal.", Heard::answering_machine},
        {"She is out. Would you like to leave a message?", Heard::offer_of_message},
        {"Shall I take a message?", Heard::offer_of_message},
        {"¿Quiere dejar un mensaje?", Heard::offer_of_message},
        {"Do you want his voicemail?", Heard::question},
        {"All right then. Goodbye!", Heard::goodbye},
        {"You are welcome. Bye now.", Heard::goodbye},
        {"Have a nice day!", Heard::goodbye},
        {"Muchas gracias por llamar. ¡Adiós!", Heard::goodbye},
        {"Vale, hasta luego.", Heard::goodbye},
        {"Before we say goodbye, what was your name?", Heard::who_is_calling},
        {"I will buy the blue one.", Heard::other},
        {"Sorry, wrong number.", Heard::wrong_number},
        {"Se ha equivocado de número.", Heard::wrong_number},
        {"I'm not interested, don't call again.", Heard::refusal},
        {"No me interesa.", Heard::refusal},
        {"One moment please, let me look it up.", Heard::hold},
        {"Hold on.", Heard::hold},
        {"Un momento, por favor.", Heard::hold},
        {"No cuelgue, voy a ver.", Heard::hold},
        {"One moment. Here it is: we close at six.", Heard::help},
        {"Is there anything else I can do for you?", Heard::anything_else},
        {"¿Algo más?", Heard::anything_else},
        {"Who is this?", Heard::who_is_calling},
        {"¿Quién habla?", Heard::who_is_calling},
        {"Am I talking to a robot?", Heard::are_you_automated},
        {"¿Es usted una máquina?", Heard::are_you_automated},
        {"What is this about?", Heard::why_calling},
        {"Could you repeat that?", Heard::why_calling},
        {"Sorry?", Heard::why_calling},
        {"Hello?", Heard::why_calling},
        {"¿En qué puedo ayudarle?", Heard::why_calling},
        {"How are you today?", Heard::how_are_you},
        {"When do you need it?", Heard::question},
        {"what is the status of my order", Heard::question},
        {"¿Cuántas personas?", Heard::question},
        {"How nice!", Heard::other},
        {"Thank you.", Heard::thanks},
        {"Gracias.", Heard::thanks},
        {"No, I'm sorry, we have none.", Heard::no},
        {"Unfortunately not.", Heard::no},
        {"Lo siento, no puede ser.", Heard::no},
        {"No problem, it is done.", Heard::help},
        {"Yes, that is fine with me.", Heard::help},
        {"We open at 9.", Heard::help},
        {"The cake is here.", Heard::help},
        {"Sí, claro. Mañana a las diez está libre, señor.", Heard::help},
        {"You know, when I was young the winters were longer.", Heard::other},
        {"", Heard::other},
    };
    for (const auto& [utterance, heard] : cases) {
      CAPTURE(utterance);
      CHECK(classify(utterance, "Ask about the cake", false) == heard);
    }
  }

  TEST_CASE("what a machine says is a machine's, whatever it is") {
    CHECK(classify("You have reached Riverside Dental.", "", true) == Heard::answering_machine);
    CHECK(classify("", "", true) == Heard::answering_machine);
  }

  TEST_CASE("requests are questions and wishes") {
    for (const char* request : {"Where is my order?", "Tell me the price.", "I need the address.",
                                "Dígame el precio.", "can you check order 5"}) {
      CAPTURE(request);
      CHECK(is_request(request));
    }
    for (const char* remark :
         {"I see.", "Order 12345 is on its way.", "It is so good to hear a voice.", ""}) {
      CAPTURE(remark);
      CHECK_FALSE(is_request(remark));
    }
  }
}
