#include "app/own_calls.hpp"

#include <charconv>

#include <fmt/core.h>

#include "base/text.hpp"
#include "calls/call_store.hpp"
#include "warehouse/store/store.hpp"

namespace trunkline::app {
namespace {

using warehouse::CallRow;
using warehouse::CallStatus;

constexpr std::int64_t page_size = 500;

CallStatus status_of(const calls::Call& call) {
  if (!is_terminal(call.state.status)) return CallStatus::in_progress;
  if (call.state.answered_by == carriers::AnsweredBy::machine) return CallStatus::voicemail;
  if (call.state.started_at) return CallStatus::completed;
  if (call.state.status == calls::Status::cancelled) return CallStatus::canceled;
  switch (call.state.reason) {
    case calls::EndedReason::no_answer:
      return CallStatus::no_answer;
    case calls::EndedReason::busy:
      return CallStatus::busy;
    default:
      return CallStatus::failed;
  }
}

}  // namespace

OwnCalls::OwnCalls(db::Database& database, tenancy::Accounts& accounts)
    : database_(database),
      accounts_(accounts),
      account_{.provider = std::string(warehouse::store::own_provider_name)},
      feed_{.name = "calls",
            .type = warehouse::SyncType::calls,
            .order = warehouse::FeedOrder::unspecified,
            .overlap = hours(2),
            .window_max = days(30)} {}

CallRow own_call_row(AccountId account, const calls::Call& call) {
  CallRow row{.external_call_id = call.id.text(),
              .direction = warehouse::Direction::outbound,
              .started_at = call.created_at,
              .answered_at = call.state.started_at,
              .ended_at = call.state.ended_at,
              .duration_seconds = call.duration_seconds(),
              .status = status_of(call),
              .disposition = std::string(calls::to_text(call.state.reason)),
              .is_settled = is_terminal(call.state.status)};
  // The carrier's id of the call: it finds the carrier's own record.
  if (!call.provider_call_id.empty()) row.session_id = call.provider_call_id;
  // An erased call has no number any more.
  if (!call.request.to.text().empty()) row.to_number = call.request.to.text();
  if (!call.from_number.empty()) row.from_number = call.from_number;
  if (is_terminal(call.state.status)) {
    const std::int64_t minutes = billing::billed_minutes(call.duration_seconds());
    row.billable_seconds = call.state.started_at ? minutes * 60 : 0;
    row.cost = call.state.started_at ? billing::price_of(call.price, minutes).amount : Decimal();
    row.currency = std::string(call.price.currency.code());
  }
  row.raw_data = json::object({{"account", account.text()}, {"carrier", call.carrier}});
  return row;
}

Result<warehouse::Page> OwnCalls::fetch(const warehouse::PageRequest& request, warehouse::Watch& watch) {
  watch.requested();
  const auto accounts = accounts_.list();
  if (!accounts) return fail(accounts.error());
  std::size_t number = 0;
  std::int64_t offset = 0;
  if (const auto parts = split_once(request.cursor, ':')) {
    std::from_chars(parts->first.data(), parts->first.data() + parts->first.size(), number);
    std::from_chars(parts->second.data(), parts->second.data() + parts->second.size(), offset);
  }
  warehouse::Page page;
  if (number >= accounts->size()) {
    page.said.end = "no further account";
    return page;
  }
  const AccountId account = (*accounts)[number].id;
  const auto found = calls::store::list(
      database_, {.account = account},
      {.since = request.window.begin, .until = request.window.end, .limit = page_size, .offset = offset});
  if (!found) return fail(found.error());
  for (const calls::Call& call : found->calls) page.rows.calls.push_back(own_call_row(account, call));
  page.said.rows = static_cast<std::int64_t>(found->calls.size());
  const bool account_is_done = page.said.rows < page_size;
  if (account_is_done && number + 1 >= accounts->size()) {
    page.said.end = "short page of the last account";
  } else {
    page.next_cursor =
        account_is_done ? fmt::format("{}:0", number + 1) : fmt::format("{}:{}", number, offset + page_size);
  }
  return page;
}

Result<std::string> OwnCalls::check(warehouse::Watch&) {
  return std::string("Trunkline's own calls.");
}

}  // namespace trunkline::app
