#include "warehouse/sync/scripted_provider_testing.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace trunkline::warehouse::sync {

ScriptedProvider::ScriptedProvider(std::string provider) : account_{.provider = std::move(provider)} {
  feeds_.push_back({.name = "calls",
                    .type = SyncType::calls,
                    .order = FeedOrder::ascending,
                    .overlap = hours(24),
                    .window_max = days(30)});
}

// The cursor is the position of the next row in the window.
Result<Page> ScriptedProvider::fetch(const PageRequest& request, Watch& watch) {
  watch.requested();
  if (before_fetch) before_fetch();
  if (request.cursor.empty()) asked.push_back(request.window);
  if (fetches++ == faults.fail_at_fetch) return fail(faults.failure, "told to fail");
  std::vector<CallRow> inside;
  for (const CallRow& call : calls) {
    if (call.started_at >= request.window.begin && call.started_at < request.window.end)
      inside.push_back(call);
  }
  if (request.feed.order == FeedOrder::newest_first) std::ranges::reverse(inside);
  std::size_t at = request.cursor.empty() ? 0 : std::stoul(request.cursor);
  if (at > 0 && std::exchange(faults.skip_a_row_once, false)) ++at;
  Page page;
  const std::size_t end = std::min(at + page_size, inside.size());
  for (std::size_t i = at; i < end; ++i) page.rows.calls.push_back(inside[i]);
  page.rows.recordings = recordings_on_page;
  page.said.rows = static_cast<std::int64_t>(page.rows.calls.size());
  if (says_total) page.said.total = static_cast<std::int64_t>(inside.size()) + faults.lie_about_total;
  if (end < inside.size()) {
    page.next_cursor = std::to_string(faults.repeat_cursor && at > 0 ? at : end);
  } else {
    page.said.end = "short page";
  }
  return page;
}

Result<RowSet> ScriptedProvider::fetch_call(std::string_view id, Watch& watch) {
  watch.requested();
  if (detail) return detail(id);
  return Provider::fetch_call(id, watch);
}

Result<RecordingRow> ScriptedProvider::fetch_recording(const WantedRecording& wanted, Watch& watch) {
  watch.requested();
  if (recording) return recording(wanted);
  return Provider::fetch_recording(wanted, watch);
}

}  // namespace trunkline::warehouse::sync
