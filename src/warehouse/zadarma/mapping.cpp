#include "warehouse/zadarma/mapping.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"

namespace trunkline::warehouse::zadarma {
namespace {

std::optional<std::string> number(const std::optional<std::string>& text, const Reading& reading) {
  return text ? normalise_number(*text, reading.default_region, true) : std::nullopt;
}

// A local time of the account.
std::optional<LocalTime> local_time(RowReader& reader, std::string_view key, const Reading& reading,
                                    std::optional<Instant> near = {}) {
  const auto text = reader.text(key);
  if (!text) return std::nullopt;
  const auto time = reading.zone.read(*text, near);
  if (!time) reader.fail_at(key, "is no local time");
  return time;
}

// What the two feeds of billed and of incoming calls have in common.
CallRow listed_call(RowReader& reader, const Reading& reading) {
  CallRow call;
  call.external_call_id = reader.required("id");
  call.from_number = number(reader.text("from"), reading);
  call.to_number = number(reader.text("to"), reading);
  json::Value raw = stored(reader.row());
  if (const auto start = local_time(reader, "callstart", reading)) {
    call.started_at = start->instant;
    mark_local_time(raw, start->kind);
  }
  call.raw_data = raw;
  call.duration_seconds = reader.integer("billseconds");
  call.billable_seconds = call.duration_seconds;
  call.disposition = reader.text("disposition");
  call.status = zadarma_status(call.disposition.value_or(""));
  call.hangup_cause = reader.text("hangupcause");
  return call;
}

}  // namespace

std::string number_in(std::string_view caller_id) {
  // The longest run of digits, with a plus before it.
  std::string_view best;
  for (std::size_t at = 0; at < caller_id.size();) {
    std::size_t end = at;
    if (caller_id[end] == '+') ++end;
    const std::size_t digits = end;
    while (end < caller_id.size() && is_digit(caller_id[end])) ++end;
    if (end - digits > 2 && end - at > best.size()) best = caller_id.substr(at, end - at);
    at = std::max(end, at + 1);
  }
  return std::string(best.empty() ? trim(caller_id) : best);
}

Result<CallRow> statistics_call(const json::Value& row, const Reading& reading) {
  RowReader reader(row);
  CallRow call = listed_call(reader, reading);
  call.cost = reader.amount("billcost");
  call.currency = reader.currency("currency");
  call.direction = direction_by_own_numbers(reading.own_numbers, call.from_number, call.to_number);
  if (call.direction != Direction::inbound) call.direction = Direction::outbound;
  // Only a call that was answered can still be charged.
  call.is_settled = call.cost || (call.status != CallStatus::completed && call.status != CallStatus::unknown);
  return reader.finish(std::move(call));
}

Result<CallRow> incoming_call(const json::Value& row, const Reading& reading) {
  RowReader reader(row);
  CallRow call = listed_call(reader, reading);
  call.direction = Direction::inbound;
  call.is_settled = true;  // this feed has no costs
  return reader.finish(std::move(call));
}

Result<PhoneNumberRow> phone_number(const json::Value& row, const Reading& reading) {
  RowReader reader(row);
  PhoneNumberRow result;
  const std::string digits = reader.required("number");
  result.phone_number = normalise_number(digits, reading.default_region, true).value_or(digits);
  if (is_e164(result.phone_number)) result.phone_number_e164 = result.phone_number;
  result.nickname = reader.text("number_name");
  result.city = reader.text("description");
  result.monthly_cost = reader.amount("monthly_fee");
  result.currency = reader.currency("currency");
  const std::string status = reader.text("status").value_or("");
  if (status == "on") result.status = "active";
  if (status == "parking") result.status = "inactive";
  if (status.starts_with("checking") || status.starts_with("reserved_")) result.status = "pending";
  if (!status.empty() && !result.status) result.status = status;
  if (const auto start = local_time(reader, "start_date", reading)) result.held_since = start->instant;
  result.metadata = stored(row);
  return reader.finish(std::move(result));
}

Result<std::optional<BillingRow>> rental(const json::Value& row, const Reading& reading) {
  RowReader reader(row);
  const std::string digits = reader.required("number");
  const auto fee = reader.amount("monthly_fee");
  const auto stop = reader.text("stop_date");
  const std::string status = reader.text("status").value_or("");
  const bool is_held = status == "on" || status == "parking";
  const auto stop_day = stop ? parse_instant(std::string_view(*stop).substr(0, 10)) : std::nullopt;
  if (stop && !stop_day) reader.fail_at("stop_date", "is no local time");
  BillingRow item;
  item.currency = reader.currency("currency");
  if (const Result<void> read = reader.result(); !read) return fail(read.error());
  if (!fee || !stop_day || !is_held) return std::nullopt;
  // The paid month ends on stop_date, and began on the same day of the month before, or that month's last
  // day.
  const std::chrono::year_month_day end(std::chrono::floor<days>(*stop_day));
  std::chrono::year_month_day start = end - std::chrono::months(1);
  if (!start.ok()) start = start.year() / start.month() / std::chrono::last;
  const auto day = [](Instant at) { return format_rfc3339(at).substr(0, 10); };
  item.period_start = day(Instant(std::chrono::sys_days(start)));
  item.period_end = day(*stop_day - days(1));
  item.phone_number = normalise_number(digits, reading.default_region, true).value_or(digits);
  item.item_type = "number_rental";
  item.item_key = fmt::format("direct_numbers|{}..{}|number_rental|{}", *item.period_start, *item.period_end,
                              *item.phone_number);
  item.description = reader.text("description");
  item.quantity = Decimal(1);
  item.unit_price = fee;
  item.total = fee;
  item.raw_data = stored(row);
  return item;
}

Result<std::optional<BillingRow>> plan(const json::Value& info, std::string_view local_day) {
  RowReader reader(info);
  const std::string id = reader.required("tariff_id");
  const auto cost = reader.amount("cost");
  BillingRow item;
  item.currency = reader.currency("currency");
  item.description = reader.text("tariff_name");
  if (const Result<void> read = reader.result(); !read) return fail(read.error());
  if (!cost || !reader.boolean("is_active").value_or(true)) return std::nullopt;
  const auto month = parse_month(local_day.substr(0, 7));
  if (!month) return std::nullopt;
  item.period_start = to_text(*month) + "-01";
  item.period_end = format_rfc3339(month->end() - days(1)).substr(0, 10);
  item.item_type = "plan";
  item.item_key = fmt::format("tariff|{}|plan|{}", to_text(*month), id);
  item.quantity = Decimal(1);
  item.unit_price = cost;
  item.total = cost;
  // The seconds used change with every call; the plan's own row must not.
  json::Object raw;
  for (const json::Member& member : *info.as_object()) {
    if (!member.key.starts_with("used_seconds")) raw.set(member.key, member.value);
  }
  item.raw_data = std::move(raw);
  return item;
}

Result<BalanceRow> balance(const json::Value& answer) {
  RowReader reader(answer);
  BalanceRow row;
  const auto amount = reader.amount("balance");
  if (!amount) reader.fail_at("balance", "is missing");
  row.balance = amount.value_or(Decimal());
  row.currency = reader.currency("currency");
  row.raw_data = stored(answer);
  return reader.finish(std::move(row));
}

Result<ResourceRow> resource(const json::Value& row, std::string_view kind, std::string_view id_key,
                             std::string_view name_key) {
  RowReader reader(row);
  ResourceRow result;
  result.kind = kind;
  result.external_id = reader.required(id_key);
  result.name = name_key.empty() ? std::nullopt : reader.text(name_key);
  result.data = stored(row);
  return reader.finish(std::move(result));
}

Result<std::vector<MessageRow>> sent_messages(const json::Value& answer, std::string_view text,
                                              std::string_view sender, Instant now, const Reading& reading,
                                              const std::function<std::string()>& next_id) {
  std::vector<MessageRow> messages;
  const auto take = [&](const json::Value& each, bool is_sent) -> Result<void> {
    RowReader reader(each);
    MessageRow message;
    message.external_message_id = next_id();
    message.to_number = number(reader.required("number"), reading);
    message.from_number = reader.text("senderid");
    if (!message.from_number && !sender.empty()) message.from_number = std::string(sender);
    message.direction = Direction::outbound;
    message.message_type = "sms";
    message.body = std::string(text);
    message.status = is_sent ? "sent" : "failed";
    message.cost = is_sent ? reader.amount("cost") : std::nullopt;
    message.currency = message.cost ? filled_text_of(answer.find("currency")) : std::nullopt;
    message.sent_at = now;
    message.is_settled = true;  // there are no delivery reports
    message.raw_data = stored(each);
    if (const Result<void> read = reader.result(); !read) return read;
    messages.push_back(std::move(message));
    return {};
  };
  for (const std::string_view list : {"sms_detalization", "denied_numbers"}) {
    const json::Value* rows = answer.find(list);
    if (rows == nullptr || rows->as_array() == nullptr) continue;
    for (const json::Value& each : *rows->as_array()) {
      if (const Result<void> taken = take(each, list == "sms_detalization"); !taken)
        return fail(taken.error());
    }
  }
  return messages;
}

}  // namespace trunkline::warehouse::zadarma
