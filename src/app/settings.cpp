#include "app/settings.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include <fmt/core.h>
#include <toml++/toml.h>

#include "base/text.hpp"

extern char** environ;

namespace trunkline::app {
namespace {

constexpr std::string_view default_file = "/etc/trunkline/trunkline.toml";

constexpr std::array known_settings{
    SettingDescription{"listen", "TRUNKLINE_LISTEN", "127.0.0.1:8080", "Address and port to serve on."},
    SettingDescription{"database_url", "TRUNKLINE_DATABASE_URL", "sqlite:var/trunkline.db",
                       "Where the data is: sqlite:PATH or postgresql://USER@HOST/DATABASE.", true},
    SettingDescription{
        "public_url", "TRUNKLINE_PUBLIC_URL", "",
        "How the world reaches this server, e.g. https://voice.example.com. Default: http://LISTEN."},
    SettingDescription{
        "secret_key", "TRUNKLINE_SECRET_KEY", "",
        "The installation's secret key, 64 hexadecimal digits; seals webhook secrets and keys hashes.", true},
    SettingDescription{
        "secret_key_file", "TRUNKLINE_SECRET_KEY_FILE", "",
        "The file that holds the secret key; made when absent. Default: beside an SQLite database; with "
        "PostgreSQL in the database."},
    SettingDescription{"threads", "TRUNKLINE_THREADS", "0",
                       "Event loops that serve requests; 0: one with SQLite, one a core with PostgreSQL."},
    SettingDescription{
        "worker", "TRUNKLINE_WORKER", "1",
        "0: only serve requests; calls, webhooks and jobs are left to other servers on the database."},
    SettingDescription{"database_connections", "TRUNKLINE_DATABASE_CONNECTIONS", "8",
                       "PostgreSQL connections for transactions, a loop."},
    SettingDescription{"tls_certificate", "TRUNKLINE_TLS_CERTIFICATE", "",
                       "PEM file with the certificate chain; turns TLS on."},
    SettingDescription{"tls_key", "TRUNKLINE_TLS_KEY", "", "PEM file with the certificate's key."},
    SettingDescription{"ca_file", "TRUNKLINE_CA_FILE", "",
                       "PEM file with the authorities that outgoing TLS trusts. Default: the system's."},
    SettingDescription{"cors_origins", "TRUNKLINE_CORS_ORIGINS", "",
                       "Origins whose pages may call the API, separated by commas; * for all."},
    SettingDescription{"connections_per_address", "TRUNKLINE_CONNECTIONS_PER_ADDRESS", "256",
                       "Connections that one address may hold."},
    SettingDescription{"requests_running", "TRUNKLINE_REQUESTS_RUNNING", "512",
                       "Requests under way at once, a loop; more wait in line."},
    SettingDescription{
        "request_wait", "TRUNKLINE_REQUEST_WAIT", "1s",
        "How long a request may wait in line; one that would wait longer is refused with 503."},
    SettingDescription{
        "trust_forwarded_for", "TRUNKLINE_TRUST_FORWARDED_FOR", "0",
        "1: take the client's address from X-Forwarded-For. Only behind a proxy that sets it."},
    SettingDescription{"metrics_listen", "TRUNKLINE_METRICS_LISTEN", "",
                       "An address of its own for /metrics. Default: on the main one."},
    SettingDescription{"operator_token", "TRUNKLINE_OPERATOR_TOKEN", "",
                       "Opens /api/telco to the operator; 32 characters at least. Default: it is shut.",
                       true},
    SettingDescription{
        "reads_per_second", "TRUNKLINE_READS_PER_SECOND", "2000",
        "GET requests that an API key may make in the long run; ten seconds' worth in a burst."},
    SettingDescription{"writes_per_second", "TRUNKLINE_WRITES_PER_SECOND", "2000",
                       "The same for POST and DELETE."},
    SettingDescription{
        "engagement_requests_per_minute", "TRUNKLINE_ENGAGEMENT_REQUESTS_PER_MINUTE", "300",
        "Customers and actions that an API key may write in the long run; twice as many in a burst."},
    SettingDescription{"countries", "TRUNKLINE_COUNTRIES", "",
                       "Countries that may be called (ISO 3166-1), separated by commas. Default: all."},
    SettingDescription{"ring_timeout", "TRUNKLINE_RING_TIMEOUT", "45s",
                       "How long a callee's phone may ring."},
    SettingDescription{
        "allow_private_urls", "TRUNKLINE_ALLOW_PRIVATE_URLS", "0",
        "1: webhooks and tools may be on private addresses and without TLS. For development only."},
    SettingDescription{"local_speed", "TRUNKLINE_LOCAL_SPEED", "20",
                       "How much faster than the clock on the wall the phone network in a box runs."},
    SettingDescription{"local_faults", "TRUNKLINE_LOCAL_FAULTS", "",
                       "How its events misbehave, e.g. duplicate=0.2,delay=0.3,delay_max=200ms."},
    SettingDescription{"scenario_file", "TRUNKLINE_SCENARIO_FILE", "",
                       "Further callees of the box, in TOML."},
    SettingDescription{"openai_base_url", "OPENAI_BASE_URL", "https://api.openai.com/v1",
                       "An OpenAI-compatible API for the agent's words."},
    SettingDescription{"openai_api_key", "OPENAI_API_KEY", "",
                       "Its key. Without one the agent is the offline script.", true},
    SettingDescription{"openai_organisation", "OPENAI_ORG_ID", "", "Whose account it is, where it matters."},
    SettingDescription{"openai_project", "OPENAI_PROJECT_ID", "", "Which of its projects."},
    SettingDescription{"model", "TRUNKLINE_MODEL", "gpt-4o-mini", "The model that answers."},
    SettingDescription{"second_model", "TRUNKLINE_SECOND_MODEL", "",
                       "The model that takes over when the first is slow or down."},
    SettingDescription{"model_max_tokens_field", "TRUNKLINE_MODEL_MAX_TOKENS_FIELD", "max_completion_tokens",
                       "How the server calls the limit of an answer; older ones say max_tokens."},
    SettingDescription{"zadarma_key", "ZADARMA_KEY", "", "Zadarma's user key; turns its sync on.", true},
    SettingDescription{"zadarma_secret", "ZADARMA_SECRET", "", "The secret that belongs to it.", true},
    SettingDescription{"zadarma_url", "ZADARMA_URL", "", "Another address of its API, for a sandbox."},
    SettingDescription{"zadarma_time_zone", "ZADARMA_TIME_ZONE", "UTC",
                       "The time zone set in Zadarma's cabinet, e.g. Europe/London."},
    SettingDescription{"telnyx_api_key", "TELNYX_API_KEY", "", "Telnyx's API key; turns its sync on.", true},
    SettingDescription{"telnyx_public_key", "TELNYX_PUBLIC_KEY", "",
                       "The key that Telnyx signs webhooks with, Base64."},
    SettingDescription{"telnyx_url", "TELNYX_URL", "", "Another address of its API."},
    SettingDescription{"retell_api_key", "RETELL_API_KEY", "", "Retell's API key; turns its sync on.", true},
    SettingDescription{"retell_webhook_key", "RETELL_WEBHOOK_KEY", "",
                       "The key that Retell signs webhooks with. Default: the API key.", true},
    SettingDescription{"retell_url", "RETELL_URL", "", "Another address of its API."},
    SettingDescription{"telco_accounts_file", "TRUNKLINE_TELCO_ACCOUNTS_FILE", "",
                       "TOML file with further accounts of these providers (docs/warehouse.md)."},
    SettingDescription{
        "warehouse_database_url", "TRUNKLINE_WAREHOUSE_DATABASE_URL", "",
        "A database of its own for the telecom warehouse. Default: POSTGRES_HOST and the like, "
        "else Trunkline's.",
        true},
    SettingDescription{"postgres_host", "POSTGRES_HOST", "", "The warehouse's PostgreSQL server."},
    SettingDescription{"postgres_port", "POSTGRES_PORT", "5432", "Its port."},
    SettingDescription{"postgres_db", "POSTGRES_DB", "telco_warehouse", "Its database."},
    SettingDescription{"postgres_user", "POSTGRES_USER", "postgres", "Who logs in there."},
    SettingDescription{"postgres_password", "POSTGRES_PASSWORD", "", "And by which password.", true},
    SettingDescription{"warehouse_schema", "TRUNKLINE_WAREHOUSE_SCHEMA", "telco",
                       "What the warehouse's schema is called on PostgreSQL."},
    SettingDescription{"warehouse_time_zone", "TRUNKLINE_WAREHOUSE_TIME_ZONE", "UTC",
                       "Whose days and months the warehouse's reports have."},
    SettingDescription{"warehouse_region", "TRUNKLINE_WAREHOUSE_REGION", "",
                       "The country of numbers that come without one (ISO 3166-1), e.g. AU."},
    SettingDescription{"warehouse_backfill", "TRUNKLINE_WAREHOUSE_BACKFILL", "90d",
                       "How far the first sync looks back."},
    SettingDescription{"warehouse_group_rows", "TRUNKLINE_WAREHOUSE_GROUP_ROWS", "1000",
                       "From how many rows on the pages read so far are committed; 1: each page by itself."},
    SettingDescription{"warehouse_schedule", "TRUNKLINE_WAREHOUSE_SCHEDULE", "1",
                       "0: sync only by hand, with `trunkline sync`."},
    SettingDescription{"warehouse_feeds_on", "TRUNKLINE_WAREHOUSE_FEEDS_ON", "",
                       "Feeds to read that are off by default, e.g. telnyx.amd, separated by commas."},
    SettingDescription{"warehouse_feeds_off", "TRUNKLINE_WAREHOUSE_FEEDS_OFF", "",
                       "Feeds not to read, e.g. zadarma.incoming."},
    SettingDescription{"recordings_store", "TRUNKLINE_RECORDINGS_STORE", "link",
                       "Where recordings are kept: link (at the provider), local or s3."},
    SettingDescription{"recordings_directory", "TRUNKLINE_RECORDINGS_DIRECTORY", "var/recordings",
                       "The directory of a local store; with s3, of files that are not whole yet."},
    SettingDescription{"s3_endpoint", "TRUNKLINE_S3_ENDPOINT", "",
                       "An S3-compatible store, e.g. https://s3.eu-central-1.amazonaws.com."},
    SettingDescription{"s3_bucket", "TRUNKLINE_S3_BUCKET", "", "Its bucket."},
    SettingDescription{"s3_region", "TRUNKLINE_S3_REGION", "us-east-1",
                       "The region that requests are signed for."},
    SettingDescription{"s3_access_key_id", "AWS_ACCESS_KEY_ID", "", "Who writes there."},
    SettingDescription{"s3_secret_access_key", "AWS_SECRET_ACCESS_KEY", "", "And by which key.", true},
    SettingDescription{"node_name", "TRUNKLINE_NODE_NAME", "",
                       "This server's name among those on the same database. Default: host name and port."},
    SettingDescription{"drain_timeout", "TRUNKLINE_DRAIN_TIMEOUT", "15s",
                       "How long a stopping server waits for requests under way."},
    SettingDescription{"log_level", "TRUNKLINE_LOG_LEVEL", "info", "debug, info, warning, error or off."},
    SettingDescription{"log_format", "TRUNKLINE_LOG_FORMAT", "",
                       "json or pretty. Default: pretty on a terminal."},
    SettingDescription{"log_requests", "TRUNKLINE_LOG_REQUESTS", "1", "0: no line for each request."},
};

const SettingDescription* find_setting(std::string_view key) {
  const auto found = std::ranges::find(known_settings, key, &SettingDescription::key);
  return found == known_settings.end() ? nullptr : &*found;
}

std::string with_suggestion(std::string text, std::string_view word,
                            std::string_view SettingDescription::* name) {
  std::vector<std::string_view> names;
  names.reserve(std::size(known_settings));
  for (const SettingDescription& setting : known_settings) names.push_back(setting.*name);
  const auto meant = closest(word, names);
  if (meant) text += fmt::format(" Did you mean {}?", *meant);
  return text;
}

}  // namespace

std::span<const SettingDescription> all_settings() {
  return known_settings;
}

std::string_view to_text(SettingOrigin origin) {
  switch (origin) {
    case SettingOrigin::fallback:
      return "default";
    case SettingOrigin::file:
      return "file";
    case SettingOrigin::environment:
      return "environment";
    case SettingOrigin::flag:
      return "flag";
  }
  return "";
}

Result<Settings> Settings::load(const std::optional<std::string>& file) {
  Settings loaded;
  for (const SettingDescription& setting : known_settings) {
    loaded.values_.emplace(setting.key, Value{.text = std::string(setting.fallback)});
  }
  const char* from_environment = std::getenv("TRUNKLINE_CONFIG");
  std::string path = file.value_or(from_environment == nullptr ? "" : from_environment);
  if (path.empty() && std::filesystem::exists(default_file)) path = default_file;
  if (!path.empty()) {
    if (const auto read = loaded.read_file(path); !read) return fail(read.error());
  }
  loaded.read_environment();
  return loaded;
}

Result<void> Settings::read_file(const std::string& path) {
  file_ = path;
  toml::table table;
  try {
    table = toml::parse_file(path);
  } catch (const toml::parse_error& error) {
    return fail(error_codes::setting_invalid,
                fmt::format("{}, line {}: {}.", path, error.source().begin.line, error.description()));
  }
  for (const auto& [key, node] : table) {
    if (find_setting(key.str()) == nullptr) {
      return fail(error_codes::setting_unknown,
                  with_suggestion(fmt::format("{}: there is no setting '{}'.", path, key.str()), key.str(),
                                  &SettingDescription::key));
    }
    std::ostringstream text;
    if (const auto* value = node.as_string()) {
      text << value->get();
    } else if (const auto* truth = node.as_boolean()) {
      text << (truth->get() ? "1" : "0");
    } else if (const auto* number = node.as_integer()) {
      text << number->get();
    } else {
      return fail(error_codes::setting_invalid,
                  fmt::format("{}: '{}' must be a text, a number or true/false.", path, key.str()));
    }
    values_[std::string(key.str())] = {.text = text.str(), .origin = SettingOrigin::file};
  }
  return {};
}

void Settings::read_environment() {
  for (const SettingDescription& setting : known_settings) {
    const char* value = std::getenv(std::string(setting.environment).c_str());
    if (value != nullptr)
      values_[std::string(setting.key)] = {.text = value, .origin = SettingOrigin::environment};
  }
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view name = std::string_view(*entry).substr(0, std::string_view(*entry).find('='));
    const bool ours = name.starts_with("TRUNKLINE_") && !name.starts_with("TRUNKLINE_TEST_") &&
                      name != "TRUNKLINE_CONFIG" && name != "TRUNKLINE_FAIL_POINT";
    if (!ours ||
        std::ranges::find(known_settings, name, &SettingDescription::environment) != known_settings.end())
      continue;
    unknown_environment_.push_back(with_suggestion(fmt::format("There is no setting {}.", name), name,
                                                   &SettingDescription::environment));
  }
}

Result<void> Settings::set(std::string_view key, std::string value) {
  if (find_setting(key) == nullptr) {
    return fail(error_codes::setting_unknown, with_suggestion(fmt::format("There is no setting '{}'.", key),
                                                              key, &SettingDescription::key));
  }
  values_[std::string(key)] = {.text = std::move(value), .origin = SettingOrigin::flag};
  return {};
}

const std::string& Settings::text(std::string_view key) const {
  return values_.find(key)->second.text;
}
SettingOrigin Settings::origin(std::string_view key) const {
  return values_.find(key)->second.origin;
}

Result<bool> Settings::flag(std::string_view key) const {
  const std::string value = ascii_lower(text(key));
  if (value == "1" || value == "true" || value == "yes" || value == "on") return true;
  if (value.empty() || value == "0" || value == "false" || value == "no" || value == "off") return false;
  return fail(error_codes::setting_invalid, fmt::format("{}: must be 1 or 0, not '{}'.", key, text(key)));
}

Result<std::int64_t> Settings::number(std::string_view key, std::int64_t least, std::int64_t most) const {
  const std::string& value = text(key);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size() || number < least || number > most) {
    return fail(error_codes::setting_invalid,
                fmt::format("{}: must be a number from {} to {}, not '{}'.", key, least, most, value));
  }
  return number;
}

Result<Duration> Settings::duration(std::string_view key) const {
  const auto value = parse_duration(text(key));
  if (!value) {
    return fail(error_codes::setting_invalid,
                fmt::format("{}: must be a duration such as 30s, not '{}'.", key, text(key)));
  }
  return *value;
}

std::vector<std::string> Settings::list(std::string_view key) const {
  std::vector<std::string> items;
  for (const std::string_view item : split(text(key), ',')) {
    if (!trim(item).empty()) items.emplace_back(trim(item));
  }
  return items;
}

Result<Address> parse_address(std::string_view key, const std::string& text) {
  const std::size_t colon = text.rfind(':');
  Address address;
  const std::string_view port = colon == std::string::npos ? "" : std::string_view(text).substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (colon == std::string::npos || error != std::errc() || end != port.data() + port.size()) {
    return fail(error_codes::setting_invalid, fmt::format("{}: must be ADDRESS:PORT, not '{}'.", key, text));
  }
  address.host = text.substr(0, colon);
  if (address.host.starts_with('[') && address.host.ends_with(']')) {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  if (address.host == "localhost") address.host = "127.0.0.1";
  return address;
}

}  // namespace trunkline::app
