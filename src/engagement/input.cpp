#include "engagement/input.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/json/write.hpp"
#include "base/phone_number.hpp"
#include "base/text.hpp"

namespace trunkline::engagement {
namespace {

// The body with its action's moment still as text.
struct ActionBody {
  std::optional<std::string> timestamp;
  std::string customer_id;
  std::string name;
  std::optional<json::Value> properties;
};

const json::Shape<ContactInput>& contact_shape() {
  static const json::Shape<ContactInput> shape(
      "Customer", "A person the account deals with.",
      {json::required("customer_id", &ContactInput::customer_id,
                      "Your own id of the person: 1 to 255 characters, case-sensitive, without / ? # %.",
                      json::text(1, limits::customer_id_characters)),
       json::optional("name", &ContactInput::name, "Name, up to 512 characters.",
                      json::text(0, limits::name_characters)),
       json::optional("email", &ContactInput::email, "E-mail address, up to 254 characters.",
                      json::text(0, limits::email_characters)),
       json::optional("phone", &ContactInput::phone, "Phone number, best in E.164, up to 40 characters.",
                      json::text(0, limits::phone_characters)),
       json::optional("properties", &ContactInput::properties,
                      "Whatever else is known; merged into what is there, null takes a property away. Up to "
                      "128 properties, 8 levels, 16384 bytes.",
                      json::any_object())});
  return shape;
}

const json::Shape<ActionBody>& action_shape() {
  static const json::Shape<ActionBody> shape(
      "Action", "Something a person did.",
      {json::required("customer_id", &ActionBody::customer_id, "Whose action it is.",
                      json::text(1, limits::customer_id_characters)),
       json::required("action_name", &ActionBody::name, "What was done: 1 to 255 characters.",
                      json::text(1, limits::action_name_characters)),
       json::optional("action_properties", &ActionBody::properties,
                      "Details. Up to 128 properties, 8 levels, 16384 bytes.", json::any_object()),
       json::optional("timestamp", &ActionBody::timestamp,
                      "When it happened, ISO 8601; without a zone UTC; at most 24 hours ahead. Default: now.",
                      json::text(1, 64))});
  return shape;
}

std::unexpected<Error> refuse(ErrorCode code, std::string_view field, std::string_view problem) {
  return fail(Error(code, fmt::format("{}: {}", field, problem))
                  .with_detail("/" + std::string(field), std::string(problem)));
}

Error as(ErrorCode code, const Error& error) {
  Error result(code, error.message());
  for (const Error::Detail& detail : error.details()) {
    // It gives the object itself back.
    static_cast<void>(
        std::move(result).with_detail(detail.first, detail.second));  // NOLINT(bugprone-use-after-move)
  }
  return result;  // NOLINT(bugprone-use-after-move)
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

// The C1 control characters, U+0080 to U+009F, in UTF-8.
bool has_c1_control(std::string_view text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (static_cast<unsigned char>(text[i]) == 0xc2 && static_cast<unsigned char>(text[i + 1]) < 0xa0)
      return true;
  }
  return false;
}

std::size_t depth_of(const json::Value& value) {
  std::size_t deepest = 0;
  if (const json::Array* items = value.as_array()) {
    for (const json::Value& item : *items) deepest = std::max(deepest, depth_of(item));
    return deepest + 1;
  }
  if (const json::Object* members = value.as_object()) {
    for (const json::Member& member : *members) deepest = std::max(deepest, depth_of(member.value));
    return deepest + 1;
  }
  return 0;
}

// A light check: one @ between two parts, a dot in the second, nothing that cannot stand in an address.
bool looks_like_email(std::string_view email) {
  const auto parts = split_once(email, '@');
  if (!parts || parts->first.empty() || parts->second.find('@') != std::string_view::npos) return false;
  const std::string_view domain = parts->second;
  if (domain.empty() || domain.front() == '.' || domain.back() == '.') return false;
  if (domain.find("..") != std::string_view::npos) return false;
  return std::ranges::none_of(email,
                              [](char c) { return is_control(c) || c == ' ' || c == ',' || c == ';'; });
}

bool looks_like_phone(std::string_view phone) {
  std::size_t digits = 0;
  for (const char c : phone) {
    if (is_digit(c)) {
      ++digits;
    } else if (std::string_view("+-() ./extEXT#*").find(c) == std::string_view::npos) {
      return false;
    }
  }
  return digits >= 3 && digits <= 24;
}

Result<Instant> read_timestamp(const std::string& text, Instant now) {
  const auto at = parse_instant(text);
  if (!at) {
    return refuse(error_codes::action_invalid, "timestamp",
                  "must be an ISO 8601 date and time such as 2026-03-02T10:01:12Z");
  }
  if (*at > now + limits::future) {
    return refuse(error_codes::action_invalid, "timestamp", "must not be more than 24 hours ahead");
  }
  return *at;
}

// The value is read by itself: null is a value here, where a shape takes it for absent.
Result<std::optional<json::Value>> read_value(const json::Value& body) {
  const json::Value* value = body.find("action_value");
  if (value == nullptr) return std::nullopt;
  if (depth_of(*value) > limits::depth) {
    return refuse(error_codes::action_invalid, "action_value",
                  fmt::format("must not have more than {} levels", limits::depth));
  }
  if (const std::size_t bytes = json::write(*value).size(); bytes > limits::value_bytes) {
    return refuse(
        error_codes::action_invalid, "action_value",
        fmt::format("must not be larger than {} bytes as JSON, not {}", limits::value_bytes, bytes));
  }
  return *value;
}

}  // namespace

Result<void> check_customer_id(std::string_view id) {
  constexpr std::string_view field = "customer_id";
  const auto bad = [&](std::string_view problem) {
    return refuse(error_codes::contact_invalid, field, problem);
  };
  if (id.empty() || count_code_points(id) > limits::customer_id_characters) {
    return bad(fmt::format("must have 1 to {} characters", limits::customer_id_characters));
  }
  if (id == "." || id == "..") return bad("must not be . or ..");
  if (id.find_first_of("/?#%") != std::string_view::npos) return bad("must not contain any of / ? # %");
  if (std::ranges::any_of(id, is_control) || has_c1_control(id))
    return bad("must not contain control characters");
  if (id == "actions" || id == "batch") return bad("must not be `actions` or `batch`: these are paths");
  return {};
}

Result<void> check_properties(const json::Value& properties, std::string_view field, ErrorCode code) {
  const json::Object& members = *properties.as_object();
  if (members.size() > limits::properties) {
    return refuse(
        code, field,
        fmt::format("must not have more than {} properties, not {}", limits::properties, members.size()));
  }
  for (const json::Member& member : members) {
    const std::size_t characters = count_code_points(member.key);
    if (characters == 0 || characters > limits::property_name_characters) {
      return refuse(code, field,
                    fmt::format("names must have 1 to {} characters", limits::property_name_characters));
    }
  }
  if (depth_of(properties) > limits::depth) {
    return refuse(code, field, fmt::format("must not have more than {} levels", limits::depth));
  }
  if (const std::size_t bytes = json::write(properties).size(); bytes > limits::properties_bytes) {
    return refuse(
        code, field,
        fmt::format("must not be larger than {} bytes as JSON, not {}", limits::properties_bytes, bytes));
  }
  return {};
}

Result<ContactInput> read_contact(const json::Value& body) {
  Result<ContactInput> input = contact_shape().read(body);
  if (!input) return fail(as(error_codes::contact_invalid, input.error()));
  if (const auto checked = check_customer_id(input->customer_id); !checked) return fail(checked.error());
  if (input->email && !input->email->empty() && !looks_like_email(*input->email)) {
    return refuse(error_codes::contact_invalid, "email", "must be an e-mail address such as ann@example.com");
  }
  if (input->phone && !input->phone->empty() && !looks_like_phone(*input->phone)) {
    return refuse(error_codes::contact_invalid, "phone", "must be a phone number such as +12025550101");
  }
  if (input->properties) {
    const auto checked = check_properties(*input->properties, "properties", error_codes::contact_invalid);
    if (!checked) return fail(checked.error());
  }
  return input;
}

Result<ActionInput> read_action(const json::Value& body, Instant now) {
  Result<ActionBody> read = action_shape().read(body);
  if (!read) return fail(as(error_codes::action_invalid, read.error()));
  ActionInput input{.customer_id = std::move(read->customer_id),
                    .name = std::move(read->name),
                    .properties = std::move(read->properties)};
  if (input.properties) {
    const auto checked =
        check_properties(*input.properties, "action_properties", error_codes::action_invalid);
    if (!checked) return fail(checked.error());
  }
  Result<std::optional<json::Value>> value = read_value(body);
  if (!value) return fail(std::move(value.error()));
  input.value = std::move(*value);
  if (read->timestamp) {
    const Result<Instant> at = read_timestamp(*read->timestamp, now);
    if (!at) return fail(at.error());
    input.occurred_at = *at;
  }
  return input;
}

std::string normalise_phone(std::string_view text) {
  if (text.empty()) return "";
  const auto number = PhoneNumber::parse_any(text, "");
  return number ? std::string(number->text()) : "";
}

std::string email_key(std::string_view email) {
  return ascii_lower(email);
}

json::Value contact_schema() {
  return contact_shape().open_api();
}

json::Value action_schema() {
  json::Value schema = action_shape().open_api();
  if (json::Value* properties = schema.as_object()->find("properties")) {
    properties->as_object()->set(
        "action_value",
        json::object({{"description", "Any JSON value, null too. Up to 8 levels and 8192 bytes."}}));
  }
  return schema;
}

}  // namespace trunkline::engagement
