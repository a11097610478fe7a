// Reading: one customer, many, the timeline, counts, receipts of erasures.
#include "base/json/parse.hpp"
#include "base/text.hpp"
#include "doors/engagement/door.hpp"
#include "doors/engagement/errors.hpp"
#include "doors/engagement/render.hpp"

namespace trunkline::doors::engagement {
namespace {

json::Value text_type() {
  return json::object({{"type", "string"}});
}

std::vector<net::QueryParameter> paging() {
  return {
      {"limit", "At most so many; 50 unless given, 200 at the most.", json::object({{"type", "integer"}})},
      {"cursor", "next_cursor of the page before.", text_type()}};
}

std::vector<net::QueryParameter> with_paging(std::vector<net::QueryParameter> parameters) {
  for (net::QueryParameter& each : paging()) parameters.push_back(std::move(each));
  return parameters;
}

json::Value page_schema(json::Value (*item)()) {
  return json::object(
      {{"type", "object"},
       {"properties",
        json::object({{"items", json::object({{"type", "array"}, {"items", item()}})},
                      {"next_cursor", json::object({{"type", json::array({"string", "null"})}})}})}});
}

std::unexpected<Error> bad_cursor() {
  return fail(error_codes::bad_parameter, "cursor: must be the next_cursor of the page before");
}

// "plan=pro": a name and a value, which is JSON when it reads as such, else a text.
Result<std::optional<std::pair<std::string, json::Value>>> property_of(const net::Request& request) {
  const auto text = request.query_parameter("property");
  if (!text) return std::nullopt;
  const auto parts = split_once(*text, '=');
  if (!parts || parts->first.empty()) {
    return fail(error_codes::bad_parameter, "property: must be name=value, for instance plan=pro");
  }
  auto value = json::parse(parts->second);
  return std::pair(std::string(parts->first),
                   value ? std::move(*value) : json::Value(std::string(parts->second)));
}

// A day, UTC; the given default when absent.
Result<Instant> day_parameter(const net::Request& request, std::string_view name, Instant fallback) {
  const auto text = request.query_parameter(name);
  if (!text || text->empty()) return fallback;
  const auto at = parse_instant(*text);
  if (!at) {
    return fail(error_codes::bad_parameter, std::string(name) + ": must be a date such as 2026-03-02");
  }
  return *at;
}

void write_cursor(json::Writer& writer, const std::optional<std::string>& cursor) {
  writer.key("next_cursor").value(cursor);
}

}  // namespace

void Door::add_read_routes(net::Router& router) {
  using net::Access;
  using net::Method;
  add(router,
      {.method = Method::get,
       .path = "/customers",
       .operation = "listCustomers",
       .summary = "Customers, newest first; by id, e-mail, phone or property.",
       .access = Access::either,
       .query =
           with_paging({{"customer_id", "The one with this id.", text_type()},
                        {"email", "With this e-mail address, in any case.", text_type()},
                        {"phone", "With this number now, in any spelling with a country code.", text_type()},
                        {"property", "With this property: name=value.", text_type()}}),
       .responses = {{200, "items, next_cursor.", [] { return page_schema(contact_schema); }},
                     {400, "A parameter is wrong.", problem_schema}}},
      [this](Caller& caller) { return list_customers(caller); });
  add(router,
      {.method = Method::get,
       .path = "/customers/{customer_id}",
       .operation = "getCustomer",
       .summary = "One customer; of a merged one, the customer that it is part of.",
       .access = Access::either,
       .responses = {{200, "The customer.", contact_schema}, {404, "No such customer.", problem_schema}}},
      [this](Caller& caller) -> Result<net::Response> {
        const auto found =
            context_.contacts.find(caller.scope(), caller.request.path_parameter("customer_id"));
        if (!found) return fail(found.error());
        std::string text;
        json::Writer writer(text);
        write_contact(writer, *found);
        return net::json_response(200, std::move(text));
      });
  add_story_routes(router);
}

void Door::add_story_routes(net::Router& router) {
  using net::Access;
  using net::Method;
  add(router,
      {.method = Method::get,
       .path = "/customers/{customer_id}/timeline",
       .operation = "getTimeline",
       .summary = "What the customer did and the calls with them, latest first.",
       .access = Access::either,
       .query = with_paging({{"type", "Only these: action or call.", text_type()}}),
       .responses = {{200, "items, next_cursor.", [] { return page_schema(entry_schema); }},
                     {404, "No such customer.", problem_schema}}},
      [this](Caller& caller) { return read_timeline(caller); });
  add(router,
      {.method = Method::get,
       .path = "/customers/actions/counts",
       .operation = "countActions",
       .summary = "How often each action happened, by UTC day.",
       .access = Access::either,
       .query = {{"since", "The first day; 30 days ago unless given.", text_type()},
                 {"until", "The last day; today unless given.", text_type()},
                 {"action_name", "Only this action.", text_type()}},
       .responses = {{200, "items: date, action_name, count.", {}},
                     {400, "A parameter is wrong.", problem_schema}}},
      [this](Caller& caller) { return count_actions(caller); });
  add(router,
      {.method = Method::get,
       .path = "/customers/{customer_id}/erasure",
       .operation = "getErasure",
       .summary = "The receipt of the latest erasure of this id.",
       .access = Access::either,
       .responses = {{200, "What was erased, and whether all of it is.", {}},
                     {404, "Nobody of this id was erased.", problem_schema}}},
      [this](Caller& caller) -> Result<net::Response> {
        const auto receipt =
            context_.erasure.find_receipt(caller.scope(), caller.request.path_parameter("customer_id"));
        if (!receipt) return fail(receipt.error());
        std::string text;
        json::Writer writer(text);
        write_receipt(writer, *receipt);
        return net::json_response(200, std::move(text));
      });
}

Result<net::Response> Door::list_customers(Caller& caller) {
  const net::Request& request = caller.request;
  domain::ContactFilter filter{.customer_id = request.query_parameter("customer_id").value_or(""),
                               .email = request.query_parameter("email").value_or(""),
                               .phone = request.query_parameter("phone").value_or("")};
  auto property = property_of(request);
  if (!property) return fail(std::move(property.error()));
  filter.property = std::move(*property);
  const auto limit = page_limit(request);
  if (!limit) return fail(limit.error());
  filter.limit = *limit;
  if (const auto cursor = request.query_parameter("cursor"); cursor && !cursor->empty()) {
    filter.before = domain::ContactId::parse(*cursor);
    if (!filter.before) return bad_cursor();
  }
  const auto page = context_.contacts.list(caller.scope(), filter);
  if (!page) return fail(page.error());
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("items").begin_array();
  for (const domain::Contact& contact : page->contacts) write_contact(writer, contact);
  writer.end_array();
  write_cursor(writer, page->next ? std::optional(page->next->text()) : std::nullopt);
  writer.end_object();
  return net::json_response(200, std::move(text));
}

Result<net::Response> Door::read_timeline(Caller& caller) {
  const net::Request& request = caller.request;
  const auto limit = page_limit(request);
  if (!limit) return fail(limit.error());
  std::optional<domain::TimelinePosition> from = domain::TimelinePosition();
  if (const auto cursor = request.query_parameter("cursor"); cursor && !cursor->empty())
    from = domain::TimelinePosition::parse(*cursor);
  if (!from) return bad_cursor();
  const std::string type = request.query_parameter("type").value_or("");
  if (!type.empty() && type != "action" && type != "call")
    return fail(error_codes::bad_parameter, "type: must be action or call");
  const auto kinds = type.empty()       ? domain::TimelineKinds::all
                     : type == "action" ? domain::TimelineKinds::actions
                                        : domain::TimelineKinds::calls;
  const auto contact = context_.contacts.find(caller.scope(), request.path_parameter("customer_id"));
  if (!contact) return fail(contact.error());
  const auto page =
      domain::read_timeline(context_.database, caller.scope(), contact->id, *from, kinds, *limit);
  if (!page) return fail(page.error());
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("items").begin_array();
  for (const domain::TimelineEntry& entry : page->entries) write_entry(writer, entry);
  writer.end_array();
  write_cursor(writer, page->next ? std::optional(page->next->text()) : std::nullopt);
  writer.end_object();
  return net::json_response(200, std::move(text));
}

Result<net::Response> Door::count_actions(Caller& caller) {
  const Instant now = context_.clock.now();
  const auto since = day_parameter(caller.request, "since", now - days(30));
  if (!since) return fail(since.error());
  const auto until = day_parameter(caller.request, "until", now);
  if (!until) return fail(until.error());
  const auto counts = context_.actions.counts(caller.scope(), *since, *until,
                                              caller.request.query_parameter("action_name").value_or(""));
  if (!counts) return fail(counts.error());
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("items").begin_array();
  for (const domain::store::ActionCount& count : *counts) {
    writer.begin_object()
        .member("date", format_rfc3339(Instant(days(count.day))).substr(0, 10))
        .member("action_name", count.name)
        .member("count", count.count)
        .end_object();
  }
  writer.end_array().end_object();
  return net::json_response(200, std::move(text));
}

}  // namespace trunkline::doors::engagement
