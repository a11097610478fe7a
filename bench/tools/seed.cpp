// Fills a database for the benchmarks, by the same code as the server. The database is that of
// TRUNKLINE_DATABASE_URL; no server may run on it.
//
//   bench_seed --tenants 1000 --url http://127.0.{high}.{low}:9100/hooks
//       makes accounts, each with an API key and a webhook endpoint ("" for none; {high}.{low} gives each its
//       own origin), and prints a line for each: account, key, webhook secret.
//   bench_seed --account ID --messages 50000 --calls 5000
//       adds events to its outbox, spread over so many calls, as a server would that was killed before
//       delivering.
#include <fmt/core.h>

#include "app/domain.hpp"
#include "app/worker.hpp"
#include "base/crypto/initialise.hpp"
#include "common.hpp"
#include "events.hpp"

namespace {

using namespace trunkline;

constexpr std::int64_t messages_a_transaction = 100;

std::string replace(std::string text, std::string_view name, const std::string& value) {
  if (const std::size_t at = text.find(name); at != std::string::npos) text.replace(at, name.size(), value);
  return text;
}

void add_tenant(app::Domain& domain, std::int64_t number, const std::string& url_template) {
  const auto account =
      domain.accounts.create(fmt::format("Tenant {}", number), tenancy::SubscriptionStatus::active);
  if (!account) bench::give_up(account.error().describe());
  const tenancy::TenantScope scope{.account = account->account.id};
  const auto key = domain.credentials.create_api_key(scope, "benchmark", std::nullopt);
  if (!key) bench::give_up(key.error().describe());
  std::string url = replace(url_template, "{high}", fmt::format("{}", number / 200 + 1));
  url = replace(std::move(url), "{low}", fmt::format("{}", number % 200 + 1));
  const auto endpoint = domain.endpoints.set(scope, {.url = url});
  if (!endpoint) bench::give_up(endpoint.error().describe());
  fmt::print("{} {} {}\n", scope.account.text(), key->text.reveal(), endpoint->secret);
}

void add_messages(app::Installation& installation, app::Domain& domain, const bench::Options& options) {
  const auto account = AccountId::parse(options.text("account"));
  if (!account) bench::give_up("--account");
  const tenancy::TenantScope scope{.account = *account};
  const auto target = domain.messages.target_for(scope, "");
  if (!target) bench::give_up(target.error().describe());
  const std::int64_t count = options.number("messages", 0);
  bench::Events events(installation.ids, static_cast<std::size_t>(options.number("calls", 100)));
  for (std::int64_t done = 0; done < count; done += messages_a_transaction) {
    const auto added = installation.database->transact(scope, [&](db::Transaction& transaction) {
      for (std::int64_t i = done; i < std::min(count, done + messages_a_transaction); ++i) {
        const bench::Event event = events.at(static_cast<std::size_t>(i));
        domain.messages.emit(transaction, scope, *target, event.call, event.name, event.body);
      }
    });
    if (!added) bench::give_up(added.error().describe());
  }
}

void seed(const bench::Options& options) {
  auto settings = app::Settings::load(std::nullopt);
  if (!settings) bench::give_up(settings.error().describe());
  auto installation = app::Installation::open(std::move(*settings), true);
  if (!installation) bench::give_up(installation.error().describe());
  const auto worker = app::Worker::make(**installation, "seed");
  if (!worker) bench::give_up(worker.error().describe());
  app::Domain& domain = (*worker)->domain();
  for (std::int64_t i = 0; i < options.number("tenants", 0); ++i) add_tenant(domain, i, options.text("url"));
  if (options.number("messages", 0) > 0) add_messages(**installation, domain, options);
}

}  // namespace

int main(int argument_count, char** arguments) {
  const bench::Options options(argument_count, arguments);
  crypto::initialise();
  runtime::run_to_completion([&] { seed(options); });
}
