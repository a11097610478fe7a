// What callers send about contacts and actions, checked: the limits of contracts/engagement-api.md, section
// 9, stated in every refusal. The same for requests, batches and imported files.
#pragma once

#include "base/json/shape.hpp"
#include "engagement/contact.hpp"

namespace trunkline::engagement {

namespace limits {
inline constexpr std::size_t customer_id_characters = 255;
inline constexpr std::size_t name_characters = 512;
inline constexpr std::size_t email_characters = 254;
inline constexpr std::size_t phone_characters = 40;
inline constexpr std::size_t action_name_characters = 255;
inline constexpr std::size_t properties = 128;
inline constexpr std::size_t property_name_characters = 128;
inline constexpr std::size_t properties_bytes = 16UL * 1024;  // as compact JSON
inline constexpr std::size_t value_bytes = 8UL * 1024;
inline constexpr std::size_t depth = 8;  // arrays and objects inside each other
inline constexpr Duration future = hours(24);
}  // namespace limits

// What is absent stays as it is; "" takes a text away, and a null takes a property away.
struct ContactInput {
  std::string customer_id;
  std::optional<std::string> name = {};
  std::optional<std::string> email = {};
  std::optional<std::string> phone = {};
  std::optional<json::Value> properties = {};  // an object
};

struct ActionInput {
  std::string customer_id;
  std::string name;
  std::optional<json::Value> value = {};
  std::optional<json::Value> properties = {};  // an object
  std::optional<Instant> occurred_at = {};
};

// Fails with contact_invalid or action_invalid; the message names the field, what is wrong and the limit.
Result<ContactInput> read_contact(const json::Value& body);
Result<ActionInput> read_action(const json::Value& body, Instant now);

// Whether the id could be a customer's: 1 to 255 characters, none of `/ ? # %` and no control characters, not
// `.` or `..`, and no word that is a path of this API.
Result<void> check_customer_id(std::string_view id);
// Count, names, nesting and size; `field` begins the message.
Result<void> check_properties(const json::Value& properties, std::string_view field, ErrorCode code);

// The number in E.164, "" when the text cannot be read as one without a country.
std::string normalise_phone(std::string_view text);
std::string email_key(std::string_view email);

// For the OpenAPI document.
json::Value contact_schema();
json::Value action_schema();

}  // namespace trunkline::engagement
