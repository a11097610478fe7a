#include "doors/engagement/render.hpp"

#include "base/text.hpp"
#include "billing/price.hpp"

namespace trunkline::doors::engagement {
namespace {

namespace domain = ::trunkline::engagement;

json::Value typed(std::string_view type, std::string_view description) {
  return json::object({{"type", type}, {"description", description}});
}

json::Value nullable(std::string_view type, std::string_view description) {
  return json::object({{"type", json::array({type, "null"})}, {"description", description}});
}

void write_action(json::Writer& writer, const domain::Action& action) {
  writer.begin_object()
      .member("type", "action")
      .member("at", action.occurred_at)
      .member("action_id", action.id.text())
      .member("action_name", action.name)
      .key("action_value")
      .value(action.value)
      .member("action_properties", json::Value(action.properties))
      .member("recorded_at", action.recorded_at)
      .end_object();
}

void write_call(json::Writer& writer, const domain::CallEntry& entry) {
  const calls::Call& call = entry.call;
  const bool ended = call.state.reason != calls::EndedReason::none;
  const bool timed = call.state.started_at && call.state.ended_at;
  writer.begin_object()
      .member("type", "call")
      .member("at", call.created_at)
      .member("call_id", call.id.text())
      .member("direction", "outbound")
      .member("number", call.request.to.text())
      .member("status", calls::to_text(call.state.status))
      .key("outcome")
      .value(ended ? std::optional(calls::to_text(call.state.reason)) : std::nullopt);
  writer.member("started_at", call.state.started_at);
  writer.member("ended_at", call.state.ended_at);
  writer.key("duration_seconds").value(timed ? std::optional(call.duration_seconds()) : std::nullopt);
  writer.key("summary").value(call.summary).key("cost");
  if (entry.cost) {
    writer.begin_object()
        .member("billed_minutes", billing::billed_minutes(call.duration_seconds()))
        .member("amount", entry.cost->amount.to_text(entry.cost->currency.minor_digits()))
        .member("currency", entry.cost->currency.code())
        .end_object();
  } else {
    writer.value(nullptr);
  }
  writer.end_object();
}

}  // namespace

net::Response registered_response(const domain::Registered& registered) {
  std::string body;
  json::Writer(body)
      .begin_object()
      .member("customer_id", registered.customer_id)
      .member(registered.created ? json::Name("created") : json::Name("updated"), registered.at)
      .member("status", "success")
      .end_object();
  net::Response response = net::json_response(registered.created ? 201 : 200, std::move(body));
  if (registered.replayed) response.headers.add("Idempotent-Replayed", "true");
  return response;
}

void write_contact(json::Writer& writer, const domain::Contact& contact) {
  writer.begin_object().member("customer_id", contact.customer_id).member("contact_id", contact.id.text());
  writer.member("name", unless_empty(contact.name));
  writer.member("email", unless_empty(contact.email));
  writer.member("phone", unless_empty(contact.phone));
  writer.member("phone_e164", unless_empty(contact.phone_e164));
  writer.member("properties", json::Value(contact.properties))
      .member("created", contact.created_at)
      .member("updated", contact.updated_at)
      .end_object();
}

void write_entry(json::Writer& writer, const domain::TimelineEntry& entry) {
  if (const auto* action = std::get_if<domain::Action>(&entry.what)) return write_action(writer, *action);
  write_call(writer, std::get<domain::CallEntry>(entry.what));
}

void write_merge(json::Writer& writer, const domain::Merge& merge) {
  writer.begin_object()
      .member("merge_id", merge.id.text())
      .member("into", merge.into_customer_id)
      .member("from", merge.from_customer_id)
      .member("merged_at", merge.merged_at);
  writer.member("undone_at", merge.undone_at);
  writer.end_object();
}

void write_receipt(json::Writer& writer, const domain::Receipt& receipt) {
  writer.begin_object()
      .member("receipt_id", receipt.id.text())
      .member("status", receipt.completed_at ? "completed" : "pending")
      .member("requested_at", receipt.requested_at);
  writer.member("completed_at", receipt.completed_at);
  writer.key("erased")
      .begin_object()
      .member("contacts", receipt.contacts)
      .member("actions", receipt.actions)
      .member("calls", receipt.calls)
      .member("transcript_entries", receipt.transcript_entries)
      .member("webhooks", receipt.webhooks)
      .end_object()
      .member("calls_pending", receipt.calls_pending)
      .end_object();
}

json::Value message_schema() {
  return json::object({{"type", "object"},
                       {"properties", json::object({{"message", typed("string", "What is wrong.")},
                                                    {"code", typed("string", "The same for programs.")}})},
                       {"required", json::array({"message"})}});
}

json::Value problem_schema() {
  return json::object({{"type", "object"},
                       {"description", "RFC 9457 problem details, application/problem+json."},
                       {"properties", json::object({{"type", typed("string", "A URN of the code.")},
                                                    {"title", typed("string", "The status in words.")},
                                                    {"status", typed("integer", "The HTTP status.")},
                                                    {"code", typed("string", "What is wrong, for programs.")},
                                                    {"detail", typed("string", "The same for people.")},
                                                    {"request_id", typed("string", "Helps to find it.")}})}});
}

json::Value contact_schema() {
  return json::object(
      {{"type", "object"},
       {"properties", json::object({{"customer_id", typed("string", "Your id.")},
                                    {"contact_id", typed("string", "Ours, cnt_….")},
                                    {"name", nullable("string", "Name.")},
                                    {"email", nullable("string", "E-mail address.")},
                                    {"phone", nullable("string", "Phone number as it was given.")},
                                    {"phone_e164", nullable("string", "The same in E.164.")},
                                    {"properties", typed("object", "Whatever else is known.")},
                                    {"created", typed("string", "When.")},
                                    {"updated", typed("string", "When last.")}})}});
}

json::Value entry_schema() {
  return json::object(
      {{"type", "object"},
       {"description", "An action or a call; `type` says which."},
       {"properties", json::object({{"type", typed("string", "action or call.")},
                                    {"at", typed("string", "When it happened, or the call was placed.")},
                                    {"action_id", typed("string", "act_…")},
                                    {"action_name", typed("string", "What was done.")},
                                    {"action_properties", typed("object", "Details.")},
                                    {"recorded_at", typed("string", "When it was stored.")},
                                    {"call_id", typed("string", "call_…")},
                                    {"number", typed("string", "The person's number.")},
                                    {"status", typed("string", "Of the call.")},
                                    {"outcome", nullable("string", "Why the call ended.")},
                                    {"duration_seconds", nullable("integer", "Of the connected part.")},
                                    {"summary", nullable("string", "What was said, in short.")},
                                    {"cost", nullable("object", "billed_minutes, amount, currency.")}})}});
}

}  // namespace trunkline::doors::engagement
