#include "engagement/action_store.hpp"

#include <map>

#include "base/json/parse.hpp"
#include "base/json/write.hpp"
#include "engagement/many_parameters.hpp"

namespace trunkline::engagement::store {
namespace {

using db::Statement;
using db::Transaction;
using tenancy::TenantScope;

constexpr std::int64_t shards = 16;
constexpr std::int64_t microseconds_a_day = 86'400'000'000;

#define ACTION_COLUMNS "id, contact_id, name, value, properties, occurred_at, recorded_at "

const Statement insert_action{"actions.insert", R"sql(
  INSERT INTO actions (account_id, contact_id, occurred_at, id, recorded_at, name, value, properties, recorded_by)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9))sql"};
// The same for 32 actions: the account and the key once, then seven values a row.
constexpr std::size_t rows_at_once = 32;
constexpr std::size_t values_a_row = 7;
constexpr std::size_t values_of_many = 2 + rows_at_once * values_a_row;
const std::string insert_many_sql = [] {
  std::string sql =
      "INSERT INTO actions (account_id, recorded_by, contact_id, occurred_at, id, recorded_at, name, value, "
      "properties) VALUES ";
  for (std::size_t row = 0; row < rows_at_once; ++row) {
    sql += row == 0 ? "($1, $2, " : ", ($1, $2, ";
    sql += placeholders(3 + row * values_a_row, values_a_row) + ")";
  }
  return sql;
}();
const Statement insert_many_actions{"actions.insert_many", insert_many_sql};
const Statement list_actions_of{"actions.list", "SELECT " ACTION_COLUMNS R"sql(
  FROM actions WHERE account_id = $1 AND contact_id = $2 AND (occurred_at, id) < ($3, $4)
  ORDER BY occurred_at DESC, id DESC LIMIT $5)sql"};
const Statement actions_at_moment{"actions.at_moment", "SELECT " ACTION_COLUMNS R"sql(
  FROM actions
  WHERE account_id = $1 AND contact_id = $2 AND occurred_at = $3 AND recorded_at >= $4 AND recorded_by = $5
  ORDER BY id)sql"};
const Statement count_of_contact{"actions.count_of_contact", R"sql(
  SELECT occurred_at / 86400000000, name, count(*) FROM actions
  WHERE account_id = $1 AND contact_id = $2 GROUP BY occurred_at / 86400000000, name
  ORDER BY occurred_at / 86400000000, name)sql"};
const Statement delete_actions{"actions.delete",
                               "DELETE FROM actions WHERE account_id = $1 AND contact_id = $2"};
const Statement add_count{"action_counts.add", R"sql(
  INSERT INTO action_counts (account_id, day, name, shard, count) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (account_id, day, name, shard) DO UPDATE SET count = action_counts.count + excluded.count)sql"};
const Statement subtract_count{"action_counts.subtract", R"sql(
  UPDATE action_counts SET count = count - $5 WHERE account_id = $1 AND day = $2 AND name = $3 AND shard = $4)sql"};
const Statement drop_empty_count{"action_counts.drop_empty", R"sql(
  DELETE FROM action_counts WHERE account_id = $1 AND day = $2 AND name = $3 AND shard = $4 AND count <= 0)sql"};
const Statement sum_counts{"action_counts.sum", R"sql(
  SELECT day, name, CAST(sum(count) AS bigint) FROM action_counts
  WHERE account_id = $1 AND day >= $2 AND day <= $3 AND ($4 = '' OR name = $4)
  GROUP BY day, name ORDER BY day, name LIMIT $5)sql",
                           db::Reach::scan};
const Statement insert_owed_reply{"owed_replies.insert", R"sql(
  INSERT INTO owed_replies (account_id, contact_id, fingerprint, action_id, recorded_at) VALUES ($1, $2, $3, $4, $5))sql"};
const Statement find_owed_replies{"owed_replies.find", R"sql(
  SELECT action_id, recorded_at FROM owed_replies
  WHERE account_id = $1 AND contact_id = $2 AND fingerprint = $3 AND recorded_at >= $4 ORDER BY action_id)sql"};
const Statement delete_owed_reply{"owed_replies.delete", R"sql(
  DELETE FROM owed_replies WHERE account_id = $1 AND contact_id = $2 AND fingerprint = $3 AND action_id = $4)sql"};

Action read_action(const db::Row& row) {
  Action action{.id = row.id<ActionId>(0),
                .contact = row.id<ContactId>(1),
                .name = std::string(row.text(2)),
                .occurred_at = row.instant(5),
                .recorded_at = row.instant(6)};
  if (!row.is_null(3)) {
    if (auto value = json::parse(row.text(3))) action.value = std::move(*value);
  }
  if (!row.text(4).empty()) {
    if (auto properties = json::parse(row.text(4)); properties && properties->as_object() != nullptr)
      action.properties = std::move(*properties->as_object());
  }
  return action;
}

std::vector<Action> read_actions(const db::Rows& rows) {
  std::vector<Action> actions;
  actions.reserve(rows.size());
  for (const db::Row row : rows) actions.push_back(read_action(row));
  return actions;
}

// An action's JSON as text, which must live until the statement has been called.
struct Written {
  std::optional<std::string> value;
  std::string properties;

  explicit Written(const Action& action)
      : value(action.value ? std::optional(json::write(*action.value)) : std::nullopt),
        properties(action.properties.empty() ? "" : json::write(action.properties)) {}
};

void insert_rows(Transaction& transaction, const TenantScope& scope, Uuid recorded_by,
                 std::span<const Action> actions) {
  for (; actions.size() >= rows_at_once; actions = actions.subspan(rows_at_once)) {
    std::vector<Written> rows;
    rows.reserve(rows_at_once);
    auto parameters = nulls<values_of_many>();
    std::size_t next = 0;
    parameters[next++] = scope.account;
    parameters[next++] = recorded_by;
    for (const Action& each : actions.first(rows_at_once)) {
      const Written& row = rows.emplace_back(each);
      parameters[next++] = each.contact;
      parameters[next++] = each.occurred_at;
      parameters[next++] = each.id;
      parameters[next++] = each.recorded_at;
      parameters[next++] = each.name;
      parameters[next++] = row.value;
      parameters[next++] = row.properties;
    }
    with_list(parameters, [&](db::Parameters list) { transaction.execute(insert_many_actions, list); });
  }
  for (const Action& each : actions) {
    const Written row(each);
    transaction.execute(insert_action, {scope.account, each.contact, each.occurred_at, each.id,
                                        each.recorded_at, each.name, row.value, row.properties, recorded_by});
  }
}

// The last bits of a version 7 id are random.
std::int64_t shard_of(ContactId contact) {
  return contact.uuid().bytes().back() % shards;
}

}  // namespace

// As SQL's division of whole numbers has it: towards zero.
std::int64_t day_of(Instant at) {
  return to_microseconds(at) / microseconds_a_day;
}

Result<std::vector<Action>> list_actions(db::Database& database, const TenantScope& scope, ContactId contact,
                                         const ActionPosition& before, std::int64_t limit) {
  const auto rows =
      database.query(scope, list_actions_of, {scope.account, contact, before.occurred_at, before.id, limit});
  if (!rows) return fail(rows.error());
  return read_actions(*rows);
}

Result<std::vector<ActionCount>> counts(db::Database& database, const TenantScope& scope,
                                        std::int64_t first_day, std::int64_t last_day, std::string_view name,
                                        std::int64_t limit) {
  const auto rows = database.query(scope, sum_counts, {scope.account, first_day, last_day, name, limit});
  if (!rows) return fail(rows.error());
  std::vector<ActionCount> result;
  for (const db::Row row : *rows) {
    result.push_back({.day = row.integer(0), .name = std::string(row.text(1)), .count = row.integer(2)});
  }
  return result;
}

void insert_actions(Transaction& transaction, const TenantScope& scope, Uuid recorded_by,
                    std::span<const Action> actions) {
  // In one order everywhere, so that two transactions cannot each wait for the other's row.
  std::map<std::tuple<std::int64_t, std::string_view, std::int64_t>, std::int64_t> added;
  insert_rows(transaction, scope, recorded_by, actions);
  for (const Action& action : actions) {
    ++added[{day_of(action.occurred_at), action.name, shard_of(action.contact)}];
  }
  for (const auto& [key, count] : added) {
    const auto& [day, name, shard] = key;
    transaction.execute(add_count, {scope.account, day, name, shard, count});
  }
}

std::vector<Action> recorded_at_moment(Transaction& transaction, const TenantScope& scope, ContactId contact,
                                       Instant occurred_at, Instant recorded_since, Uuid recorded_by) {
  return read_actions(transaction.query(actions_at_moment,
                                        {scope.account, contact, occurred_at, recorded_since, recorded_by}));
}

std::int64_t erase_actions(Transaction& transaction, const TenantScope& scope, ContactId contact) {
  const std::int64_t shard = shard_of(contact);
  std::int64_t erased = 0;
  for (const db::Row row : transaction.query(count_of_contact, {scope.account, contact})) {
    const std::string name(row.text(1));
    transaction.execute(subtract_count, {scope.account, row.integer(0), name, shard, row.integer(2)});
    transaction.execute(drop_empty_count, {scope.account, row.integer(0), name, shard});
    erased += row.integer(2);
  }
  if (erased > 0) transaction.execute(delete_actions, {scope.account, contact});
  return erased;
}

void insert_owed(Transaction& transaction, const TenantScope& scope, const Action& action,
                 std::string_view fingerprint) {
  transaction.execute(insert_owed_reply,
                      {scope.account, action.contact, db::Blob{fingerprint}, action.id, action.recorded_at});
}

std::vector<OwedReply> owed(Transaction& transaction, const TenantScope& scope, ContactId contact,
                            std::string_view fingerprint, Instant recorded_since) {
  std::vector<OwedReply> replies;
  for (const db::Row row : transaction.query(
           find_owed_replies, {scope.account, contact, db::Blob{fingerprint}, recorded_since})) {
    replies.push_back({.action = row.id<ActionId>(0), .recorded_at = row.instant(1)});
  }
  return replies;
}

void delete_owed(Transaction& transaction, AccountId account, ContactId contact, std::string_view fingerprint,
                 ActionId action) {
  transaction.execute(delete_owed_reply, {account, contact, db::Blob{fingerprint}, action});
}

}  // namespace trunkline::engagement::store
