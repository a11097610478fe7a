// Telnyx's bills as billing items (contracts/warehouse.md, section 6.2).
#include <fmt/core.h>

#include "warehouse/telnyx/mapping.hpp"

namespace trunkline::warehouse::telnyx {
namespace {

// The day before an exclusive end, "2026-06-01" to "2026-05-31".
std::optional<std::string> day_before(const std::string& day) {
  const auto end = parse_instant(day);
  if (!end) return std::nullopt;
  return format_rfc3339(*end - days(1)).substr(0, 10);
}

struct Period {
  std::string start;
  std::string end;  // included
  std::optional<std::string> currency;
};

Result<Period> period_of(RowReader& reader) {
  Period period;
  period.start = reader.required("start_date");
  const auto end = day_before(reader.required("end_date"));
  if (!end) reader.fail_at("end_date", "is no day");
  period.end = end.value_or("");
  period.currency = reader.currency("currency");
  return reader.finish(std::move(period));
}

// Items are known by the month they are about: a window of the current month that ends later is the same
// item.
std::string key_of(std::string_view source, const Period& period, std::string_view type,
                   std::string_view subject) {
  return fmt::format("{}|{}|{}|{}", source, period.start, type, subject);
}

BillingRow item_of(const Period& period, std::string_view type, const json::Value& raw) {
  BillingRow item;
  item.item_type = type;
  item.period_start = period.start;
  item.period_end = period.end;
  item.currency = period.currency;
  item.raw_data = stored(raw);
  return item;
}

Result<void> add_line(std::vector<BillingRow>& items, const Period& period, const json::Value& line) {
  RowReader reader(line);
  const std::string alias = reader.required("alias");
  const auto add = [&](std::string_view type, const json::Value& from,
                       std::string_view amount_key) -> Result<void> {
    RowReader amounts(from);
    const auto total = amounts.amount(amount_key);
    const auto quantity = amounts.amount("quantity");
    if (const Result<void> read = amounts.result(); !read) return read;
    if (!total) return {};
    BillingRow item = item_of(period, type, line);
    item.item_key = key_of("charges_summary", period, type, alias);
    item.description = reader.text("name");
    item.quantity = quantity;
    item.total = total;
    items.push_back(std::move(item));
    return {};
  };
  if (const json::Value* existing = line.find("existing_this_month"); existing != nullptr) {
    if (const Result<void> added = add("mrc_existing", *existing, "mrc"); !added) return added;
  }
  if (const json::Value* fresh = line.find("new_this_month"); fresh != nullptr) {
    if (const Result<void> added = add("mrc_new", *fresh, "mrc"); !added) return added;
    if (const Result<void> added = add("otc_new", *fresh, "otc"); !added) return added;
  }
  if (line.find("amount") != nullptr) {
    if (const Result<void> added = add("simple", line, "amount"); !added) return added;
  }
  return reader.result();
}

// The list at /summary/lines or another one; absent is empty.
const json::Array& list_in(const json::Value* owner, std::string_view key) {
  static const json::Array none;
  const json::Value* list = owner == nullptr ? nullptr : owner->find(key);
  return list == nullptr || list->as_array() == nullptr ? none : *list->as_array();
}

}  // namespace

Result<BillingRow> invoice(const json::Value& row) {
  RowReader reader(row);
  BillingRow item;
  item.invoice_id = reader.required("invoice_id");
  item.item_type = "invoice";
  item.period_start = reader.text("period_start");
  item.period_end = reader.text("period_end");
  item.invoice_date = item.period_end;
  item.item_key = fmt::format("invoices|{}|invoice|{}", item.period_start.value_or(""), *item.invoice_id);
  item.raw_data = stored(row);
  return reader.finish(std::move(item));
}

Result<std::vector<BillingRow>> charges_summary(const json::Value& data) {
  RowReader reader(data);
  const Result<Period> period = period_of(reader);
  if (!period) return fail(period.error());
  std::vector<BillingRow> items;
  const json::Value* summary = data.find("summary");
  for (const json::Value& line : list_in(summary, "lines")) {
    if (const Result<void> added = add_line(items, *period, line); !added) return fail(added.error());
  }
  std::int64_t position = 0;
  for (const json::Value& adjustment : list_in(summary, "adjustments")) {
    RowReader amounts(adjustment);
    BillingRow item = item_of(*period, "adjustment", adjustment);
    item.description = amounts.text("description");
    item.invoice_date = amounts.text("event_date");
    item.total = amounts.amount("amount");
    item.item_key = key_of("charges_summary", *period, "adjustment",
                           fmt::format("{}#{}", item.invoice_date.value_or(""), position++));
    if (const Result<void> read = amounts.result(); !read) return fail(read.error());
    items.push_back(std::move(item));
  }
  return items;
}

Result<std::vector<BillingRow>> charges_breakdown(const json::Value& data, const Reading& reading) {
  RowReader reader(data);
  const Result<Period> period = period_of(reader);
  if (!period) return fail(period.error());
  std::vector<BillingRow> items;
  for (const json::Value& result : list_in(&data, "results")) {
    RowReader of_number(result);
    const std::string text = of_number.required("tn");
    const std::string number = normalise_number(text, reading.default_region).value_or(text);
    if (const Result<void> read = of_number.result(); !read) return fail(read.error());
    for (const json::Value& service : list_in(&result, "services")) {
      RowReader amounts(service);
      BillingRow item = item_of(*period, "number_rental", service);
      const std::string name = amounts.required("name");
      const std::string cost_type = amounts.text("cost_type").value_or("");
      item.phone_number = number;
      item.description = fmt::format("{} ({})", name, cost_type);
      item.quantity = Decimal(1);
      item.total = amounts.amount("cost");
      item.unit_price = item.total;
      item.item_key = key_of("charges_breakdown", *period, cost_type, fmt::format("{}/{}", number, name));
      if (const Result<void> read = amounts.result(); !read) return fail(read.error());
      item.raw_data.as_object()->set("tn", text);
      items.push_back(std::move(item));
    }
  }
  return items;
}

MonthlyCosts monthly_costs(const std::vector<BillingRow>& breakdown) {
  MonthlyCosts costs;
  for (const BillingRow& item : breakdown) {
    const auto cost_type = filled_text_of(item.raw_data.find("cost_type"));
    if (cost_type != "MRC" || !item.total || !item.phone_number) continue;
    auto& [sum, currency] = costs[*item.phone_number];
    sum += *item.total;
    currency = item.currency.value_or("");
  }
  return costs;
}

}  // namespace trunkline::warehouse::telnyx
