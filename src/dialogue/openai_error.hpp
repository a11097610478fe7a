// What an OpenAI-compatible server says when it does not answer (contracts/openai.md, section 2), in words of
// our own: a server's message may quote the key or the conversation, so it is not passed on.
#pragma once

#include <string>
#include <string_view>

#include "base/json/value.hpp"

namespace trunkline::dialogue {

// The names of an error, made of letters, digits and underscores; "" when the body has none or is not JSON.
struct ApiError {
  std::string type;
  std::string code;

  // The account is out of money: trying again does not help.
  bool is_out_of_quota() const { return type == "insufficient_quota" || code == "insufficient_quota"; }
};

ApiError read_api_error(const json::Value& body);
ApiError read_api_error(std::string_view body);

// For an answer with this status: "it answered 401 (invalid_api_key): the key is not accepted; check
// OPENAI_API_KEY".
std::string describe_failure(int status, const ApiError& error);
// For an error in the middle of a stream.
std::string describe_failure(const ApiError& error);

}  // namespace trunkline::dialogue
