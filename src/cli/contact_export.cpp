#include "cli/contact_export.hpp"

#include "cli/output.hpp"
#include "doors/engagement/render.hpp"
#include "doors/voice/render.hpp"
#include "engagement/records.hpp"

namespace trunkline::cli {
namespace {

constexpr std::int64_t page = 200;

}  // namespace

void ContactExport::line(json::Object body) {
  write_(json::write(json::Value(std::move(body))) + "\n");
}

Result<void> ContactExport::each_customer(
    const tenancy::TenantScope& scope, const std::function<Result<void>(const engagement::Contact&)>& visit) {
  engagement::ContactFilter filter{.limit = page};
  while (true) {
    const auto contacts = domain_.contacts.list(scope, filter);
    if (!contacts) return fail(contacts.error());
    for (const engagement::Contact& contact : contacts->contacts) {
      if (const auto visited = visit(contact); !visited) return visited;
      ++counts_.customers;
    }
    if (on_progress) on_progress(counts_.customers);
    if (!contacts->next) return {};
    filter.before = contacts->next;
  }
}

Result<ExportCounts> ContactExport::write_jsonl(const tenancy::TenantScope& scope,
                                                const std::optional<std::string>& customer) {
  counts_ = {};
  if (customer) {
    const auto contact = domain_.contacts.find(scope, *customer);
    if (!contact) return fail(contact.error());
    if (const auto written = write_customer(scope, *contact); !written) return fail(written.error());
    ++counts_.customers;
    return counts_;
  }
  const auto written = each_customer(
      scope, [&](const engagement::Contact& contact) { return write_customer(scope, contact); });
  if (!written) return fail(written.error());
  return counts_;
}

Result<void> ContactExport::write_customer(const tenancy::TenantScope& scope,
                                           const engagement::Contact& contact) {
  json::Object body =
      *written([&](json::Writer& writer) { doors::engagement::write_contact(writer, contact); }).as_object();
  body.set("type", "customer");
  line(std::move(body));
  engagement::TimelinePosition from;
  while (true) {
    const auto entries =
        engagement::read_timeline(database_, scope, contact.id, from, engagement::TimelineKinds::all, page);
    if (!entries) return fail(entries.error());
    for (const engagement::TimelineEntry& entry : entries->entries) {
      if (const auto* action = std::get_if<engagement::Action>(&entry.what)) {
        json::Object acted = *written([&](json::Writer& writer) {
                                doors::engagement::write_entry(writer, entry);
                              }).as_object();
        acted.set("customer_id", contact.customer_id);
        acted.set("timestamp", format_rfc3339(action->occurred_at));
        if (!action->value) acted.remove("action_value");
        line(std::move(acted));
        ++counts_.actions;
      } else if (const auto written = write_call(scope, contact, entry); !written) {
        return written;
      }
    }
    if (!entries->next) return {};
    from = *entries->next;
  }
}

Result<void> ContactExport::write_call(const tenancy::TenantScope& scope, const engagement::Contact& contact,
                                       const engagement::TimelineEntry& entry) {
  const calls::Call& call = std::get<engagement::CallEntry>(entry.what).call;
  const auto detail = domain_.calls.find_with_transcript(scope, call.id);
  if (!detail) return fail(detail.error());
  json::Object told =
      *written([&](json::Writer& writer) { doors::engagement::write_entry(writer, entry); }).as_object();
  told.set("customer_id", contact.customer_id);
  told.set("task", call.request.task);
  told.set("transcript", written([&](json::Writer& writer) {
             doors::voice::write_transcript(writer, detail->transcript);
           }));
  line(std::move(told));
  ++counts_.calls;
  return {};
}

Result<ExportCounts> ContactExport::write_csv(const tenancy::TenantScope& scope) {
  counts_ = {};
  write_("customer_id,name,email,phone,properties,created,updated\n");
  const auto written = each_customer(scope, [&](const engagement::Contact& contact) -> Result<void> {
    using engagement::csv_cell;
    write_(csv_cell(contact.customer_id) + "," + csv_cell(contact.name) + "," + csv_cell(contact.email) +
           "," + csv_cell(contact.phone) + "," + csv_cell(json::write(json::Value(contact.properties))) +
           "," + format_rfc3339(contact.created_at) + "," + format_rfc3339(contact.updated_at) + "\n");
    return {};
  });
  if (!written) return fail(written.error());
  return counts_;
}

}  // namespace trunkline::cli
