#include "dialogue/tool_match.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "dialogue/hearing.hpp"
#include "dialogue/plain_speech.hpp"
#include "dialogue/words.hpp"

namespace trunkline::dialogue {
namespace {

using Texts = std::vector<std::string>;

bool is_any_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

bool has_digit(std::string_view text) {
  return text.find_first_of("0123456789") != std::string_view::npos;
}

// The utterance's words as they were said ("AB-1234", "12.5"), without the marks around them.
Texts raw_words(std::string_view utterance) {
  Texts words;
  const std::string line = plain_speech(utterance);
  for (std::string_view piece : split(line, ' ')) {
    for (const std::string_view opener : {"¿", "¡", "“", "\"", "(", "'", "«", "#"}) {
      if (piece.starts_with(opener)) piece.remove_prefix(opener.size());
    }
    while (!piece.empty() && std::string_view(".,;:!?\")'").find(piece.back()) != std::string_view::npos) {
      piece.remove_suffix(1);
    }
    if (!piece.empty()) words.emplace_back(piece);
  }
  return words;
}

std::string folded_word(std::string_view word) {
  const std::string folded = fold(word);
  return std::string(trim(folded));
}

// "id", "number" and their like say of a name only that an identifier is meant.
bool says_identifier(std::string_view word) {
  return is_any_of(word, {"id", "ids", "number", "no", "num", "nr", "code", "key", "reference", "ref", "sku",
                          "numero", "codigo", "referencia", "identifier"});
}

// A property of an input schema.
struct Property {
  std::string name;
  Texts subject;               // "order" of order_id
  bool is_identifier = false;  // its name says so
  bool is_text = true;
  bool is_number = false;                // any
  bool is_integer = false;               // whole ones only
  bool is_address = false;               // of e-mail
  const json::Value* choices = nullptr;  // `enum`
};

bool allows_type(const json::Value& schema, std::string_view type) {
  const json::Value* given = schema.find("type");
  if (given == nullptr) return type == "string";
  if (const auto* one = given->as_text()) return *one == type;
  const auto* several = given->as_array();
  return several != nullptr && std::ranges::any_of(*several, [&](const json::Value& each) {
           return each.as_text() != nullptr && *each.as_text() == type;
         });
}

Property read_property(const std::string& name, const json::Value& schema) {
  Property property{.name = name};
  const std::string spaced = fold(spaced_name(name));
  for (const std::string_view word : split(trim(spaced), ' ')) {
    if (says_identifier(word)) {
      property.is_identifier = true;
    } else if (!word.empty()) {
      property.subject.emplace_back(word);
    }
  }
  property.is_text = allows_type(schema, "string");
  property.is_number = allows_type(schema, "number");
  property.is_integer = !property.is_number && allows_type(schema, "integer");
  property.is_address = property.is_text && has_phrase(spaced, {"email", "mail", "correo"});
  property.choices = schema.find("enum");
  return property;
}

// The word as a value of the property's type; nothing when it is none.
std::optional<json::Value> typed(const Property& property, const std::string& word) {
  if (property.is_text) return json::Value(word);
  const bool is_whole = word.find_first_not_of("0123456789") == std::string::npos;
  if (property.is_number || (property.is_integer && is_whole)) return json::Value::number(word);
  return std::nullopt;
}

std::optional<json::Value> find_choice(const Property& property, std::string_view folded) {
  const auto* choices = property.choices->as_array();
  if (choices == nullptr) return std::nullopt;
  for (const json::Value& choice : *choices) {
    if (const auto* text = choice.as_text()) {
      const std::string words = fold(spaced_name(*text));
      if (words != " " && has_phrase(folded, {trim(words)})) return choice;
    } else if (const auto number = choice.number_text(); number && has_phrase(folded, {*number})) {
      return choice;
    }
  }
  return std::nullopt;
}

// What stands behind the property's subject: "order 12345", "order number AB-12", "order is 7". A null
// pointer when nothing does.
const std::string* behind_subject(const Property& property, const Texts& words) {
  constexpr std::size_t words_between_max = 2;
  for (std::size_t at = 0; at < words.size(); ++at) {
    if (std::ranges::find(property.subject, folded_word(words[at])) == property.subject.end()) continue;
    for (std::size_t next = at + 1; next < words.size() && next <= at + 1 + words_between_max; ++next) {
      if (has_digit(words[next])) return &words[next];
      const std::string between = folded_word(words[next]);
      if (!says_identifier(between) &&
          !is_any_of(between, {"is", "with", "the", "es", "el", "la", "con", ""}))
        break;
    }
  }
  return nullptr;
}

// The only word with a digit that is not `taken`.
const std::string* only_number(const Texts& words, const std::vector<const std::string*>& taken) {
  const std::string* only = nullptr;
  for (const std::string& word : words) {
    if (!has_digit(word) || std::ranges::find(taken, &word) != taken.end()) continue;
    if (only != nullptr) return nullptr;
    only = &word;
  }
  return only;
}

const std::string* address_in(const Texts& words) {
  const auto address = std::ranges::find_if(words, [](const std::string& word) {
    const std::size_t at = word.find('@');
    return at != std::string::npos && at > 0 && word.find('.', at) != std::string::npos;
  });
  return address == words.end() ? nullptr : &*address;
}

bool takes_whole_words(const Property& property) {
  return property.is_text &&
         is_any_of(folded_word(property.name), {"question", "query", "q", "text", "message", "request",
                                                "utterance", "pregunta", "consulta", "mensaje", "texto"});
}

// Goes through the properties of a schema, the surest ways first.
class Finder {
 public:
  Finder(std::string_view utterance, const json::Object& properties)
      : utterance_(utterance), words_(raw_words(utterance)) {
    for (const auto& [name, schema] : properties) properties_.push_back(read_property(name, schema));
  }

  FoundArguments find() {
    for (const Property& property : properties_) {
      if (property.choices != nullptr) {
        set(property, find_choice(property, fold(utterance_)));
      } else if (property.is_address) {
        set_word(property, address_in(words_));
      } else if (set_word(property, behind_subject(property, words_))) {
        ++found_.named;
      }
    }
    set_only_number();
    for (const Property& property : properties_) {
      if (is_open(property) && takes_whole_words(property))
        set(property, json::Value(plain_speech(utterance_)));
    }
    return std::move(found_);
  }

 private:
  bool is_open(const Property& property) const {
    return property.choices == nullptr && !property.is_address &&
           found_.values.find(property.name) == nullptr;
  }

  bool set(const Property& property, std::optional<json::Value> value) {
    if (!value) return false;
    found_.values.set(property.name, std::move(*value));
    return true;
  }

  bool set_word(const Property& property, const std::string* word) {
    if (word == nullptr || !set(property, typed(property, *word))) return false;
    taken_.push_back(word);
    return true;
  }

  // When only one property can mean it.
  void set_only_number() {
    const auto can_mean_it = [&](const Property& property) {
      return is_open(property) && (property.is_identifier || property.is_number || property.is_integer);
    };
    if (std::ranges::count_if(properties_, can_mean_it) != 1) return;
    set_word(*std::ranges::find_if(properties_, can_mean_it), only_number(words_, taken_));
  }

  std::string_view utterance_;
  Texts words_;
  std::vector<Property> properties_;
  std::vector<const std::string*> taken_;
  FoundArguments found_;
};

// How well the tool fits; 0 when it does not.
std::size_t fitness(const Texts& asked, const Tool& tool, const FoundArguments& arguments) {
  const Texts about = content_words(spaced_name(tool.name) + " " + tool.description);
  const std::size_t common = overlap(about, asked);
  if (common == 0) return 0;
  const std::size_t wanted = std::min<std::size_t>(2, about.size());
  const std::size_t score = common + arguments.named;
  return score >= wanted ? score : 0;
}

}  // namespace

std::optional<FoundArguments> find_arguments(std::string_view utterance, const json::Value& input_schema) {
  FoundArguments found;
  const json::Value* properties = input_schema.find("properties");
  if (properties != nullptr && properties->as_object() != nullptr) {
    found = Finder(utterance, *properties->as_object()).find();
  }
  const json::Value* required = input_schema.find("required");
  if (required == nullptr || required->as_array() == nullptr) return found;
  for (const json::Value& name : *required->as_array()) {
    if (name.as_text() != nullptr && found.values.find(*name.as_text()) == nullptr) return std::nullopt;
  }
  return found;
}

std::optional<ToolCall> match_tool(std::string_view utterance, const std::vector<Tool>& tools) {
  if (!is_request(utterance)) return std::nullopt;
  const Texts asked = content_words(utterance);
  std::optional<ToolCall> best;
  std::size_t best_fitness = 0;
  for (const Tool& tool : tools) {
    auto arguments = find_arguments(utterance, tool.input_schema);
    if (!arguments) continue;
    const std::size_t fits = fitness(asked, tool, *arguments);
    if (fits <= best_fitness) continue;
    best_fitness = fits;
    best = ToolCall{.name = tool.name, .arguments = std::move(arguments->values)};
  }
  return best;
}

}  // namespace trunkline::dialogue
