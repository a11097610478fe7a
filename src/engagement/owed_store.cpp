#include "engagement/owed_store.hpp"

namespace trunkline::engagement::store {
namespace {

using db::PostgresArray;
using db::Statement;
using db::Transaction;
using tenancy::TenantScope;

const Statement insert_one{"owed_replies.insert", R"sql(
  INSERT INTO owed_replies (account_id, contact_id, fingerprint, action_id, recorded_at) VALUES ($1, $2, $3, $4, $5))sql"};
const Statement insert_set{"owed_replies.insert_all_postgresql", R"sql(
  INSERT INTO owed_replies (account_id, contact_id, fingerprint, action_id, recorded_at)
  SELECT $1::uuid, u.contact_id, u.fingerprint, u.action_id, u.recorded_at
  FROM unnest($2::uuid[], $3::bytea[], $4::uuid[], $5::bigint[])
    AS u (contact_id, fingerprint, action_id, recorded_at))sql"};
const Statement find_one{"owed_replies.find", R"sql(
  SELECT action_id, recorded_at FROM owed_replies
  WHERE account_id = $1 AND contact_id = $2 AND fingerprint = $3 AND recorded_at >= $4 ORDER BY action_id)sql"};
const Statement find_set{"owed_replies.find_all_postgresql", R"sql(
  SELECT o.action_id, o.recorded_at, g.place
  FROM unnest($2::uuid[], $3::bytea[]) WITH ORDINALITY AS g (contact_id, fingerprint, place)
  CROSS JOIN LATERAL (
    SELECT action_id, recorded_at FROM owed_replies
    WHERE account_id = $1 AND contact_id = g.contact_id AND fingerprint = g.fingerprint AND recorded_at >= $4
    OFFSET 0) AS o
  ORDER BY g.place, o.action_id)sql"};
const Statement delete_one{"owed_replies.delete", R"sql(
  DELETE FROM owed_replies WHERE account_id = $1 AND contact_id = $2 AND fingerprint = $3 AND action_id = $4)sql"};

OwedReply read_reply(const db::Row& row, const OwedQuestion& question) {
  return {.contact = question.contact,
          .fingerprint = std::string(question.fingerprint),
          .action = row.id<ActionId>(0),
          .recorded_at = row.instant(1)};
}

}  // namespace

void insert_owed(Transaction& transaction, const TenantScope& scope, db::Engine engine,
                 std::span<const OwedReply> replies) {
  if (engine == db::Engine::postgresql && replies.size() > 1) {
    using enum PostgresArray::Element;
    PostgresArray contacts(uuid, replies.size());
    PostgresArray fingerprints(bytea, replies.size());
    PostgresArray actions(uuid, replies.size());
    PostgresArray times(bigint, replies.size());
    for (const OwedReply& reply : replies) {
      contacts.add(reply.contact);
      fingerprints.add(reply.fingerprint);
      actions.add(reply.action);
      times.add(reply.recorded_at);
    }
    return transaction.execute(insert_set, {scope.account, contacts, fingerprints, actions, times});
  }
  for (const OwedReply& reply : replies) {
    transaction.execute(insert_one, {scope.account, reply.contact, db::Blob{reply.fingerprint}, reply.action,
                                     reply.recorded_at});
  }
}

std::vector<std::vector<OwedReply>> owed(Transaction& transaction, const TenantScope& scope,
                                         db::Engine engine, std::span<const OwedQuestion> questions,
                                         Instant recorded_since) {
  std::vector<std::vector<OwedReply>> found(questions.size());
  if (engine == db::Engine::postgresql && questions.size() > 1) {
    PostgresArray contacts(PostgresArray::Element::uuid, questions.size());
    PostgresArray fingerprints(PostgresArray::Element::bytea, questions.size());
    for (const OwedQuestion& question : questions) {
      contacts.add(question.contact);
      fingerprints.add(question.fingerprint);
    }
    for (const db::Row row :
         transaction.query(find_set, {scope.account, contacts, fingerprints, recorded_since})) {
      const auto place = static_cast<std::size_t>(row.integer(2) - 1);
      found[place].push_back(read_reply(row, questions[place]));
    }
    return found;
  }
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const OwedQuestion& question = questions[i];
    for (const db::Row row : transaction.query(
             find_one, {scope.account, question.contact, db::Blob{question.fingerprint}, recorded_since})) {
      found[i].push_back(read_reply(row, question));
    }
  }
  return found;
}

void delete_owed(Transaction& transaction, AccountId account, const OwedReply& reply) {
  transaction.execute(delete_one, {account, reply.contact, db::Blob{reply.fingerprint}, reply.action});
}

}  // namespace trunkline::engagement::store
