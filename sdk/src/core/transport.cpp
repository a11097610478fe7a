#include "trunkline/transport.hpp"

#include <algorithm>

namespace trunkline::inline v1 {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

Transport::~Transport() = default;

std::optional<std::string_view> HttpResponse::header(std::string_view name) const {
  for (const auto& [each, value] : headers) {
    if (std::ranges::equal(each, name, {}, lower, lower)) return value;
  }
  return std::nullopt;
}

}  // namespace trunkline::inline v1
