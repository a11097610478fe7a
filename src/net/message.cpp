#include "net/message.hpp"

#include <fmt/core.h>

#include "base/json/write.hpp"
#include "base/text.hpp"

namespace trunkline::net {

std::optional<std::string_view> RequestHeaders::find(std::string_view wanted) const {
  for (const Field& field : fields_) {
    if (field.name_size == wanted.size() && equal_ignoring_case(name(field), wanted)) return value(field);
  }
  return std::nullopt;
}

std::size_t RequestHeaders::count(std::string_view wanted) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      fields_, [&](const Field& field) { return equal_ignoring_case(name(field), wanted); }));
}

void RequestHeaders::add(std::string_view field_name, std::string_view field_value) {
  if (fields_.empty()) {
    // What most requests have, at once: growing to it would take four allocations each.
    constexpr std::size_t usual_fields = 12;
    constexpr std::size_t usual_bytes = 384;
    fields_.reserve(usual_fields);
    text_.reserve(usual_bytes);
  }
  const auto at = static_cast<std::uint32_t>(text_.size());
  fields_.push_back({.name_at = at,
                     .name_size = static_cast<std::uint32_t>(field_name.size()),
                     .value_at = at + static_cast<std::uint32_t>(field_name.size()),
                     .value_size = static_cast<std::uint32_t>(field_value.size())});
  text_ += field_name;
  text_ += field_value;
}

void RequestHeaders::clear() {
  text_.clear();
  fields_.clear();
}

std::string_view Request::query() const {
  const std::size_t mark = target.find('?');
  return mark == std::string::npos ? std::string_view() : std::string_view(target).substr(mark + 1);
}

std::string_view Request::path_parameter(std::string_view name) const {
  for (const auto& [parameter, value] : path_parameters) {
    if (parameter == name) return value;
  }
  return {};
}

std::optional<std::string> Request::query_parameter(std::string_view name) const {
  std::optional<std::string> found;
  for (auto& [parameter, value] : parse_query(query())) {
    if (parameter == name) found = std::move(value);
  }
  return found;
}

Response json_response(int status, std::string body) {
  Response response;
  response.status = status;
  response.content_type = "application/json";
  response.body = std::move(body);
  return response;
}

int status_for(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid:
      return 400;
    case ErrorKind::unauthenticated:
      return 401;
    case ErrorKind::forbidden:
      return 403;
    case ErrorKind::not_found:
      return 404;
    case ErrorKind::conflict:
      return 409;
    case ErrorKind::too_large:
      return 413;
    case ErrorKind::rate_limited:
      return 429;
    case ErrorKind::unavailable:
      return 503;
    case ErrorKind::timed_out:
      return 504;
    case ErrorKind::internal:
      return 500;
  }
  return 500;
}

Response problem_response(const Error& error, std::string_view request_id) {
  const int status = status_for(error.kind());
  std::string body;
  json::Writer writer(body);
  writer.begin_object();
  writer.key("type").value(fmt::format("urn:trunkline:error:{}", error.code().name));
  writer.key("title").value(reason_phrase(status));
  writer.key("status").value(std::int64_t{status});
  writer.key("code").value(error.code().name);
  writer.key("detail").value(error.message());
  writer.key("request_id").value(request_id);
  if (!error.details().empty()) {
    writer.key("errors").begin_array();
    for (const auto& [name, value] : error.details()) {
      writer.begin_object().key("pointer").value(name).key("detail");
      std::visit([&](const auto& each) { writer.value(each); }, value);
      writer.end_object();
    }
    writer.end_array();
  }
  writer.end_object();
  Response response = json_response(status, std::move(body));
  response.content_type = "application/problem+json";
  if (const auto wait = error.retry_after()) {
    response.headers.add("Retry-After", fmt::format("{}", std::chrono::ceil<seconds>(*wait).count()));
  }
  return response;
}

}  // namespace trunkline::net
