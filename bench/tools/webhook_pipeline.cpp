// The outbox and the delivery of webhooks, from the event to its recorded outcome, in one process with the
// database: what an application does that uses Trunkline's slices, and what the opponents' programs do.
//
//   bench_webhook_pipeline --messages 30000 --calls 3000 --tenants 8 --url
//   http://127.0.{high}.{low}:9100/hooks
//
// Each event is its own transaction, as in the server; so many producers wait for their commits at once.
// Prints "ready", waits for a line on standard input, runs, prints the outcome as JSON.
#include <iostream>

#include <fmt/core.h>

#include "app/worker.hpp"
#include "base/crypto/initialise.hpp"
#include "common.hpp"
#include "events.hpp"
#include "runtime/semaphore.hpp"

namespace {

using namespace trunkline;

constexpr std::size_t ahead_max = 2000;  // events made and not yet delivered

const db::Statement count_delivered{
    "bench.delivered",
    "SELECT count(CASE WHEN status = 'delivered' THEN 1 END), count(*) FROM webhook_messages",
    db::Reach::scan};
const db::Statement find_open_job{"bench.open_job", "SELECT 1 FROM jobs WHERE kind = $1 LIMIT 1",
                                  db::Reach::scan};

struct Tenant {
  tenancy::TenantScope scope;
  webhooks::Target target;
};

std::string replace(std::string text, std::string_view name, const std::string& value) {
  if (const std::size_t at = text.find(name); at != std::string::npos) text.replace(at, name.size(), value);
  return text;
}

Tenant make_tenant(app::Domain& domain, std::size_t number, const bench::Options& options) {
  const auto account = domain.accounts.create("Tenant", tenancy::SubscriptionStatus::active);
  if (!account) bench::give_up(account.error().describe());
  const tenancy::TenantScope scope{.account = account->account.id};
  const std::string url = replace(options.text("url"), "{low}", fmt::format("{}", number + 1));
  const auto endpoint = domain.endpoints.set(scope, {.url = url, .secret = options.text("secret")});
  if (!endpoint) bench::give_up(endpoint.error().describe());
  const auto target = domain.messages.target_for(scope, "");
  if (!target) bench::give_up(target.error().describe());
  return {.scope = scope, .target = *target};
}

class Pipeline {
 public:
  Pipeline(app::Installation& installation, app::Worker& worker, const bench::Options& options)
      : installation_(installation),
        worker_(worker),
        count_(static_cast<std::size_t>(options.number("messages", 10'000))),
        batch_(static_cast<std::size_t>(options.number("batch", 1))),
        producers_(static_cast<std::size_t>(options.number("producers", 64))),
        events_(installation.ids, static_cast<std::size_t>(options.number("calls", 1000))),
        delivered_(installation.metrics.counter("trunkline_webhook_attempts_total", "Webhook tries.",
                                                {{"result", "delivered"}})) {
    const auto tenants = static_cast<std::size_t>(options.number("tenants", 8));
    for (std::size_t i = 0; i < tenants; ++i) tenants_.push_back(make_tenant(worker.domain(), i, options));
  }

  void run() {
    runtime::Semaphore ended{0};
    for (std::size_t i = 0; i < producers_; ++i) {
      runtime::EventLoop::current()->spawn("producer", [this, &ended] {
        while (next_ < count_) produce(std::exchange(next_, next_ + batch_));
        ended.release();
      });
    }
    for (std::size_t i = 0; i < producers_; ++i) ended.acquire();
    while (delivered_.value() < static_cast<double>(count_) || outcomes_are_open())
      runtime::sleep_for(milliseconds(2));
  }

  // How many messages the database calls delivered, and how many there are.
  std::pair<std::int64_t, std::int64_t> recount() {
    const auto rows = installation_.database->query(db::Scope::operations(), count_delivered, {});
    if (!rows) bench::give_up(rows.error().describe());
    return {rows->front().integer(0), rows->front().integer(1)};
  }

 private:
  // All producers together look whether there is room about once a millisecond, as the one of an opponent
  // does.
  Duration look_again() const { return milliseconds(producers_); }

  // The events of a batch, in one transaction a tenant.
  void produce(std::size_t first) {
    while (static_cast<double>(first) - delivered_.value() > static_cast<double>(ahead_max))
      runtime::sleep_for(look_again());
    std::vector<std::vector<bench::Event>> by_tenant(tenants_.size());
    for (std::size_t i = first; i < std::min(count_, first + batch_); ++i) {
      bench::Event event = events_.at(i);
      // The events of one call all go to the same tenant.
      by_tenant[event.call.bytes().back() % tenants_.size()].push_back(std::move(event));
    }
    for (std::size_t i = 0; i < tenants_.size(); ++i) emit(tenants_[i], by_tenant[i]);
  }

  void emit(const Tenant& tenant, const std::vector<bench::Event>& events) {
    if (events.empty()) return;
    const auto added = installation_.database->transact(tenant.scope, [&](db::Transaction& transaction) {
      for (const bench::Event& event : events) {
        worker_.domain().messages.emit(transaction, tenant.scope, tenant.target, event.call, event.name,
                                       event.body);
      }
    });
    if (!added) bench::give_up(added.error().describe());
  }

  // An answered try is not yet a recorded one.
  bool outcomes_are_open() {
    const auto rows =
        installation_.database->query(db::Scope::operations(), find_open_job, {webhooks::delivery_job});
    return !rows || !rows->empty();
  }

  app::Installation& installation_;
  app::Worker& worker_;
  std::size_t count_;
  std::size_t batch_;
  std::size_t producers_;
  bench::Events events_;
  std::vector<Tenant> tenants_;
  std::size_t next_ = 0;
  Counter delivered_;
};

void measure(const bench::Options& options) {
  auto settings = app::Settings::load(std::nullopt);
  if (!settings) bench::give_up(settings.error().describe());
  auto installation = app::Installation::open(std::move(*settings), true);
  if (!installation) bench::give_up(installation.error().describe());
  const auto worker = app::Worker::make(**installation, "pipeline");
  if (!worker) bench::give_up(worker.error().describe());
  Pipeline pipeline(**installation, **worker, options);
  if (const auto started = (*worker)->start(); !started) bench::give_up(started.error().describe());
  std::cout << "ready" << std::endl;
  std::string line;
  std::getline(std::cin, line);
  const std::int64_t began = bench::now_microseconds();
  pipeline.run();
  const double seconds = static_cast<double>(bench::now_microseconds() - began) / 1e6;
  std::cout << "done" << std::endl;
  std::getline(std::cin, line);
  const auto [delivered, made] = pipeline.recount();
  std::cout << fmt::format(R"({{"seconds": {:.6f}, "delivered": {}, "made": {}}})", seconds, delivered, made)
            << std::endl;
  // The process ends here, as a server's does: fibers still wait in the worker.
  std::_Exit(0);
}

}  // namespace

int main(int argument_count, char** arguments) {
  const bench::Options options(argument_count, arguments);
  crypto::initialise();
  runtime::run_to_completion([&] { measure(options); });
}
