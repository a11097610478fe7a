#include "app/doors.hpp"

#include "app/version.hpp"

namespace trunkline::app {
namespace {

Result<doors::voice::Limits> voice_limits(const Settings& settings) {
  constexpr std::int64_t burst_seconds = 10;
  constexpr std::int64_t most = 10'000'000;
  const auto reads = settings.number("reads_per_second", 1, most);
  if (!reads) return fail(reads.error());
  const auto writes = settings.number("writes_per_second", 1, most);
  if (!writes) return fail(writes.error());
  doors::voice::Limits limits;
  limits.reads_per_second = static_cast<double>(*reads);
  limits.reads_burst = static_cast<std::uint64_t>(*reads * burst_seconds);
  limits.writes_per_second = static_cast<double>(*writes);
  limits.writes_burst = static_cast<std::uint64_t>(*writes * burst_seconds);
  return limits;
}

std::unique_ptr<doors::engagement::Door> make_engagement_door(Installation& installation, Domain& domain,
                                                              const doors::voice::Limits& limits) {
  return std::make_unique<doors::engagement::Door>(
      doors::engagement::Context{.authenticator = domain.authenticator,
                                 .database = *installation.database,
                                 .contacts = domain.contacts,
                                 .actions = domain.actions,
                                 .batches = domain.batches,
                                 .merges = domain.merges,
                                 .erasure = domain.erasure,
                                 .rate = *installation.engagement_rate,
                                 .clock = installation.clock},
      doors::engagement::Limits{.reads_burst = limits.reads_burst,
                                .reads_per_second = limits.reads_per_second,
                                .writes_burst = limits.writes_burst,
                                .writes_per_second = limits.writes_per_second});
}

Result<std::unique_ptr<doors::warehouse::OperatorDoor>> make_operator_door(Installation& installation,
                                                                           Warehouse& warehouse) {
  constexpr std::size_t token_size_min = 32;
  const std::string& token = installation.settings.text("operator_token");
  if (!token.empty() && token.size() < token_size_min) {
    return fail(error_codes::setting_invalid,
                "operator_token: must have 32 characters at least; `openssl rand -hex 32` makes one.");
  }
  const auto providers = [&warehouse] {
    std::vector<warehouse::Provider*> all;
    for (const auto& each : warehouse.providers()) all.push_back(each.get());
    return all;
  };
  return std::make_unique<doors::warehouse::OperatorDoor>(
      doors::warehouse::OperatorContext{.database = warehouse.database(),
                                        .providers = providers,
                                        .clock = installation.clock,
                                        .token = Secret(token)});
}

}  // namespace

Result<std::unique_ptr<Doors>> Doors::make(Installation& installation, Network& network, Domain& domain,
                                           Readiness readiness) {
  const Settings& settings = installation.settings;
  const auto limits = voice_limits(settings);
  if (!limits) return fail(limits.error());
  std::unique_ptr<Doors> doors(new Doors);
  doors->voice_ =
      std::make_unique<doors::voice::Door>(doors::voice::Context{.authenticator = domain.authenticator,
                                                                 .accounts = domain.accounts,
                                                                 .credentials = domain.credentials,
                                                                 .calls = domain.calls,
                                                                 .tools = domain.tools,
                                                                 .ledger = domain.ledger,
                                                                 .guard = network.guard,
                                                                 .clock = installation.clock,
                                                                 .countries = settings.list("countries")},
                                           *limits);
  doors->voice_->add_to(doors->router);
  doors->engagement_ = make_engagement_door(installation, domain, *limits);
  doors->engagement_->add_to(doors->router);
  doors->console_ = std::make_unique<doors::console::Door>(
      doors::console::Context{.users = domain.users, .clock = installation.clock});
  doors->console_->add_to(doors->router);
  auto warehouse = Warehouse::open(installation, network);
  if (!warehouse) return fail(std::move(warehouse.error()));
  doors->warehouse_ = std::move(*warehouse);
  doors->carrier_hooks_ = std::make_unique<doors::warehouse::Door>(doors::warehouse::Context{
      .engine = doors->warehouse_->engine(),
      .store = doors->warehouse_->store(),
      .find = [all = doors->warehouse_.get()](
                  std::string_view provider,
                  std::string_view account) { return all->find(provider, account); },
      .clock = installation.clock});
  doors->carrier_hooks_->add_to(doors->router);
  auto telco = make_operator_door(installation, *doors->warehouse_);
  if (!telco) return fail(std::move(telco.error()));
  doors->telco_ = std::move(*telco);
  doors->telco_->add_to(doors->router);
  doors::operations::add_to(doors->router, {.metrics = installation.metrics,
                                            .readiness = std::move(readiness),
                                            .version = std::string(version),
                                            .public_url = settings.text("public_url"),
                                            .with_metrics = settings.text("metrics_listen").empty()});
  return doors;
}

}  // namespace trunkline::app
