#include "warehouse/retell/webhook.hpp"

#include <fmt/core.h>

namespace trunkline::warehouse::retell {
namespace {

constexpr std::size_t body_bytes_max = 16UL * 1024 * 1024;  // transcripts are long

Standing standing_of(std::string_view event) {
  if (event == "call_analyzed") return Standing::event_final;
  return event == "call_ended" ? Standing::ended_event : Standing::live_event;
}

}  // namespace

Result<WebhookEvent> read_webhook(const WebhookDelivery& delivery, const Secret& key,
                                  const Reading& reading) {
  const auto signature = delivery.header("x-retell-signature");
  if (!signature) return fail(error_codes::webhook_forged, "The webhook is not signed.");
  const Result<Instant> signed_at = verify_webhook(key, *signature, delivery.body, delivery.received_at);
  if (!signed_at) return fail(signed_at.error());
  Result<PageText> page = read_page_text(delivery.body, body_bytes_max);
  if (!page)
    return fail(Error(error_codes::provider_malformed, page.error().message()).caused_by(page.error()));
  RowReader reader(page->value);
  WebhookEvent event;
  event.event_type = reader.required("event");
  if (const Result<void> read = reader.result(); !read) return fail(read.error());
  json::Value* call = page->value.as_object()->find("call");
  // Events of chats have no call.
  if (call == nullptr || call->as_object() == nullptr) return event;
  if (page->is_repaired) note_repairs(*call);
  const Result<void> added =
      add_call(*call, reading, {.standing = standing_of(event.event_type), .at = *signed_at}, event.rows);
  if (!added) return fail(malformed_at("/call", added.error().message()));
  event.event_key = fmt::format("{}|{}", event.rows.calls.front().external_call_id, event.event_type);
  event.occurred_at = signed_at.value();
  return event;
}

}  // namespace trunkline::warehouse::retell
