// jobs list, retry, park.
#include <fmt/core.h>

#include "cli/session.hpp"

namespace trunkline::cli {
namespace {

// A job is named by its account and its id; both stand in the list.
Result<std::pair<AccountId, Uuid>> job_argument(const Invocation& invocation) {
  const std::string text = invocation.argument("JOB");
  const std::size_t slash = text.find('/');
  const auto account =
      slash == std::string::npos ? std::nullopt : parse_uuid(std::string_view(text).substr(0, slash));
  const auto id =
      slash == std::string::npos ? std::nullopt : parse_uuid(std::string_view(text).substr(slash + 1));
  if (!account || !id)
    return fail(error_codes::usage,
                fmt::format("JOB: '{}' is no job; `trunkline jobs list` shows them.", text));
  return std::pair(AccountId(*account), *id);
}

std::string name_of(const jobs::Job& job) {
  return to_text(job.account.uuid()) + "/" + to_text(job.id);
}

Result<void> list_jobs(Invocation& invocation) {
  jobs::JobFilter filter{.kind = invocation.option("--kind").value_or(""),
                         .parked_only = invocation.flag("--parked")};
  const auto limit = invocation.number("--limit", 50);
  if (!limit) return fail(limit.error());
  filter.limit = *limit;
  if (invocation.option("--account")) {
    const auto account = account_option(invocation);
    if (!account) return fail(account.error());
    filter.account = *account;
  }
  const auto session = Session::open(invocation);
  if (!session) return fail(session.error());
  const auto found = (*session)->installation->queue->list(filter);
  if (!found) return fail(found.error());
  json::Array values;
  std::vector<std::vector<std::string>> rows{{"JOB", "KIND", "STATE", "TRIES", "DUE", "LAST PROBLEM"}};
  for (const jobs::JobSummary& summary : *found) {
    const std::string state = summary.parked ? "parked" : summary.leased ? "running" : "waiting";
    values.push_back(json::object({{"id", name_of(summary.job)},
                                   {"kind", summary.job.kind},
                                   {"state", state},
                                   {"attempts", summary.job.attempts},
                                   {"run_at", format_rfc3339(summary.run_at)},
                                   {"last_error", summary.last_error}}));
    rows.push_back({name_of(summary.job), summary.job.kind, state, fmt::format("{}", summary.job.attempts),
                    shown_time(to_microseconds(summary.run_at)),
                    summary.last_error.empty() ? "-" : summary.last_error.substr(0, 80)});
  }
  invocation.output().result(values, found->empty() ? "No jobs." : table(rows));
  return {};
}

Result<void> retry_job(Invocation& invocation) {
  const auto job = job_argument(invocation);
  if (!job) return fail(job.error());
  const auto session = Session::open(invocation);
  if (!session) return fail(session.error());
  const auto freed = (*session)->installation->queue->retry_now(job->first, job->second);
  if (!freed) return fail(freed.error());
  invocation.output().result(json::object({{"id", invocation.argument("JOB")}, {"state", "waiting"}}),
                             "It is due now; a running server takes it.");
  return {};
}

Result<void> park_job(Invocation& invocation) {
  const auto job = job_argument(invocation);
  if (!job) return fail(job.error());
  const auto session = Session::open(invocation);
  if (!session) return fail(session.error());
  const auto parked = (*session)->installation->queue->park_now(
      job->first, job->second, invocation.option("--reason").value_or("parked by hand"));
  if (!parked) return fail(parked.error());
  invocation.output().result(json::object({{"id", invocation.argument("JOB")}, {"state", "parked"}}),
                             "It is parked.");
  return {};
}

}  // namespace

std::vector<Command> job_commands() {
  const Positional job{.name = "JOB", .meaning = "As `trunkline jobs list` shows it"};
  return {
      {.path = {"jobs", "list"},
       .summary = "Shows open jobs, parked ones first",
       .examples = {"trunkline jobs list --parked"},
       .options = {{.name = "--account", .placeholder = "ID", .meaning = "Of this account"},
                   {.name = "--kind", .placeholder = "KIND", .meaning = "Of this kind, e.g. webhook.deliver"},
                   {.name = "--parked", .placeholder = "", .meaning = "Only those that wait for an operator"},
                   {.name = "--limit", .placeholder = "N", .meaning = "At most so many; 50 unless given"}},
       .run = list_jobs},
      {.path = {"jobs", "retry"},
       .summary = "Makes a job due now, parked or not",
       .examples = {"trunkline jobs retry JOB    # as `trunkline jobs list` shows it"},
       .positionals = {job},
       .run = retry_job},
      {.path = {"jobs", "park"},
       .summary = "Takes a job out of the queue until it is retried",
       .examples = {"trunkline jobs park JOB --reason \"the receiver is being moved\""},
       .options = {{.name = "--reason", .placeholder = "TEXT", .meaning = "Why"}},
       .positionals = {job},
       .run = park_job},
  };
}

}  // namespace trunkline::cli
