// The client itself; made by make_client.
#pragma once

#include "warehouse/http/exchange.hpp"
#include "warehouse/zadarma/mapping.hpp"
#include "warehouse/zadarma/signature.hpp"

namespace trunkline::warehouse::zadarma {

class Client final : public Provider {
 public:
  Client(ProviderAccount account, ClientContext context, TimeZone zone);

  const ProviderAccount& account() const override { return account_; }
  std::span<const Feed> feeds() const override { return feeds_; }
  Result<Page> fetch(const PageRequest& request, Watch& watch) override;
  CallRow fold(const json::Array& parts) const override;
  Result<RecordingRow> fetch_recording(const WantedRecording& wanted, Watch& watch) override;
  Result<WebhookEvent> read_webhook(const WebhookDelivery& delivery) const override;
  Result<std::string> check(Watch& watch) override;
  std::vector<OnDemandCommand> commands() const override;
  Result<json::Value> run(std::string_view command, const std::map<std::string, std::string>& arguments,
                          Watch& watch) override;
  Result<RowSet> rows_of(std::string_view command, const std::map<std::string, std::string>& arguments,
                         const json::Value& answer, Instant now,
                         const std::function<std::string()>& next_id) const override;

 private:
  Reading reading(const std::set<std::string>* own_numbers = nullptr) const {
    return {.zone = zone_, .default_region = account_.default_region, .own_numbers = own_numbers};
  }
  Result<Answer> get(const std::string& path, Parameters parameters, Watch& watch, bool is_single = false);
  Result<Answer> send(net::Method method, const std::string& path, Parameters parameters, Watch& watch,
                      bool is_read, bool is_single);

  Result<Page> fetch_statistics(const PageRequest& request, Watch& watch);
  Result<std::int64_t> read_statistics(const PageRequest& request, Answer& answer, Page& page) const;
  Result<void> check_echo(const Answer& answer, const std::string& start, const std::string& end) const;
  Result<Page> fetch_widgets(const PageRequest& request, Watch& watch);
  Result<Page> fetch_recordings(const PageRequest& request, Watch& watch);
  Result<Page> fetch_numbers(Watch& watch);
  Result<Page> fetch_sip(Watch& watch);
  Result<Page> fetch_pbx_config(const PageRequest& request, Watch& watch);
  Result<Page> fetch_balance(Watch& watch);
  Result<Page> fetch_plan(Watch& watch);
  Result<Page> fetch_prices(const PageRequest& request, Watch& watch);

  ProviderAccount account_;
  TimeZone zone_;
  std::string base_url_;
  std::vector<Feed> feeds_;
  Exchange exchange_;
  Budget statistics_budget_;
  Budget budget_;
};

}  // namespace trunkline::warehouse::zadarma
