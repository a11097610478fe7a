#include "engagement/contact_events.hpp"

#include "base/crypto/hash.hpp"
#include "base/encoding.hpp"

namespace trunkline::engagement {
namespace {

void set_text(json::Object& body, std::string name, const std::string& text) {
  if (!text.empty()) body.set(std::move(name), text);
}

}  // namespace

json::Value contact_event(std::string_view name, const Contact& contact, Instant now) {
  json::Object body{{"event", name},
                    {"contact_id", contact.id.text()},
                    {"customer_id", contact.customer_id},
                    {"created_at", format_rfc3339(contact.created_at)},
                    {"timestamp", format_rfc3339(now)}};
  set_text(body, "name", contact.name);
  set_text(body, "email", contact.email);
  set_text(body, "phone", contact.phone);
  body.set("properties", contact.properties);
  return body;
}

json::Value contact_deleted_event(const Contact& contact, Instant now) {
  return json::object({{"event", event_names::contact_deleted},
                       {"contact_id", contact.id.text()},
                       {"customer_id_sha256", hex_encode(crypto::sha256(contact.customer_id))},
                       {"timestamp", format_rfc3339(now)}});
}

json::Value action_event(std::string_view customer_id, const Action& action) {
  json::Object body{{"event", event_names::action_recorded},
                    {"action_id", action.id.text()},
                    {"contact_id", action.contact.text()},
                    {"customer_id", customer_id},
                    {"action_name", action.name},
                    {"occurred_at", format_rfc3339(action.occurred_at)},
                    {"timestamp", format_rfc3339(action.recorded_at)}};
  if (action.value) body.set("action_value", *action.value);
  if (!action.properties.empty()) body.set("action_properties", action.properties);
  return body;
}

}  // namespace trunkline::engagement
