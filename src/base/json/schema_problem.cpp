#include "base/json/schema_problem.hpp"

#include <algorithm>

#include "base/json/pointer.hpp"

namespace trunkline::json {
namespace {

// What the description tells besides its kind.
enum class Tells : std::uint8_t { nothing, member, number };

struct Wording {
  std::string_view begin;  // of valijson's description
  std::string_view words;  // ours
  Tells tells = Tells::nothing;
  std::string_view end = {};  // of ours, after the number
};

constexpr Wording wordings[] = {
    {"Missing required property", "is required", Tells::member},
    {"Missing dependency", "is required here", Tells::member},
    {"Object contains a property that could not be validated", "is not known here", Tells::member},
    {"Value type not permitted", "has the wrong type"},
    {"Failed to match against any enum values", "is not one of the values that are allowed"},
    {"Failed to match expected value", "is not the value that is expected"},
    {"Failed to any values against subschema", "has no item of the kind that it must contain"},
    {"Failed to validate against exactly one child schema", "matches several schemas where one is allowed"},
    {"Target should not validate", "is what the schema excludes"},
    {"Expected number less than or equal to", "must be at most", Tells::number},
    {"Expected number less than", "must be less than", Tells::number},
    {"Expected number greater than or equal to", "must be at least", Tells::number},
    {"Expected number greater than", "must be greater than", Tells::number},
    {"String should be no more than", "must have at most", Tells::number, " characters"},
    {"String should be no fewer than", "must have at least", Tells::number, " characters"},
    {"Array should contain no more than", "must have at most", Tells::number, " items"},
    {"Array should contain no fewer than", "must have at least", Tells::number, " items"},
    {"Object should have no more than", "must have at most", Tells::number, " members"},
    {"Object should have no fewer than", "must have at least", Tells::number, " members"},
};

// Every level above a problem says so again.
bool is_echo(std::string_view description) {
  return description.starts_with("Failed to validate");
}

std::string_view quoted_name(std::string_view description) {
  const std::size_t begin = description.find('\'', description.find(": '") + 1);
  const std::size_t end = description.rfind('\'');
  return end > begin ? description.substr(begin + 1, end - begin - 1) : "";
}

// The number at the start, without the zeros that std::to_string leaves behind a point.
std::string_view number_at(std::string_view text) {
  std::string_view number = text.substr(0, text.find(' '));
  if (!number.contains('.')) return number;
  number = number.substr(0, number.find_last_not_of('0') + 1);
  return number.ends_with('.') ? number.substr(0, number.size() - 1) : number;
}

}  // namespace

std::string context_pointer(const std::vector<std::string>& context) {
  std::string pointer;
  for (std::size_t i = 1; i < context.size(); ++i) {
    append_pointer(pointer, std::string_view(context[i]).substr(1, context[i].size() - 2));
  }
  return pointer;
}

void add_problem(Report& report, const std::vector<std::string>& context, std::string_view description) {
  std::string pointer = context_pointer(context);
  const auto wording = std::ranges::find_if(
      wordings, [description](const Wording& candidate) { return description.starts_with(candidate.begin); });
  if (wording == std::end(wordings)) {
    if (!is_echo(description)) report.add(std::move(pointer), description);
    return;
  }
  std::string words(wording->words);
  if (wording->tells == Tells::member) {
    append_pointer(pointer, quoted_name(description));
  } else if (wording->tells == Tells::number) {
    words.append(" ").append(number_at(description.substr(wording->begin.size() + 1))).append(wording->end);
  }
  report.add(std::move(pointer), words);
}

}  // namespace trunkline::json
