// Phone menus: "For opening hours press 1, for the pharmacy press 2", in the forms that English and Spanish
// menus have.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::dialogue {

struct MenuOption {
  std::string key;    // one of 0-9*#
  std::string label;  // folded: "opening hours"
};

// The options of an utterance: "for X press N", "press N for X", "para X pulse N", "pulse N para X", any
// number of them; after "press 1 for X" the further ones may leave the verb out ("2 for Y"). Empty when it is
// no menu.
std::vector<MenuOption> parse_menu(std::string_view utterance);

// The key whose label has most words in common with the matter (a word of the task counts twice, one of the
// instructions once; among equals the label with fewer other words, then the first), else that of an
// operator, else "0". Keys that were `tried` already do not come again; nothing when "0" is among them and
// nothing else fits.
std::optional<std::string> choose_key(const std::vector<MenuOption>& menu, std::string_view task,
                                      std::string_view instructions,
                                      const std::vector<std::string>& tried = {});

}  // namespace trunkline::dialogue
