// Leaves those rows of a page unread that are stored already word for word: they are told apart in the text,
// by a fingerprint, before any of it is parsed. What a re-read of a window costs is then this scan.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "warehouse/provider.hpp"

namespace trunkline::warehouse {

struct SkimmedPage {
  std::string text;  // the page without the known rows
  std::vector<std::int64_t> known;
  std::vector<std::int64_t> others;  // of the rows that are left, in their order
};

// Of a page that is an object whose member `key` is a list of objects. Nothing when it does not look like one
// all the way: then it is to be read whole, which also finds what is wrong with it.
std::optional<SkimmedPage> skim(std::string_view body, std::string_view key, const KnownRows& known);

// 64 bits of SHA-256 over what rows are read with and the row's text.
std::int64_t fingerprint(std::string_view context, std::string_view row);

}  // namespace trunkline::warehouse
