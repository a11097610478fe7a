#include "warehouse/sync/own_links.hpp"

#include "warehouse/store/correlate.hpp"

namespace trunkline::warehouse::sync {
namespace {

constexpr std::int64_t at_once_max = 2000;

const db::Statement unlinked_calls{
    "links.unlinked",
    "SELECT c.id, c.session_id, c.from_number, c.to_number, c.started_at::text FROM telco.calls c"
    " WHERE c.provider_id = 4 AND c.account = 'default' AND c.started_at >= $1::text::timestamptz AND NOT "
    "EXISTS"
    " (SELECT 1 FROM telco.call_links l WHERE l.call_id = c.id) ORDER BY c.started_at DESC LIMIT $2"};
const db::Statement by_id{"links.by_id",
                          "SELECT c.id FROM telco.calls c WHERE c.provider_id <> 4 AND (c.session_id = $1 OR "
                          "c.external_call_id = $1)"};
const db::Statement by_numbers{
    "links.by_numbers",
    "SELECT c.id, c.started_at::text FROM telco.calls c WHERE c.to_number = $1 AND c.from_number = $2 AND "
    "c.provider_id <> 4 AND c.is_primary = true AND c.started_at >= $3::text::timestamptz"
    " AND c.started_at <= $4::text::timestamptz AND NOT EXISTS (SELECT 1 FROM telco.call_links l WHERE "
    "l.carrier_call_id = c.id)"};
const db::Statement insert_link{
    "links.insert",
    "INSERT INTO telco.call_links (call_id, carrier_call_id, matched_by) VALUES ($1, "
    "$2, $3) ON CONFLICT DO NOTHING"};

struct Own {
  std::int64_t id;
  std::optional<std::string> carrier_id;
  std::optional<std::string> from;
  std::optional<std::string> to;
  Instant start;
};

// All records that carry the id: each leg has its cost.
std::int64_t link_by_id(db::Transaction& transaction, const Own& own) {
  if (!own.carrier_id) return 0;
  std::int64_t found = 0;
  for (const db::Row row : transaction.query(by_id, {*own.carrier_id})) {
    transaction.execute(insert_link, {own.id, row.integer(0), "id"});
    ++found;
  }
  return found;
}

std::int64_t link_by_numbers(db::Transaction& transaction, const Own& own) {
  if (!own.from || !own.to) return 0;
  const db::Rows near = transaction.query(
      by_numbers, {*own.to, *own.from, store::stored_time(own.start - store::same_call_within),
                   store::stored_time(own.start + store::same_call_within)});
  std::optional<std::pair<Duration, std::int64_t>> nearest;
  for (const db::Row row : near) {
    const Instant start = store::read_stored_time(row.text(1)).value_or(own.start);
    const std::pair<Duration, std::int64_t> candidate{std::chrono::abs(start - own.start), row.integer(0)};
    if (!nearest || candidate < *nearest) nearest = candidate;
  }
  if (!nearest) return 0;
  transaction.execute(insert_link, {own.id, nearest->second, "numbers and time"});
  return 1;
}

}  // namespace

Result<std::int64_t> link_own_calls(const store::Store& store, Instant since) {
  return store.database().transact(db::Scope::operations(), [&](db::Transaction& transaction) {
    static_assert(store::own_provider == 4, "the statements name it");
    std::int64_t linked = 0;
    for (const db::Row row : transaction.query(unlinked_calls, {store::stored_time(since), at_once_max})) {
      const Own own{.id = row.integer(0),
                    .carrier_id = row.optional_text(1),
                    .from = row.optional_text(2),
                    .to = row.optional_text(3),
                    .start = store::read_stored_time(row.text(4)).value_or(since)};
      const std::int64_t found = link_by_id(transaction, own);
      linked += found > 0 ? found : link_by_numbers(transaction, own);
    }
    return linked;
  });
}

}  // namespace trunkline::warehouse::sync
