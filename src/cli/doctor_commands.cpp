// doctor: what is wrong here, and how to mend it.
#include <algorithm>
#include <filesystem>

#include <fmt/core.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "cli/session.hpp"
#include "runtime/event_loop.hpp"
#include "webhooks/signature.hpp"

namespace trunkline::cli {
namespace {

enum class Grade : std::uint8_t { ok, warning, problem };

struct Finding {
  std::string name;
  Grade grade = Grade::ok;
  std::string text;
  std::string mend;
};

class Report {
 public:
  void ok(std::string name, std::string text) {
    findings_.push_back({std::move(name), Grade::ok, std::move(text), ""});
  }
  void warning(std::string name, std::string text, std::string mend) {
    findings_.push_back({std::move(name), Grade::warning, std::move(text), std::move(mend)});
  }
  void problem(std::string name, std::string text, std::string mend) {
    findings_.push_back({std::move(name), Grade::problem, std::move(text), std::move(mend)});
  }
  bool has_problem() const {
    return std::ranges::any_of(findings_, [](const Finding& each) { return each.grade == Grade::problem; });
  }
  const std::vector<Finding>& findings() const { return findings_; }

 private:
  std::vector<Finding> findings_;
};

const db::Statement latest_call{"doctor.latest_call", "SELECT max(created_at) FROM calls", db::Reach::scan};
const db::Statement latest_node{"doctor.latest_node", "SELECT max(started_at) FROM nodes", db::Reach::scan};
const db::Statement database_time{"doctor.database_time",
                                  "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)"};
const db::Statement sick_endpoints{"doctor.endpoints", R"sql(
  SELECT count(CASE WHEN disabled_at IS NOT NULL THEN 1 END), count(CASE WHEN failing_since IS NOT NULL THEN 1 END)
  FROM webhook_endpoints)sql",
                                   db::Reach::scan};

constexpr Duration clock_tolerance = seconds(5);

void check_settings(const app::Settings& settings, Report& report) {
  for (const std::string& unknown : settings.unknown_environment()) {
    report.problem("settings", unknown,
                   "Correct the variable's name, or unset it; `trunkline config` shows all.");
  }
  const auto complain = [&](const auto& result, std::string_view key) {
    if (!result)
      report.problem("settings", result.error().message(),
                     fmt::format("Correct {}; `trunkline config` shows where it comes from.", key));
  };
  complain(app::parse_address("listen", settings.text("listen")), "listen");
  complain(settings.flag("allow_private_urls"), "allow_private_urls");
  complain(settings.number("local_speed", 1, 1'000'000), "local_speed");
  complain(settings.duration("ring_timeout"), "ring_timeout");
  complain(settings.duration("drain_timeout"), "drain_timeout");
  complain(settings.duration("request_wait"), "request_wait");
  complain(settings.number("threads", 0, 256), "threads");
  complain(carriers::local::parse_event_faults(settings.text("local_faults")), "local_faults");
  if (settings.text("tls_certificate").empty() != settings.text("tls_key").empty()) {
    report.problem("settings", "tls_certificate and tls_key belong together.", "Give both, or neither.");
  }
  if (!report.has_problem())
    report.ok("settings", settings.file().empty() ? "understood" : "understood, with " + settings.file());
}

void check_folder(const app::Settings& settings, Report& report) {
  static constexpr std::string_view sqlite = "sqlite:";
  const std::string& url = settings.text("database_url");
  if (!url.starts_with(sqlite)) return;
  const std::filesystem::path path(url.substr(sqlite.size()));
  std::filesystem::path folder = path.parent_path().empty() ? "." : path.parent_path();
  while (!std::filesystem::exists(folder) && folder.has_parent_path()) folder = folder.parent_path();
  // As root every folder looks writable; a read-only file system shows only when something is written.
  const std::string probe = (folder / fmt::format(".trunkline-doctor-{}", ::getpid())).string();
  std::FILE* file = std::fopen(probe.c_str(), "w");
  if (file == nullptr) {
    return report.problem("data folder", fmt::format("{} is not writable.", folder.string()),
                          fmt::format("chown or chmod {}, or choose another place by TRUNKLINE_DATABASE_URL.",
                                      folder.string()));
  }
  std::fclose(file);
  std::filesystem::remove(probe);
  struct statvfs space{};
  if (::statvfs(folder.c_str(), &space) == 0 && space.f_blocks > 0 && space.f_bavail * 10 < space.f_blocks) {
    return report.warning("data folder",
                          fmt::format("{} has less than a tenth of its space left.", folder.string()),
                          "Make room, or move the database: when the disk is full, new calls are refused.");
  }
  report.ok("data folder", folder.string() + " is writable");
}

void check_schema(app::Installation& installation, Report& report) {
  const auto status = installation.migrator().status();
  if (!status)
    return report.problem("schema", status.error().message(),
                          "Run the version of Trunkline that fits the database.");
  const auto pending =
      std::ranges::count_if(*status, [](const db::MigrationStatus& each) { return !each.applied_at; });
  if (pending > 0) {
    return report.problem("schema",
                          fmt::format("{} migration{} pending.", pending, pending == 1 ? " is" : "s are"),
                          "Run `trunkline migrate up`, or start the server, which does it.");
  }
  report.ok("schema", "up to date");
}

void check_secret_key(app::Installation& installation, Report& report) {
  const auto keyring =
      tenancy::Keyring::open(*installation.database, installation.key_source(), installation.random);
  if (!keyring)
    return report.problem("secret key", keyring.error().message(),
                          "Give the key that the database was set up with.");
  if ((*keyring)->origin() == "the database") {
    return report.warning(
        "secret key", "it is kept in the database, beside what it protects.",
        "Move it out: TRUNKLINE_SECRET_KEY_FILE, with the value of `secret_key` in the table installation.");
  }
  report.ok("secret key", "from " + (*keyring)->origin());
}

// A clock that is off shows against the database's own, and against what was written at times that have not
// come yet.
void check_clock(app::Installation& installation, Report& report) {
  const std::string mend =
      "Set the clock and keep it right with NTP (systemctl enable --now systemd-timesyncd).";
  const auto ask = [&](const db::Statement& statement) -> std::optional<Instant> {
    const auto rows = installation.database->query(db::Scope::operations(), statement, {});
    if (!rows || rows->empty()) return std::nullopt;
    return rows->front().optional_instant(0);
  };
  const Instant now = installation.clock.now();
  if (installation.database->engine() == "postgresql") {
    if (const auto theirs = ask(database_time); theirs && std::chrono::abs(*theirs - now) > clock_tolerance) {
      return report.problem("clock",
                            fmt::format("it differs from the database server's by {}.",
                                        format_duration(std::chrono::abs(*theirs - now))),
                            mend);
    }
  }
  for (const db::Statement* statement : {&latest_call, &latest_node}) {
    const auto latest = ask(*statement);
    if (latest && *latest > now + clock_tolerance) {
      return report.problem(
          "clock",
          fmt::format("it is {} behind: the database has entries from then.", format_duration(*latest - now)),
          mend);
    }
  }
  report.ok("clock", format_rfc3339(now));
}

void check_jobs(app::Installation& installation, Report& report) {
  const auto depths = installation.queue->depths();
  if (!depths) return report.problem("jobs", depths.error().message(), "See the database's check.");
  std::int64_t parked = 0;
  Duration oldest{};
  for (const jobs::QueueDepth& depth : *depths) {
    parked += depth.parked;
    oldest =
        std::max(oldest, installation.clock.now() - std::min(depth.oldest_due, installation.clock.now()));
  }
  if (parked > 0) {
    return report.problem("jobs", fmt::format("{} job{} parked.", parked, parked == 1 ? " is" : "s are"),
                          "See why by `trunkline jobs list --parked`; then `trunkline jobs retry JOB`.");
  }
  if (oldest > minutes(5)) {
    return report.warning("jobs", fmt::format("the oldest due job has waited {}.", format_duration(oldest)),
                          "Is a server running on this database?");
  }
  report.ok("jobs", "none is parked");
}

void check_endpoints(app::Installation& installation, Report& report) {
  const auto rows = installation.database->query(db::Scope::operations(), sick_endpoints, {});
  if (!rows) return;
  const std::int64_t disabled = rows->front().integer(0);
  const std::int64_t failing = rows->front().integer(1);
  if (disabled > 0) {
    return report.warning("webhooks", fmt::format("{} endpoint(s) disabled after days of failure.", disabled),
                          "Set them again by `trunkline webhooks endpoint set`, then `trunkline webhooks "
                          "replay --status held`.");
  }
  if (failing > 0)
    return report.warning("webhooks", fmt::format("{} endpoint(s) fail at present.", failing),
                          "See `trunkline webhooks list --status pending`.");
  report.ok("webhooks", "no endpoint fails");
}

// A build that signs wrongly would be refused by every receiver (check value of the voice API's contract,
// section 9.3).
void check_signature(Report& report) {
  const std::string text =
      R"({"call_id":"call_9","event":"call.completed","metadata":{"a":"Zo\u00eb \ud83d\udc4d","b":1.0},"status":"completed"})";
  const bool right = webhooks::legacy_signature("whsec_example", text) ==
                     "a277034508f2c9a689adc79db83a45cac855ff52c3ba87a0e7841936f91ca50e";
  if (!right)
    return report.problem("signature", "the self-test fails.", "This build is broken; install another.");
  report.ok("signature", "self-test passed");
}

Result<void> doctor(Invocation& invocation) {
  Report report;
  check_settings(invocation.settings(), report);
  check_signature(report);
  check_folder(invocation.settings(), report);
  const auto installation = app::Installation::open_database(invocation.settings());
  if (!installation) {
    report.problem("database", installation.error().message(),
                   "Mend what it says; `trunkline config` shows the URL in use.");
  } else {
    report.ok("database", (*installation)->database->location());
    check_schema(**installation, report);
    const bool schema_there = report.findings().back().grade == Grade::ok;
    if (schema_there) {
      check_secret_key(**installation, report);
      check_clock(**installation, report);
      check_jobs(**installation, report);
      check_endpoints(**installation, report);
    }
  }
  Output& output = invocation.output();
  json::Array values;
  std::string text;
  for (const Finding& finding : report.findings()) {
    const auto [mark, colour, grade] = finding.grade == Grade::ok ? std::tuple("ok", Colour::green, "ok")
                                       : finding.grade == Grade::warning
                                           ? std::tuple("warning", Colour::yellow, "warning")
                                           : std::tuple("problem", Colour::red, "problem");
    values.push_back(json::object(
        {{"check", finding.name}, {"grade", grade}, {"text", finding.text}, {"mend", finding.mend}}));
    text += fmt::format("{}{:8} {}: {}", text.empty() ? "" : "\n", output.paint(mark, colour), finding.name,
                        finding.text);
    if (!finding.mend.empty()) text += "\n         -> " + finding.mend;
  }
  output.result(json::object({{"healthy", !report.has_problem()}, {"findings", std::move(values)}}), text);
  if (report.has_problem()) return fail(trunkline::error_codes::internal, "Something needs mending.");
  return {};
}

}  // namespace

std::vector<Command> doctor_commands() {
  return {{.path = {"doctor"},
           .summary = "Says what is wrong with this installation and how to mend it",
           .examples = {"trunkline doctor", "trunkline doctor --json"},
           .run = doctor}};
}

}  // namespace trunkline::cli
