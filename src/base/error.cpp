#include "base/error.hpp"

#include <fmt/core.h>

namespace trunkline {

std::string_view to_text(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid:
      return "invalid";
    case ErrorKind::unauthenticated:
      return "unauthenticated";
    case ErrorKind::forbidden:
      return "forbidden";
    case ErrorKind::not_found:
      return "not_found";
    case ErrorKind::conflict:
      return "conflict";
    case ErrorKind::too_large:
      return "too_large";
    case ErrorKind::rate_limited:
      return "rate_limited";
    case ErrorKind::unavailable:
      return "unavailable";
    case ErrorKind::timed_out:
      return "timed_out";
    case ErrorKind::internal:
      return "internal";
  }
  return "internal";
}

Error&& Error::with_detail(std::string name, std::variant<std::int64_t, std::string> value) && {
  details_.emplace_back(std::move(name), std::move(value));
  return std::move(*this);
}

Error&& Error::caused_by(Error cause) && {
  cause_ = std::make_shared<const Error>(std::move(cause));
  return std::move(*this);
}

Error&& Error::after(Duration wait) && {
  retry_after_ = wait;
  return std::move(*this);
}

std::string Error::describe() const {
  std::string text = fmt::format("{} ({})", message_, code_.name);
  for (const Error* deeper = cause(); deeper != nullptr; deeper = deeper->cause()) {
    text += fmt::format(": {} ({})", deeper->message_, deeper->code_.name);
  }
  return text;
}

}  // namespace trunkline
