// For tests of contacts and actions: all the real parts on a fresh database, calls and their engine included.
#pragma once

#include "calls/engine_testing.hpp"
#include "engagement/batch.hpp"
#include "engagement/call_contacts.hpp"
#include "engagement/erasure.hpp"
#include "engagement/merges.hpp"
#include "engagement/timeline.hpp"

namespace trunkline::engagement {

struct TestEngagement {
  calls::TestEngine calls;
  jobs::TestJobs& jobs = calls.jobs;
  tenancy::TenantScope scope{.account = jobs.account};
  ReplyMemory replies{*jobs.database, jobs.clock};
  ContactsContext context{*jobs.database, calls.messages, calls.keyring, replies, jobs.ids, jobs.clock};
  Contacts contacts{context};
  ActionGroups groups;
  Actions actions{{*jobs.database, groups, calls.messages, replies, jobs.ids, jobs.clock}};
  Batches batches{context, contacts};
  Merges merges{context};
  Erasure erasure{
      {*jobs.database, calls.messages, calls.keyring, jobs.queue, calls.carrier, jobs.ids, jobs.clock}};
  CallContacts call_contacts{context, contacts};

  Asking asking() const { return {.credential = credential, .received_at = jobs.clock.now()}; }
  // What the call answers in a word: created, updated, or the code of the failure; "again" when replayed.
  std::string put(const json::Value& body);
  std::string add(const json::Value& body);
  // The action's id, or the code of the failure. Its reply is delivered unless the test holds it back.
  std::string act(const json::Value& body, bool delivered = true, std::string_view key = {});
  std::string erase(std::string_view customer_id);
  // The timeline, latest first, in words: an action's name or "call".
  std::vector<std::string> timeline(std::string_view customer_id, std::int64_t page = 200);
  std::int64_t count(const db::Statement& statement);
  // How many notes of replies are left once the delivered ones are settled, for good.
  std::int64_t notes_left();

  Uuid credential = jobs.ids.next();
};

void with_engagement(const std::function<void(TestEngagement&)>& body);

}  // namespace trunkline::engagement
