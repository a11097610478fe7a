// contacts import, export, erase, show, settings.
#include <fstream>

#include <fmt/core.h>

#include "cli/contact_export.hpp"
#include "cli/session.hpp"
#include "doors/engagement/render.hpp"
#include "engagement/importer.hpp"

namespace trunkline::cli {
namespace {

constexpr std::size_t rejects_shown = 20;
constexpr int bar_width = 30;

Option yes_option() {
  return {.name = "--yes", .placeholder = "", .meaning = "Do it; there is no way back"};
}

std::string bar(const engagement::ImportProgress& progress) {
  const std::int64_t total = std::max<std::int64_t>(progress.bytes_total, 1);
  const auto filled = static_cast<std::size_t>(progress.bytes * bar_width / total);
  return fmt::format("[{}{}] {:>3} %  {} records, {} rejected", std::string(filled, '#'),
                     std::string(bar_width - filled, '.'), progress.bytes * 100 / total, progress.records,
                     progress.rejected);
}

// Rejects as they come: all into the file, the first few to the person.
class Rejects {
 public:
  Rejects(Output& output, std::string path) : output_(output), path_(std::move(path)) {}

  void add(std::int64_t line, std::string_view reason) {
    if (!path_.empty()) {
      if (!file_.is_open()) {
        file_.open(path_, std::ios::trunc);
        file_ << "line,reason\n";
      }
      file_ << line << ',' << engagement::csv_cell(reason) << '\n';
    }
    listed_.push_back(json::object({{"line", line}, {"reason", reason}}));
    if (output_.json()) return;
    if (listed_.size() <= rejects_shown) output_.note(fmt::format("line {}: {}", line, reason));
    if (listed_.size() == rejects_shown + 1)
      output_.note(path_.empty() ? "… and more; --rejects FILE lists them all"
                                 : fmt::format("… and more, in {}", path_));
  }

  json::Array& listed() { return listed_; }

 private:
  Output& output_;
  std::string path_;
  std::ofstream file_;
  json::Array listed_;
};

Result<void> import_contacts(Invocation& invocation) {
  const auto account = account_option(invocation);
  if (!account) return fail(account.error());
  engagement::ImportRequest request{.path = invocation.argument("FILE"), .again = invocation.flag("--again")};
  const auto format = engagement::format_of(request.path);
  if (!format) {
    return fail(error_codes::usage, fmt::format("FILE: '{}' must end in .csv or .jsonl.", request.path));
  }
  request.format = *format;
  const auto session = Session::open(invocation);
  if (!session) return fail(session.error());
  app::Domain& domain = (*session)->domain();
  if (const auto found = domain.accounts.find(*account); !found) return fail(found.error());
  Output& output = invocation.output();
  Rejects rejects(output, invocation.option("--rejects").value_or(""));
  request.on_reject = [&](std::int64_t line, std::string_view reason) { rejects.add(line, reason); };
  request.on_progress = [&](const engagement::ImportProgress& progress) { output.progress(bar(progress)); };
  engagement::Importer importer(*(*session)->installation->database, domain.batches,
                                (*session)->installation->clock);
  const auto report = importer.run({.account = *account}, request);
  if (!report) return fail(report.error());
  const engagement::ImportProgress& progress = report->progress;
  output.result(
      json::object({{"accepted", progress.accepted},
                    {"rejected", progress.rejected},
                    {"records", progress.records},
                    {"resumed_after", report->resumed_after},
                    {"already_done", report->already_done},
                    {"rejects", std::move(rejects.listed())}}),
      report->already_done
          ? fmt::format("This file was imported before: {} accepted, {} rejected. --again takes it in anew.",
                        progress.accepted, progress.rejected)
          : fmt::format("{}{} accepted, {} rejected.",
                        report->resumed_after > 0
                            ? fmt::format("Went on after record {}. ", report->resumed_after)
                            : "",
                        progress.accepted, progress.rejected));
  return {};
}

Result<void> export_contacts(Invocation& invocation) {
  const auto account = account_option(invocation);
  if (!account) return fail(account.error());
  const std::string format = invocation.option("--format").value_or("jsonl");
  if (format != "jsonl" && format != "csv")
    return fail(error_codes::usage, "--format: must be jsonl (everything) or csv (customers).");
  const auto session = Session::open(invocation);
  if (!session) return fail(session.error());
  if (const auto found = (*session)->domain().accounts.find(*account); !found) return fail(found.error());
  Output& output = invocation.output();
  const auto path = invocation.option("--output");
  // A file that is there is complete: it gets its name when the last line is in it.
  const std::string unfinished = path ? *path + ".part" : "";
  std::ofstream file;
  if (path) file.open(unfinished, std::ios::trunc | std::ios::binary);
  if (path && !file) return fail(error_codes::usage, fmt::format("{} cannot be written.", unfinished));
  ContactExport contact_export((*session)->domain(), *(*session)->installation->database,
                               [&](std::string_view text) {
                                 if (path) {
                                   file << text;
                                 } else {
                                   output.raw(text);
                                 }
                               });
  contact_export.on_progress = [&](std::int64_t customers) {
    if (path) output.progress(fmt::format("{} customers", customers));
  };
  const tenancy::TenantScope scope{.account = *account};
  const auto counts = format == "csv" ? contact_export.write_csv(scope)
                                      : contact_export.write_jsonl(scope, invocation.option("--customer"));
  if (!counts) return fail(counts.error());
  if (!path) return {};
  file.close();
  if (!file || std::rename(unfinished.c_str(), path->c_str()) != 0)
    return fail(trunkline::error_codes::unavailable, fmt::format("{} cannot be written to its end.", *path));
  output.result(json::object({{"customers", counts->customers},
                              {"actions", counts->actions},
                              {"calls", counts->calls},
                              {"file", *path}}),
                fmt::format("{} customers, {} actions and {} calls are in {}.", counts->customers,
                            counts->actions, counts->calls, *path));
  return {};
}

Result<void> erase_contact(Invocation& invocation) {
  const auto account = account_option(invocation);
  if (!account) return fail(account.error());
  const std::string customer = invocation.argument("CUSTOMER");
  if (!invocation.flag("--yes")) {
    return fail(error_codes::usage,
                "Erasing cannot be undone: actions, calls' contents and queued webhooks go. Add --yes.");
  }
  const auto session = Session::open(invocation);
  if (!session) return fail(session.error());
  engagement::Erasure& erasure = (*session)->domain().erasure;
  const tenancy::TenantScope scope{.account = *account};
  const auto deleted = erasure.erase(scope, customer, {.received_at = (*session)->installation->clock.now()});
  if (!deleted) return fail(deleted.error());
  const auto receipt = erasure.find_receipt(scope, customer);
  if (!receipt) return fail(receipt.error());
  invocation.output().result(
      written([&](json::Writer& writer) { doors::engagement::write_receipt(writer, *receipt); }),
      fmt::format("Erased: {} contacts, {} actions, {} calls. Receipt {}{}.", receipt->contacts,
                  receipt->actions, receipt->calls, receipt->id.text(),
                  receipt->calls_pending > 0
                      ? fmt::format("; a running server finishes {} calls", receipt->calls_pending)
                      : ""));
  return {};
}

Result<void> show_contact(Invocation& invocation) {
  const auto account = account_option(invocation);
  if (!account) return fail(account.error());
  const auto session = Session::open(invocation);
  if (!session) return fail(session.error());
  const tenancy::TenantScope scope{.account = *account};
  const auto contact = (*session)->domain().contacts.find(scope, invocation.argument("CUSTOMER"));
  if (!contact) return fail(contact.error());
  const auto page = engagement::read_timeline(*(*session)->installation->database, scope, contact->id, {},
                                              engagement::TimelineKinds::all, 50);
  if (!page) return fail(page.error());
  json::Array entries;
  std::vector<std::vector<std::string>> rows{{"AT", "WHAT", "DETAILS"}};
  for (const engagement::TimelineEntry& entry : page->entries) {
    entries.push_back(written([&](json::Writer& writer) { doors::engagement::write_entry(writer, entry); }));
    const auto* action = std::get_if<engagement::Action>(&entry.what);
    const auto* call = std::get_if<engagement::CallEntry>(&entry.what);
    rows.push_back({shown_time(to_microseconds(entry.at)), action != nullptr ? action->name : "call",
                    action != nullptr ? (action->value ? json::write(*action->value) : "")
                                      : call->call.summary.value_or("")});
  }
  json::Value value =
      written([&](json::Writer& writer) { doors::engagement::write_contact(writer, *contact); });
  value.as_object()->set("timeline", std::move(entries));
  invocation.output().result(value, fmt::format("{}  {}  {}  {}\n{}", contact->customer_id, contact->name,
                                                contact->email, contact->phone, table(rows)));
  return {};
}

Result<void> contact_settings(Invocation& invocation) {
  const auto scope = scope_options(invocation);
  if (!scope) return fail(scope.error());
  const auto wanted = invocation.option("--create-from-calls");
  if (wanted && *wanted != "on" && *wanted != "off")
    return fail(error_codes::usage, "--create-from-calls: must be on or off.");
  const auto session = Session::open(invocation);
  if (!session) return fail(session.error());
  app::Domain& domain = (*session)->domain();
  if (const auto account = domain.accounts.find(scope->account); !account) return fail(account.error());
  if (!scope->project.is_nil()) {
    const auto project = domain.accounts.find_project({.account = scope->account}, scope->project);
    if (!project) return fail(project.error());
  }
  if (wanted) {
    const auto set = domain.call_contacts.set_settings(*scope, {.create_contacts = *wanted == "on"});
    if (!set) return set;
  }
  const auto settings = domain.call_contacts.settings(*scope);
  if (!settings) return fail(settings.error());
  invocation.output().result(json::object({{"create_from_calls", settings->create_contacts}}),
                             fmt::format("A call with an unknown number {} a contact.",
                                         settings->create_contacts ? "creates" : "does not create"));
  return {};
}

}  // namespace

std::vector<Command> contact_commands() {
  return {
      {.path = {"contacts", "import"},
       .summary = "Takes customers or actions in from a .csv or .jsonl file; goes on where it was cut short",
       .examples = {"trunkline contacts import people.csv --account prt_…",
                    "trunkline contacts import actions.jsonl --account prt_… --rejects rejects.csv"},
       .options = {account_required(),
                   {.name = "--rejects",
                    .placeholder = "FILE",
                    .meaning = "Write what is not taken in there, by line and reason"},
                   {.name = "--again",
                    .placeholder = "",
                    .meaning = "From the beginning, also when the file was taken in before"}},
       .positionals = {{.name = "FILE", .meaning = "people.csv, actions.jsonl, …"}},
       .run = import_contacts},
      {.path = {"contacts", "export"},
       .summary = "Writes customers with their actions, calls and transcripts",
       .examples = {"trunkline contacts export --account prt_… --output all.jsonl",
                    "trunkline contacts export --account prt_… --customer c-204"},
       .options = {account_required(),
                   {.name = "--customer", .placeholder = "ID", .meaning = "This one only"},
                   {.name = "--format",
                    .placeholder = "FORMAT",
                    .meaning = "jsonl (default): everything; csv: customers only"},
                   {.name = "--output", .placeholder = "FILE", .meaning = "Default: standard output"}},
       .run = export_contacts},
      {.path = {"contacts", "erase"},
       .summary = "Erases a customer everywhere; what was billed stays",
       .examples = {"trunkline contacts erase c-204 --account prt_… --yes"},
       .options = {account_required(), yes_option()},
       .positionals = {{.name = "CUSTOMER", .meaning = "The customer's id"}},
       .run = erase_contact},
      {.path = {"contacts", "show"},
       .summary = "Shows a customer and the latest of the timeline",
       .options = {account_required()},
       .positionals = {{.name = "CUSTOMER", .meaning = "The customer's id"}},
       .run = show_contact},
      {.path = {"contacts", "settings"},
       .summary = "Shows or sets whether calls with unknown numbers create contacts",
       .examples = {"trunkline contacts settings --account prt_… --project prj_… --create-from-calls on"},
       .options = {account_required(),
                   project_optional(),
                   {.name = "--create-from-calls", .placeholder = "on|off", .meaning = "Default: off"}},
       .run = contact_settings},
  };
}

}  // namespace trunkline::cli
