#include "cli/transcript.hpp"

#include <fmt/core.h>

#include "billing/price.hpp"
#include "runtime/event_loop.hpp"

namespace trunkline::cli {
namespace {

constexpr Duration look_every = milliseconds(100);

std::string cost_line(const calls::Call& call) {
  const std::int64_t minutes = billing::billed_minutes(call.duration_seconds());
  return fmt::format("{} s, {} started minute{} at {} {}: {}", call.duration_seconds(), minutes,
                     minutes == 1 ? "" : "s", call.price.per_minute.to_text(2), call.price.currency.code(),
                     billing::price_of(call.price, minutes).to_text());
}

}  // namespace

std::string transcript_line(const Output& output, const calls::Call& call,
                            const calls::Transcript::Line& line) {
  const auto into = call.state.started_at ? (line.at - *call.state.started_at) / seconds(1) : 0;
  const bool agent = line.role == to_text(calls::EntryKind::agent);
  return fmt::format("  {:>4} s  {}  {}", into,
                     output.paint(agent ? "agent" : "user ", agent ? Colour::blue : Colour::green),
                     line.text);
}

std::string describe_call(const Output& output, const calls::CallDetail& detail) {
  const calls::Call& call = detail.call;
  std::string text =
      fmt::format("{}  {}  to {}  {}", output.paint(call.id.text(), Colour::bold),
                  calls::to_text(call.state.status), call.request.to.text(), call.request.task);
  if (call.state.reason != calls::EndedReason::none) {
    text += fmt::format("\n  ended: {} ({})", calls::to_text(call.state.reason),
                        calls::fault_of(call.state.reason));
  }
  for (const calls::Transcript::Line line : detail.transcript) {
    text += "\n" + transcript_line(output, call, line);
  }
  if (call.summary) text += "\n  summary: " + *call.summary;
  if (call.state.started_at && call.state.ended_at) text += "\n  bill: " + cost_line(call);
  if (is_terminal(call.state.status) && !call.state.started_at)
    text += "\n  bill: nothing, it was not connected";
  return text;
}

Result<void> follow_call(Output& output, calls::Calls& calls, const tenancy::TenantScope& scope, CallId id,
                         Duration at_most) {
  const auto until = std::chrono::steady_clock::now() + at_most;
  std::int64_t shown = 0;
  std::optional<calls::Status> status;
  while (true) {
    const auto detail = calls.find_with_transcript(scope, id);
    if (!detail) return fail(detail.error());
    const calls::Call& call = detail->call;
    const auto tell_status = [&] {
      if (status == call.state.status) return;
      status = call.state.status;
      if (output.json()) return;
      output.line(fmt::format("  {}", output.paint(calls::to_text(*status), Colour::dim)));
    };
    // A call is in progress before somebody speaks, and ends after the last word.
    if (!is_terminal(call.state.status)) tell_status();
    for (const calls::Transcript::Line line : detail->transcript) {
      if (line.sequence <= shown) continue;
      shown = line.sequence;
      if (!output.json()) output.line(transcript_line(output, call, line));
    }
    tell_status();
    if (is_terminal(call.state.status) && (call.summary || !call.state.started_at)) {
      output.result(json::object({{"id", id.text()}, {"status", calls::to_text(call.state.status)}}),
                    describe_call(output, {.call = call, .transcript = {}}));
      return {};
    }
    if (std::chrono::steady_clock::now() > until) return {};
    runtime::sleep_for(look_every);
  }
}

}  // namespace trunkline::cli
