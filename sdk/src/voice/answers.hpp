// From answers to typed values.
#pragma once

#include <string>
#include <utility>

#include "core/channel.hpp"
#include "trunkline/json.hpp"

namespace trunkline::inline v1::voice {

// The same for every path (voice API, section 1).
inline constexpr std::string_view api_prefix = "/api/b2b/v1";

inline Failure strange_answer(const std::string& problem, int status) {
  Failure failure;
  failure.message = "the server's answer is not what the API promises: " + problem;
  failure.status = status;
  failure.sent = true;
  return failure;
}

// Sends, and reads the object in the answer. `required` is a member of the value without which it is of no
// use, such as its id; null: none.
template <class T>
Result<T> ask(const detail::Channel& channel, const detail::ApiRequest& request, T (*read)(Json),
              std::string T::* required = nullptr) {
  Result<detail::ApiAnswer> answer = channel.send(request);
  if (!answer) return std::move(answer).error();
  if (!answer->body.is_object()) return strange_answer("an object was expected", answer->status);
  T value = read(std::move(answer->body));
  if (required != nullptr && (value.*required).empty()) {
    return strange_answer("it lacks what identifies it", answer->status);
  }
  return value;
}

// The same for a list.
template <class T>
Result<std::vector<T>> ask_list(const detail::Channel& channel, const detail::ApiRequest& request,
                                T (*read)(Json), std::vector<Json> (*list_of)(const Json&)) {
  Result<detail::ApiAnswer> answer = channel.send(request);
  if (!answer) return std::move(answer).error();
  std::vector<T> values;
  for (Json& each : list_of(answer->body)) values.push_back(read(std::move(each)));
  return values;
}

}  // namespace trunkline::inline v1::voice
