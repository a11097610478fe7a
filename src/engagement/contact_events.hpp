// What receivers are told about contacts and actions. Texts, integers and what the account itself has sent,
// so that receivers' re-serialisation gives the same bytes.
#pragma once

#include "engagement/contact.hpp"

namespace trunkline::engagement {

namespace event_names {
inline constexpr std::string_view contact_created = "contact.created";
inline constexpr std::string_view contact_updated = "contact.updated";
inline constexpr std::string_view contact_deleted = "contact.deleted";
inline constexpr std::string_view action_recorded = "action.recorded";
}  // namespace event_names

json::Value contact_event(std::string_view name, const Contact& contact, Instant now);
// The person is gone from here, so the event names them by our own id, and by the SHA-256 of theirs (64
// hexadecimal digits), which the receiver can compute.
json::Value contact_deleted_event(const Contact& contact, Instant now);
json::Value action_event(std::string_view customer_id, const Action& action);

}  // namespace trunkline::engagement
