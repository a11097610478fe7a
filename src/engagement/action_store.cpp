#include "engagement/action_store.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "base/json/parse.hpp"
#include "base/json/write.hpp"

namespace trunkline::engagement::store {
namespace {

using db::PostgresArray;
using db::Statement;
using db::Transaction;
using tenancy::TenantScope;

constexpr std::int64_t shards = 16;
constexpr std::int64_t microseconds_a_day = 86'400'000'000;

#define ACTION_COLUMNS "id, contact_id, name, value, properties, occurred_at, recorded_at "

const Statement insert_action{"actions.insert", R"sql(
  INSERT INTO actions (account_id, contact_id, occurred_at, id, recorded_at, name, value, properties, recorded_by)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9))sql"};
// The same for as many as there are.
// Unpacked in the list of columns: from a FROM the rows would first be kept aside.
const Statement insert_actions_set{"actions.insert_all_postgresql", R"sql(
  INSERT INTO actions (account_id, contact_id, occurred_at, id, recorded_at, name, value, properties, recorded_by)
  SELECT $1::uuid, unnest($2::uuid[]), unnest($3::bigint[]), unnest($4::uuid[]), unnest($5::bigint[]),
         unnest($6::text[]), unnest($7::text[]), unnest($8::text[]), unnest($9::uuid[]))sql"};
const Statement list_actions_of{"actions.list", "SELECT " ACTION_COLUMNS R"sql(
  FROM actions WHERE account_id = $1 AND contact_id = $2 AND (occurred_at, id) < ($3, $4)
  ORDER BY occurred_at DESC, id DESC LIMIT $5)sql"};
const Statement actions_at_moment{"actions.at_moment", "SELECT " ACTION_COLUMNS R"sql(
  FROM actions
  WHERE account_id = $1 AND contact_id = $2 AND occurred_at = $3 AND recorded_at >= $4 AND recorded_by = $5
    AND name = $6 AND ($7 OR value IS NOT DISTINCT FROM $8)
  ORDER BY id)sql"};
// Each by the leading part of the key, whatever PostgreSQL thinks of the table: OFFSET 0 keeps it a
// sub-select.
const Statement actions_at_moments{"actions.at_moments_postgresql", R"sql(
  SELECT a.id, a.contact_id, a.name, a.value, a.properties, a.occurred_at, a.recorded_at, g.place
  FROM unnest($2::uuid[], $3::bigint[], $4::uuid[], $5::text[], $6::bigint[], $7::text[]) WITH ORDINALITY
    AS g (contact_id, occurred_at, recorded_by, name, any_value, value, place)
  CROSS JOIN LATERAL (
    SELECT id, contact_id, name, value, properties, occurred_at, recorded_at FROM actions
    WHERE account_id = $1 AND contact_id = g.contact_id AND occurred_at = g.occurred_at AND recorded_at >= $8
      AND recorded_by = g.recorded_by AND name = g.name
      AND (g.any_value = 1 OR value IS NOT DISTINCT FROM g.value)
    OFFSET 0) AS a
  ORDER BY g.place, a.id)sql"};
const Statement count_of_contact{"actions.count_of_contact", R"sql(
  SELECT occurred_at / 86400000000, name, count(*) FROM actions
  WHERE account_id = $1 AND contact_id = $2 GROUP BY occurred_at / 86400000000, name
  ORDER BY occurred_at / 86400000000, name)sql"};
const Statement delete_actions{"actions.delete",
                               "DELETE FROM actions WHERE account_id = $1 AND contact_id = $2"};
const Statement add_count{"action_counts.add", R"sql(
  INSERT INTO action_counts (account_id, day, name, shard, count) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (account_id, day, name, shard) DO UPDATE SET count = action_counts.count + excluded.count)sql"};
const Statement add_counts{"action_counts.add_all_postgresql", R"sql(
  INSERT INTO action_counts (account_id, day, name, shard, count)
  SELECT $1::uuid, u.day, u.name, u.shard, u.count
  FROM unnest($2::bigint[], $3::text[], $4::bigint[], $5::bigint[]) AS u (day, name, shard, count)
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

// In the order of the key, which writes neighbours together.
using Ordered = std::vector<const NewAction*>;

Ordered in_order(std::span<const NewAction> actions) {
  Ordered ordered;
  ordered.reserve(actions.size());
  for (const NewAction& each : actions) ordered.push_back(&each);
  std::ranges::sort(ordered, {}, [](const NewAction* each) {
    return std::tie(each->action.contact, each->action.occurred_at, each->action.id);
  });
  return ordered;
}

void insert_rows(Transaction& transaction, const TenantScope& scope, const Ordered& actions) {
  for (const NewAction* each : actions) {
    const auto& [action, recorded_by] = *each;
    const Written row(action);
    transaction.execute(insert_action,
                        {scope.account, action.contact, action.occurred_at, action.id, action.recorded_at,
                         action.name, row.value, row.properties, recorded_by});
  }
}

void insert_set(Transaction& transaction, const TenantScope& scope, const Ordered& actions) {
  using enum PostgresArray::Element;
  const std::size_t count = actions.size();
  PostgresArray contacts(uuid, count);
  PostgresArray times(bigint, count);
  PostgresArray ids(uuid, count);
  PostgresArray recorded(bigint, count);
  PostgresArray names(text, count);
  PostgresArray values(text, count);
  PostgresArray properties(text, count);
  PostgresArray keys(uuid, count);
  for (const NewAction* each : actions) {
    const auto& [action, recorded_by] = *each;
    const Written row(action);
    contacts.add(action.contact);
    times.add(action.occurred_at);
    ids.add(action.id);
    recorded.add(action.recorded_at);
    names.add(action.name);
    values.add(row.value);
    properties.add(row.properties);
    keys.add(recorded_by);
  }
  transaction.execute(insert_actions_set,
                      {scope.account, contacts, times, ids, recorded, names, values, properties, keys});
}

// In one order everywhere, so that two transactions cannot each wait for the other's row.
using Counts = std::map<std::tuple<std::int64_t, std::string_view, std::int64_t>, std::int64_t>;

void add_rows(Transaction& transaction, const TenantScope& scope, const Counts& added) {
  for (const auto& [key, count] : added) {
    const auto& [day, name, shard] = key;
    transaction.execute(add_count, {scope.account, day, name, shard, count});
  }
}

void add_set(Transaction& transaction, const TenantScope& scope, const Counts& added) {
  using enum PostgresArray::Element;
  PostgresArray days(bigint, added.size());
  PostgresArray names(text, added.size());
  PostgresArray shard_numbers(bigint, added.size());
  PostgresArray counts(bigint, added.size());
  for (const auto& [key, count] : added) {
    const auto& [day, name, shard] = key;
    days.add(day);
    names.add(name);
    shard_numbers.add(shard);
    counts.add(count);
  }
  transaction.execute(add_counts, {scope.account, days, names, shard_numbers, counts});
}

std::vector<std::vector<Action>> recorded_at_set(Transaction& transaction, const TenantScope& scope,
                                                 std::span<const Moment> moments, Instant recorded_since) {
  using enum PostgresArray::Element;
  const std::size_t count = moments.size();
  PostgresArray contacts(uuid, count);
  PostgresArray times(bigint, count);
  PostgresArray keys(uuid, count);
  PostgresArray names(text, count);
  PostgresArray any_value(bigint, count);
  PostgresArray values(text, count);
  for (const Moment& moment : moments) {
    contacts.add(moment.contact);
    times.add(moment.occurred_at);
    keys.add(moment.recorded_by);
    names.add(moment.name);
    any_value.add(moment.value_text ? std::int64_t{0} : std::int64_t{1});
    values.add(moment.value_text.value_or(std::nullopt));
  }
  std::vector<std::vector<Action>> found(count);
  for (const db::Row row : transaction.query(actions_at_moments, {scope.account, contacts, times, keys, names,
                                                                  any_value, values, recorded_since})) {
    found[static_cast<std::size_t>(row.integer(7) - 1)].push_back(read_action(row));
  }
  return found;
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

void insert_actions(Transaction& transaction, const TenantScope& scope, db::Engine engine,
                    std::span<const NewAction> actions) {
  if (actions.empty()) return;
  Counts added;
  for (const NewAction& each : actions) {
    const Action& action = each.action;
    ++added[{day_of(action.occurred_at), action.name, shard_of(action.contact)}];
  }
  if (engine == db::Engine::postgresql) {
    insert_set(transaction, scope, in_order(actions));
    add_set(transaction, scope, added);
  } else {
    insert_rows(transaction, scope, in_order(actions));
    add_rows(transaction, scope, added);
  }
}

std::vector<std::vector<Action>> recorded_at(Transaction& transaction, const TenantScope& scope,
                                             db::Engine engine, std::span<const Moment> moments,
                                             Instant recorded_since) {
  if (engine == db::Engine::postgresql && moments.size() > 1)
    return recorded_at_set(transaction, scope, moments, recorded_since);
  std::vector<std::vector<Action>> found;
  for (const Moment& moment : moments) {
    found.push_back(read_actions(transaction.query(
        actions_at_moment,
        {scope.account, moment.contact, moment.occurred_at, recorded_since, moment.recorded_by, moment.name,
         !moment.value_text.has_value(), moment.value_text.value_or(std::nullopt)})));
  }
  return found;
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

}  // namespace trunkline::engagement::store
