#include "engagement/engagement_testing.hpp"

#include "base/crypto/initialise.hpp"
#include "base/json/write.hpp"

namespace trunkline::engagement {
namespace {

std::string word_of(const Result<Registered>& registered) {
  if (!registered) return std::string(registered.error().code().name);
  return std::string(registered->created ? "created" : "updated") + (registered->replayed ? " again" : "");
}

}  // namespace

std::string TestEngagement::put(const json::Value& body) {
  const auto input = read_contact(body);
  if (!input) return std::string(input.error().code().name);
  auto registered = contacts.put(scope, *input, json::write(body), asking());
  if (registered) registered->reply.settle(true);
  return word_of(registered);
}

std::string TestEngagement::add(const json::Value& body) {
  const auto input = read_contact(body);
  if (!input) return std::string(input.error().code().name);
  auto registered = contacts.add(scope, *input, json::write(body));
  if (registered) registered->reply.settle(true);
  return word_of(registered);
}

std::string TestEngagement::act(const json::Value& body, bool delivered, std::string_view key) {
  const auto input = read_action(body, jobs.clock.now());
  if (!input) return std::string(input.error().code().name);
  auto recorded = actions.record(scope, *input, asking(), key, json::write(body));
  if (!recorded) return std::string(recorded.error().code().name);
  recorded->reply.settle(delivered);
  return recorded->id.text();
}

std::string TestEngagement::erase(std::string_view customer_id) {
  const auto deleted = erasure.erase(scope, customer_id, asking());
  return deleted ? format_rfc3339(deleted->at) : std::string(deleted.error().code().name);
}

std::vector<std::string> TestEngagement::timeline(std::string_view customer_id, std::int64_t page) {
  std::vector<std::string> told;
  const auto contact = contacts.find(scope, customer_id);
  if (!contact) return {std::string(contact.error().code().name)};
  std::optional<TimelinePosition> from = TimelinePosition();
  while (from) {
    const auto entries = read_timeline(*jobs.database, scope, contact->id, *from, TimelineKinds::all, page);
    if (!entries) return {entries.error().describe()};
    for (const TimelineEntry& entry : entries->entries) {
      const auto* action = std::get_if<Action>(&entry.what);
      told.push_back(action != nullptr ? action->name : "call");
    }
    from = entries->next ? TimelinePosition::parse(entries->next->text()) : std::nullopt;
  }
  return told;
}

std::int64_t TestEngagement::count(const db::Statement& statement) {
  const auto rows = jobs.database->query(db::Scope::operations(), statement, {});
  return rows ? rows->front().integer(0) : -1;
}

std::int64_t TestEngagement::notes_left() {
  static const db::Statement count_notes{"test.notes_left", "SELECT count(*) FROM owed_replies"};
  replies.close();
  return count(count_notes);
}

void with_engagement(const std::function<void(TestEngagement&)>& body) {
  crypto::initialise();
  runtime::run_to_completion([&] {
    TestEngagement engagement;
    engagement.jobs.runner.handle(std::string(erase_call_job), {},
                                  [&](const jobs::Job& job) { return engagement.erasure.erase_call(job); });
    engagement.jobs.runner.start();
    body(engagement);
  });
}

}  // namespace trunkline::engagement
