#include "dialogue/phone_menu.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace trunkline::dialogue;

namespace {

std::vector<std::string> options_of(std::string_view utterance) {
  std::vector<std::string> options;
  for (const MenuOption& option : parse_menu(utterance)) options.push_back(option.key + " " + option.label);
  return options;
}

using Options = std::vector<std::string>;

}  // namespace

TEST_SUITE("phone menus") {
  TEST_CASE("are understood in the forms they come in") {
    const std::vector<std::pair<std::string, Options>> cases{
        {"Thank you for calling Main Street Market. For opening hours press 1, for the pharmacy press 2, for "
         "the bakery "
         "press 3.",
         {"1 opening hours", "2 the pharmacy", "3 the bakery"}},
        {"Press 1 for sales, press 2 for support.", {"1 sales", "2 support"}},
        {"Press 1 for sales, 2 for support, or 3 for billing.", {"1 sales", "2 support", "3 billing"}},
        {"Press one for English. Press two to hear this again.", {"1 english", "2 hear this again"}},
        {"To speak to an operator, press 0.", {"0 speak to an operator"}},
        {"If you are a new patient, dial 4.", {"4 you are a new patient"}},
        {"For sales press 1 for support press 2", {"1 sales", "2 support"}},
        {"press 1 for sales press 2 for support", {"1 sales", "2 support"}},
        {"For sales, press 1, or press 0 for an operator.", {"1 sales", "0 an operator"}},
        {"Press 0 at any time to speak to a representative.", {"0 speak to a representative"}},
        {"To repeat this menu, press star. To go back, press the pound key.",
         {"* repeat this menu", "# go back"}},
        {"To repeat, press *.", {"* repeat"}},
        {"Thank you for calling, for returns press the number 7.", {"7 returns"}},
        {"If you know your party's extension, dial it now. For sales, press 2.", {"2 sales"}},
        {"Para pedidos pulse 1, para horarios pulse 2.", {"1 pedidos", "2 horarios"}},
        {"Pulse 1 para español, marque 2 para inglés.", {"1 espanol", "2 ingles"}},
        {"Para hablar con un operador, marque el cero.", {"0 hablar con un operador"}},
        {"Si desea una cita, presione la tecla 3.", {"3 desea una cita"}},
        {"Press 1 to continue.", {"1 continue"}},
        {"Hello, Acme Parts, returns desk.", {}},
        {"I am pressed for time today.", {}},
        {"We have two for you.", {}},
        {"", {}},
    };
    for (const auto& [utterance, options] : cases) {
      CAPTURE(utterance);
      CHECK(options_of(utterance) == options);
    }
  }

  TEST_CASE("the key is the one of the matter, else the operator's, else 0") {
    const std::string market =
        "For opening hours press 1, for the pharmacy press 2, for the bakery press 3, for all other "
        "questions press 9.";
    struct Case {
      std::string menu;
      std::string task;
      std::string instructions;
      std::vector<std::string> tried;
      std::optional<std::string> key;
    };
    const std::vector<Case> cases{
        {market, "Order a loaf at the bakery", "", {}, "3"},
        {market, "Ask when they open", "", {}, "1"},
        {market, "Is the pharmacy open?", "", {}, "2"},
        {market, "Ask about my prescription", "The pharmacies have it.", {}, "2"},
        {market, "Ask the bakery", "Avoid the pharmacy.", {}, "3"},
        {market, "Complain about the noise", "", {}, "9"},
        {market, "Order a loaf at the bakery", "", {"3"}, "9"},
        {"For sales press 1.", "Complain about the noise", "", {}, "0"},
        {"For sales press 1.", "Complain about the noise", "", {"0"}, std::nullopt},
        {"Para pedidos pulse 1, para reservas pulse 2.", "Hacer una reserva para dos", "", {}, "2"},
    };
    for (const Case& each : cases) {
      CAPTURE(each.task);
      CHECK(choose_key(parse_menu(each.menu), each.task, each.instructions, each.tried) == each.key);
    }
  }

  TEST_CASE("any words are read without harm, and every key is one of a telephone") {
    const auto words = rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
        "press", "for", "to", "1", "two", "*", "#", ",", ".", "or", "pulse", "para", "x"));
    CHECK(rc::check([&] {
      std::string utterance;
      for (const std::string& word : *words) utterance += word + " ";
      for (const MenuOption& option : parse_menu(utterance)) {
        RC_ASSERT(option.key.size() == 1 &&
                  std::string("0123456789*#").find(option.key) != std::string::npos);
      }
    }));
  }
}
