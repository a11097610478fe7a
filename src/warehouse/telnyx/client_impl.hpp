// The client itself; made by make_client.
#pragma once

#include "warehouse/http/exchange.hpp"
#include "warehouse/telnyx/feeds.hpp"
#include "warehouse/telnyx/mapping.hpp"

namespace trunkline::warehouse::telnyx {

using Parameters = std::vector<std::pair<std::string, std::string>>;

class Client final : public Provider {
 public:
  Client(ProviderAccount account, ClientContext context);

  const ProviderAccount& account() const override { return account_; }
  std::span<const Feed> feeds() const override { return feeds_; }
  Result<Page> fetch(const PageRequest& request, Watch& watch) override;
  Result<RowSet> fetch_message(std::string_view external_message_id, Watch& watch) override;
  Result<RecordingRow> fetch_recording(const WantedRecording& wanted, Watch& watch) override;
  Result<WebhookEvent> read_webhook(const WebhookDelivery& delivery) const override;
  Result<std::string> check(Watch& watch) override;
  std::vector<OnDemandCommand> commands() const override;
  Result<json::Value> run(std::string_view command, const std::map<std::string, std::string>& arguments,
                          Watch& watch) override;

 private:
  Reading reading(const std::set<std::string>* own_numbers = nullptr) const {
    return {.default_region = account_.default_region, .own_numbers = own_numbers};
  }
  Order order(net::Method method, std::string_view path, const Parameters& parameters) const;
  Result<Answer> get(std::string_view path, const Parameters& parameters, Watch& watch,
                     bool is_single = false, const KnownRows* known = nullptr);
  Result<Answer> post(std::string_view path, const json::Value& body, Watch& watch);

  // A page of a list with page numbers.
  Result<Page> fetch_numbered(const FeedSource& source, const PageRequest& request, Watch& watch);
  Parameters parameters_of(const FeedSource& source, const PageRequest& request, std::int64_t page) const;
  Result<void> read_row(const FeedSource& source, const PageRequest& request, json::Value& row,
                        const MonthlyCosts& costs, RowSet& rows) const;
  Result<MonthlyCosts> last_month_costs(Watch& watch);

  Result<Page> fetch_balance(Watch& watch);
  Result<Page> fetch_month(const FeedSource& source, const PageRequest& request, Watch& watch);
  Result<Page> fetch_call_report(const PageRequest& request, Watch& watch);
  Result<std::string> order_report(const Window& window, Watch& watch);
  Result<std::string> await_report(const std::string& id, Watch& watch);
  std::string report_path() const;

  Result<json::Value> list_active_calls(const std::string& connection, Watch& watch);
  Result<json::Value> run_get(std::string_view path, const std::map<std::string, std::string>& arguments,
                              Watch& watch);

  ProviderAccount account_;
  std::string base_url_;
  std::vector<Feed> feeds_;
  Exchange exchange_;
  Budget records_budget_;
};

}  // namespace trunkline::warehouse::telnyx
