// For tests: a provider whose truth is a list of calls in memory, and who misbehaves when told to.
#pragma once

#include "warehouse/provider.hpp"

namespace trunkline::warehouse::sync {

struct Misbehaviour {
  int fail_at_fetch = -1;  // this fetch, counted from 0, fails
  ErrorCode failure = warehouse::error_codes::provider_unavailable;
  bool repeat_cursor = false;        // the second page's cursor leads to the second page
  std::int64_t lie_about_total = 0;  // added to the total
  bool skip_a_row_once = false;      // the first reading of a window loses a row between two pages
};

class ScriptedProvider final : public Provider {
 public:
  explicit ScriptedProvider(std::string provider);

  const ProviderAccount& account() const override { return account_; }
  std::span<const Feed> feeds() const override { return feeds_; }
  Result<Page> fetch(const PageRequest& request, Watch& watch) override;
  Result<RowSet> fetch_call(std::string_view external_call_id, Watch& watch) override;
  Result<RecordingRow> fetch_recording(const WantedRecording& wanted, Watch& watch) override;
  Result<std::string> check(Watch&) override { return std::string("fine"); }

  std::vector<Feed>& editable_feeds() { return feeds_; }
  ProviderAccount& editable_account() { return account_; }

  std::vector<CallRow> calls;  // the truth, by started_at
  std::vector<RecordingRow> recordings_on_page;
  std::size_t page_size = 10;
  bool says_total = false;
  Misbehaviour faults;
  int fetches = 0;
  std::vector<Window> asked;  // the windows of first pages
  std::function<void()> before_fetch;
  std::function<Result<RowSet>(std::string_view)> detail;
  std::function<Result<RecordingRow>(const WantedRecording&)> recording;

 private:
  ProviderAccount account_;
  std::vector<Feed> feeds_;
};

}  // namespace trunkline::warehouse::sync
