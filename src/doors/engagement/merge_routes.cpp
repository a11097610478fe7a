// Two customers that are one person: merge, look at merges, undo.
#include "doors/engagement/door.hpp"
#include "doors/engagement/errors.hpp"
#include "doors/engagement/render.hpp"

namespace trunkline::doors::engagement {
namespace {

struct MergeOrder {
  std::string from;
};

const json::Shape<MergeOrder>& merge_shape() {
  static const json::Shape<MergeOrder> shape(
      "Merge", "The customer that becomes part of the one in the path.",
      {json::required("from", &MergeOrder::from, "Its customer_id.", json::text(1, 255))},
      json::UnknownMembers::refused);
  return shape;
}

net::Response merge_response(int status, const domain::Merge& merge) {
  std::string text;
  json::Writer writer(text);
  write_merge(writer, merge);
  return net::json_response(status, std::move(text));
}

}  // namespace

void Door::add_merge_routes(net::Router& router) {
  using net::Access;
  using net::Method;
  add(router,
      {.method = Method::post,
       .path = "/customers/{customer_id}/merge",
       .operation = "mergeCustomer",
       .summary = "Makes another customer part of this one. Both ids go on working, and it can be undone.",
       .access = Access::either,
       .request_schema = [] { return merge_shape().open_api(); },
       .responses = {{201, "merge_id, into, from, merged_at, undone_at.", {}},
                     {404, "One of them is not there.", problem_schema},
                     {409, "They are one already.", problem_schema}}},
      [this](Caller& caller) { return merge_customer(caller); });
  add(router,
      {.method = Method::get,
       .path = "/customers/{customer_id}/merges",
       .operation = "listMerges",
       .summary = "The merges of a customer, latest first.",
       .access = Access::either,
       .responses = {{200, "items.", {}}, {404, "No such customer.", problem_schema}}},
      [this](Caller& caller) -> Result<net::Response> {
        const auto merges =
            context_.merges.list(caller.scope(), caller.request.path_parameter("customer_id"));
        if (!merges) return fail(merges.error());
        std::string text;
        json::Writer writer(text);
        writer.begin_object().key("items").begin_array();
        for (const domain::Merge& merge : *merges) write_merge(writer, merge);
        writer.end_array().end_object();
        return net::json_response(200, std::move(text));
      });
  add(router,
      {.method = Method::del,
       .path = "/customers/{customer_id}/merges/{merge_id}",
       .operation = "undoMerge",
       .summary = "Makes them two again.",
       .access = Access::either,
       .responses = {{200, "The merge, with undone_at.", {}},
                     {404, "No such merge.", problem_schema},
                     {409, "A later merge must be undone first.", problem_schema}}},
      [this](Caller& caller) -> Result<net::Response> {
        const auto id = domain::MergeId::parse(caller.request.path_parameter("merge_id"));
        if (!id)
          return fail(domain::error_codes::merge_not_found, "There is no such merge of this customer.");
        const auto merge =
            context_.merges.undo(caller.scope(), caller.request.path_parameter("customer_id"), *id);
        if (!merge) return fail(merge.error());
        return merge_response(200, *merge);
      });
}

Result<net::Response> Door::merge_customer(Caller& caller) {
  const auto body = read_body(caller.request);
  if (!body) return fail(body.error());
  const auto order = merge_shape().read(*body);
  if (!order) return fail(order.error());
  const auto merge =
      context_.merges.merge(caller.scope(), caller.request.path_parameter("customer_id"), order->from);
  if (!merge) return fail(merge.error());
  return merge_response(201, *merge);
}

}  // namespace trunkline::doors::engagement
