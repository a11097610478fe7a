#include "dialogue/openai_error.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/json/parse.hpp"
#include "base/text.hpp"

namespace trunkline::dialogue {
namespace {

constexpr std::size_t name_bytes_max = 64;

// The member when it is a name and no sentence.
std::string name_in(const json::Value& error, std::string_view member) {
  const json::Value* value = error.find(member);
  if (value == nullptr || value->as_text() == nullptr) return "";
  const std::string& text = *value->as_text();
  const bool is_name = text.size() <= name_bytes_max &&
                       std::ranges::all_of(text, [](char c) { return is_letter_or_digit(c) || c == '_'; });
  // A key is no name, whatever a server calls it.
  return is_name && !text.starts_with("sk") ? text : "";
}

std::string name_of(const ApiError& error) {
  return error.code.empty() ? error.type : error.code;
}

// How to mend it; "" when only waiting helps.
std::string_view advice(int status, const ApiError& error) {
  if (error.is_out_of_quota()) return "the account at the provider is out of credit";
  if (error.code == "model_not_found") return "there is no such model; check its name";
  if (error.code == "context_length_exceeded") return "the conversation is too long for it";
  switch (status) {
    case 400:
    case 422:
      return "it does not understand the request; check that it speaks the chat completions API";
    case 401:
      return "the key is not accepted; check OPENAI_API_KEY";
    case 403:
      return "the key may not use it";
    case 404:
      return "there is nothing at this address; check OPENAI_BASE_URL and the model's name";
    case 429:
      return "it has too many requests";
    default:
      return "";
  }
}

}  // namespace

ApiError read_api_error(const json::Value& body) {
  const json::Value* error = body.find("error");
  if (error == nullptr) return {};
  return {.type = name_in(*error, "type"), .code = name_in(*error, "code")};
}

ApiError read_api_error(std::string_view body) {
  const Result<json::Value> parsed = json::parse(body);
  return parsed ? read_api_error(*parsed) : ApiError{};
}

std::string describe_failure(int status, const ApiError& error) {
  std::string text = fmt::format("it answered {}", status);
  if (const std::string name = name_of(error); !name.empty()) text += fmt::format(" ({})", name);
  if (const std::string_view help = advice(status, error); !help.empty()) text += fmt::format(": {}", help);
  return text;
}

std::string describe_failure(const ApiError& error) {
  const std::string name = name_of(error);
  return name.empty() ? "it failed in the middle of its answer"
                      : fmt::format("it failed in the middle of its answer ({})", name);
}

}  // namespace trunkline::dialogue
