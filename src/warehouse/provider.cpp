#include "warehouse/provider.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"

namespace trunkline::warehouse {
namespace {

constexpr std::array<std::string_view, 7> type_names{"phone_numbers", "agents",  "calls",  "recordings",
                                                     "messages",      "balance", "billing"};

Error without(const ProviderAccount& account, std::string_view what) {
  return {error_codes::not_offered, fmt::format("{} has no {}.", account.provider, what)};
}

}  // namespace

std::string_view to_text(SyncType type) {
  return type_names.at(static_cast<std::size_t>(type));
}

std::optional<SyncType> parse_sync_type(std::string_view text) {
  std::string name(text);
  std::ranges::replace(name, '-', '_');
  const auto* const found = std::ranges::find(type_names, name);
  if (found == type_names.end()) return std::nullopt;
  return static_cast<SyncType>(found - type_names.begin());
}

std::optional<std::string_view> WebhookDelivery::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (equal_ignoring_case(key, name)) return value;
  }
  return std::nullopt;
}

CallRow Provider::fold(const json::Array&) const {
  return {};
}
Result<RowSet> Provider::fetch_call(std::string_view, Watch&) {
  return fail(without(account(), "single calls to read"));
}
Result<RowSet> Provider::fetch_message(std::string_view, Watch&) {
  return fail(without(account(), "single messages to read"));
}
Result<RecordingRow> Provider::fetch_recording(const WantedRecording&, Watch&) {
  return fail(without(account(), "recordings to download"));
}
Result<WebhookEvent> Provider::read_webhook(const WebhookDelivery&) const {
  return fail(without(account(), "webhooks"));
}
Result<json::Value> Provider::run(std::string_view command, const std::map<std::string, std::string>&,
                                  Watch&) {
  return fail(without(account(), fmt::format("command '{}'", command)));
}

Result<RowSet> Provider::rows_of(std::string_view, const std::map<std::string, std::string>&,
                                 const json::Value&, Instant, const std::function<std::string()>&) const {
  return RowSet{};
}

}  // namespace trunkline::warehouse
