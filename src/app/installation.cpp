#include "app/installation.hpp"

#include <algorithm>
#include <filesystem>
#include <thread>

#include <fmt/core.h>

#include "base/encoding.hpp"
#include "migrations.hpp"

namespace trunkline::app {
namespace {

constexpr std::size_t pool_queue_max = 1024;

// "" when the warehouse is in Trunkline's own database.
std::string warehouse_url(const Settings& settings) {
  const std::string& given = settings.text("warehouse_database_url");
  const std::string& host = settings.text("postgres_host");
  if (!given.empty() || host.empty()) return given;
  const std::string& password = settings.text("postgres_password");
  return fmt::format("postgresql://{}{}{}@{}:{}/{}", percent_encode(settings.text("postgres_user")),
                     password.empty() ? "" : ":", percent_encode(password), host,
                     settings.text("postgres_port"), percent_encode(settings.text("postgres_db")));
}

std::size_t pool_threads() {
  return std::max<std::size_t>(std::thread::hardware_concurrency(), 2);
}

}  // namespace

Installation::Installation(Settings loaded)
    : settings(std::move(loaded)), pool("worker", pool_threads(), pool_queue_max) {}

Result<std::unique_ptr<Installation>> Installation::open_database(Settings settings) {
  auto installation = std::make_unique<Installation>(std::move(settings));
  const auto connections = installation->settings.number("database_connections", 1, 1000);
  if (!connections) return fail(connections.error());
  auto database = db::open(installation->settings.text("database_url"),
                           {.connections_per_loop = static_cast<std::size_t>(*connections),
                            .telco_schema = installation->settings.text("warehouse_schema")});
  if (!database) return fail(std::move(database.error()));
  installation->database = std::move(*database);
  installation->queue = std::make_unique<jobs::Queue>(*installation->database, installation->clock);
  const auto per_minute = installation->settings.number("engagement_requests_per_minute", 1, 1'000'000'000);
  if (!per_minute) return fail(per_minute.error());
  installation->engagement_rate = std::make_unique<doors::engagement::KeyRate>(*per_minute);
  installation->replies =
      std::make_unique<engagement::ReplyMemory>(*installation->database, installation->clock);
  return installation;
}

Result<std::unique_ptr<Installation>> Installation::open(Settings settings, bool migrate) {
  auto opened = open_database(std::move(settings));
  if (!opened) return opened;
  Installation& installation = **opened;
  db::Migrator migrator = installation.migrator();
  const auto status = migrator.status();
  if (!status) return fail(status.error());
  const bool pending =
      std::ranges::any_of(*status, [](const db::MigrationStatus& each) { return !each.applied_at; });
  if (pending && !migrate) {
    // An empty database is set up by whoever comes first; an old one is changed only when asked for.
    const bool empty = std::ranges::none_of(
        *status, [](const db::MigrationStatus& each) { return each.applied_at.has_value(); });
    if (!empty) {
      return fail(db::error_codes::schema_mismatch,
                  "The database has pending migrations: run `trunkline migrate up`, or start the server, "
                  "which does it.");
    }
  }
  if (pending) {
    if (const auto ran = migrator.up(); !ran) return fail(ran.error());
  }
  auto keyring =
      tenancy::Keyring::open(*installation.database, installation.key_source(), installation.random);
  if (!keyring) return fail(std::move(keyring.error()));
  installation.keyring = std::move(*keyring);
  if (const auto warehouse = installation.open_warehouse(); !warehouse) return fail(warehouse.error());
  return opened;
}

// A database of the warehouse's own has the warehouse's migrations alone, and everything in its schema.
Result<void> Installation::open_warehouse() {
  const std::string url = warehouse_url(settings);
  if (url.empty()) return {};
  const std::string& schema = settings.text("warehouse_schema");
  {
    auto bare = db::open(url, {.telco_schema = schema});
    if (!bare) return fail(std::move(bare.error()));
    if ((*bare)->engine() == "postgresql") {
      const auto made = (*bare)->run_script("CREATE SCHEMA IF NOT EXISTS telco", false);
      if (!made) return fail(made.error());
    }
  }
  const bool is_postgres = url.starts_with("postgresql:") || url.starts_with("postgres:");
  const std::string inside =
      is_postgres ? fmt::format("{}{}options=-csearch_path%3D{}", url, url.contains('?') ? '&' : '?', schema)
                  : url;
  auto opened = db::open(inside, {.telco_schema = schema});
  if (!opened) return fail(std::move(opened.error()));
  warehouse_database = std::move(*opened);
  static const std::vector<db::Migration> own = [] {
    std::vector<db::Migration> found;
    for (const db::Migration& each : all_migrations()) {
      if (each.name.starts_with("warehouse")) found.push_back(each);
    }
    return found;
  }();
  if (const auto ran = db::Migrator(*warehouse_database, clock, own).up(); !ran) return fail(ran.error());
  return {};
}

db::Migrator Installation::migrator() {
  return {*database, clock, all_migrations()};
}

tenancy::KeySource Installation::key_source() const {
  tenancy::KeySource source{.key = Secret(settings.text("secret_key")),
                            .file = settings.text("secret_key_file")};
  static constexpr std::string_view sqlite = "sqlite:";
  const std::string& url = settings.text("database_url");
  if (source.key.empty() && source.file.empty() && url.starts_with(sqlite)) {
    const std::filesystem::path path(url.substr(sqlite.size()));
    source.file = (path.parent_path() / (path.stem().string() + ".key")).string();
  }
  return source;
}

Result<std::size_t> loops_wanted(const Settings& settings, const db::Database& database) {
  const auto given = settings.number("threads", 0, 256);
  if (!given) return fail(given.error());
  if (*given > 0) return static_cast<std::size_t>(*given);
  if (database.engine() == "sqlite") return std::size_t{1};
  return std::max<std::size_t>(std::thread::hardware_concurrency(), 1);
}

}  // namespace trunkline::app
