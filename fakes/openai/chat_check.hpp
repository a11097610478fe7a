// What the chat completions API refuses, as the real one does (contracts/openai.md, sections 2, 3 and 6).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json/value.hpp"

namespace trunkline::fakes {

// The error envelope and its status.
struct ApiRefusal {
  int status = 400;
  std::string message;
  std::string type = "invalid_request_error";
  std::string param = {};  // "" is null
  std::string code = {};
};

std::string error_body(const ApiRefusal& refusal);

// Nothing when the request is one that the real API takes: known fields, a known model, messages whose tool
// calls are answered and whose answers have calls, functions with names that are allowed.
std::optional<ApiRefusal> objection_to(const json::Value& body, const std::vector<std::string>& models);

}  // namespace trunkline::fakes
