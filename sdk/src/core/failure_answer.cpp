#include "core/failure_answer.hpp"

#include <charconv>
#include <ctime>
#include <limits>

#include <curl/curl.h>

#include "core/json_fields.hpp"

namespace trunkline::inline v1::detail {
namespace {

constexpr int quota_exceeded = 6002;

FailureKind kind_of(int status, FailureKind other) {
  switch (status) {
    case 401:
      return FailureKind::authentication;
    case 403:
      return FailureKind::subscription;
    case 429:
      return FailureKind::rate_limit;
    case 400:
    case 422:
      return FailureKind::validation;
    default:
      return other;
  }
}

// The published client takes the next place whenever this one is missing or falsy: null, false, 0, "", [],
// {}.
bool is_falsy(const Json* value) {
  if (value == nullptr || value->is_null()) return true;
  if (value->is_boolean()) return !value->get<bool>();
  if (value->is_number()) return value->get<double>() == 0;
  if (value->is_string()) return value->get_ref<const std::string&>().empty();
  return value->empty();
}

const Json* member_of(const Json& object, const char* name) {
  const auto member = object.find(name);
  return member == object.end() ? nullptr : &*member;
}

// In `object`, else in the object `error` inside it. An `error` of another type is as good as none.
const Json* preferred(const Json& object, const char* name, const char* name_in_error) {
  const Json* value = member_of(object, name);
  if (!is_falsy(value)) return value;
  const Json* error = member_of(object, "error");
  if (error == nullptr || !error->is_object()) return nullptr;
  value = member_of(*error, name_in_error);
  return is_falsy(value) ? nullptr : value;
}

std::string as_message(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void read_level(Failure& failure, const Json& level) {
  if (const Json* code = preferred(level, "error_code", "code")) {
    const auto number = optional_integer(Json{{"code", *code}}, "code");
    const bool fits = number && *number > 0 && *number <= std::numeric_limits<int>::max();
    if (fits) failure.code = static_cast<int>(*number);
  }
  const Json* details = preferred(level, "details", "details");
  if (details != nullptr && details->is_object()) failure.details = *details;
}

void read_body(Failure& failure, const std::string& body) {
  const auto answer = parse_json(body);
  if (!answer || !answer->is_object()) return;
  const Json* detail = member_of(*answer, "detail");
  if (detail != nullptr && detail->is_object()) {
    read_level(failure, *detail);
    if (const Json* message = preferred(*detail, "message", "message"))
      failure.message = as_message(*message);
    return;
  }
  read_level(failure, *answer);
  // `error.message` is not looked at here: a rule of the contract, however odd.
  const Json* message = member_of(*answer, "message");
  if (is_falsy(message)) message = detail;
  if (!is_falsy(message)) failure.message = as_message(*message);
}

// Seconds, or a date (RFC 9110, section 10.2.3).
std::optional<std::chrono::seconds> read_retry_after(const HttpResponse& answer) {
  const auto header = answer.header("Retry-After");
  if (!header || header->empty()) return std::nullopt;
  std::uint32_t seconds = 0;
  const auto [end, error] = std::from_chars(header->data(), header->data() + header->size(), seconds);
  if (error == std::errc() && end == header->data() + header->size()) return std::chrono::seconds(seconds);
  const std::time_t date = curl_getdate(std::string(*header).c_str(), nullptr);
  if (date < 0) return std::nullopt;
  return std::chrono::seconds(std::max<std::time_t>(date - std::time(nullptr), 0));
}

std::optional<std::chrono::seconds> asked_wait(const Failure& failure, const HttpResponse& answer) {
  constexpr std::int64_t longest = 366LL * 24 * 3600;  // seconds; beyond, it is a mistake
  const auto seconds = optional_integer(failure.details, "retry_after");
  if (seconds && *seconds >= 0 && *seconds <= longest) return std::chrono::seconds(*seconds);
  return read_retry_after(answer);
}

}  // namespace

Failure read_failure(const HttpResponse& answer, FailureKind other) {
  Failure failure;
  failure.kind = kind_of(answer.status, other);
  failure.status = answer.status;
  failure.sent = true;
  failure.message = "Request failed with status " + std::to_string(answer.status);
  read_body(failure, answer.body);
  failure.retry_after = asked_wait(failure, answer);
  const bool over_limit = answer.status == 429 && failure.code != quota_exceeded;
  failure.temporary = over_limit || answer.status == 502 || answer.status == 503 || answer.status == 504;
  return failure;
}

}  // namespace trunkline::inline v1::detail
