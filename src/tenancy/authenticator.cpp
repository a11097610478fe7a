#include "tenancy/authenticator.hpp"

#include <algorithm>

#include "base/crypto/compare.hpp"
#include "base/text.hpp"

namespace trunkline::tenancy {
namespace {

using db::Scope;
using db::Statement;

const Statement find_directory{"authenticator.directory",
                               "SELECT account, credential FROM credential_directory WHERE public_id = $1"};
const Statement find_principal{"authenticator.principal", R"sql(
  SELECT c.kind, c.secret_hash, c.project_id, c.user_id, c.expires_at, c.revoked_at,
         a.subscription_status, a.past_due_since, a.current_period_end, c.doors
  FROM credentials c JOIN accounts a ON a.account_id = c.account_id
  WHERE c.account_id = $1 AND c.id = $2)sql"};
const Statement touch_credential{
    "authenticator.touch", "UPDATE credentials SET last_used_at = $3 WHERE account_id = $1 AND id = $2"};

constexpr Duration remembered_for = seconds(1);
constexpr std::size_t known_max = 50'000;

}  // namespace

Result<void> Principal::check_door(std::string_view door) const {
  const auto open = split(doors, ',');
  if (doors.empty() || std::ranges::find(open, door) != open.end()) return {};
  return fail(error_codes::credential_door,
              "This API key is not for this API; make one with `trunkline keys create`.");
}

Result<Principal> Authenticator::authenticate(std::optional<std::string_view> authorization, bool api_keys,
                                              bool user_tokens) {
  constexpr std::string_view scheme = "Bearer ";
  const bool bearer = authorization && authorization->size() > scheme.size() &&
                      equal_ignoring_case(authorization->substr(0, scheme.size()), scheme);
  if (!bearer) {
    return fail(error_codes::credential_missing,
                api_keys ? "An API key is required: send it as `Authorization: Bearer pk_live_…`."
                         : "A log-in is required: send its token as `Authorization: Bearer ut_live_…`.");
  }
  const auto invalid = [] {
    return fail(error_codes::credential_invalid, "The API key or token is not valid.");
  };
  const auto text = parse_credential(trim(authorization->substr(scheme.size())));
  if (!text) return invalid();
  const auto found = prove(*text);
  if (!found) return fail(found.error());
  const Known* known = *found;
  if (known == nullptr || known->revoked) return invalid();
  const bool welcome = known->principal.kind == CredentialKind::api_key ? api_keys : user_tokens;
  if (!welcome) return invalid();
  if (known->expires_at && clock_.now() >= *known->expires_at) {
    return fail(error_codes::credential_expired, "The API key or token has expired; make a new one.");
  }
  return known->principal;
}

// The credential whose secret was given; nullptr when there is none. Only a right secret profits from the
// memory: an unknown id and a wrong secret both cost the same two look-ups, so that their times tell nothing.
Result<const Authenticator::Known*> Authenticator::prove(const CredentialText& text) {
  const Instant now = clock_.now();
  const crypto::Sha256 given = keyring_.hash_credential(text.secret);
  const auto remembered = known_.find(text.public_id);
  if (remembered != known_.end() && now - remembered->second.read_at < remembered_for &&
      crypto::equal_in_constant_time(given, remembered->second.secret_hash)) {
    remembered->second.used_at = now;
    return &remembered->second;
  }
  Result<std::optional<Known>> fresh = read(text.public_id);
  if (!fresh) return fail(std::move(fresh.error()));
  static constexpr crypto::Sha256 nobody{};
  const bool right = crypto::equal_in_constant_time(given, *fresh ? (*fresh)->secret_hash : nobody);
  if (!right || !*fresh) return nullptr;
  if (known_.size() >= known_max) known_.clear();
  (*fresh)->read_at = now;
  (*fresh)->used_at = now;
  return &known_.insert_or_assign(text.public_id, std::move(**fresh)).first->second;
}

Result<std::optional<Authenticator::Known>> Authenticator::read(const std::string& public_id) {
  const auto directory = database_.query(Scope::operations(), find_directory, {public_id});
  if (!directory) return fail(directory.error());
  const bool listed = !directory->empty();
  const auto account = listed ? directory->front().id<AccountId>(0) : AccountId();
  const auto id = listed ? directory->front().id<KeyId>(1) : KeyId();
  const auto rows = database_.query(Scope::tenant(account), find_principal, {account, id});
  if (!rows) return fail(rows.error());
  if (rows->empty()) return std::nullopt;
  const db::Row row = rows->front();
  Known known;
  known.principal = {.kind = row.text(0) == to_text(CredentialKind::api_key) ? CredentialKind::api_key
                                                                             : CredentialKind::user_token,
                     .credential = id,
                     .scope = {.account = account, .project = row.id<ProjectId>(2)},
                     .user = row.optional_id<UserId>(3),
                     .subscription = read_subscription(row, 6),
                     .doors = std::string(row.text(9))};
  const std::string_view hash = row.text(1);
  std::copy_n(hash.begin(), std::min(hash.size(), known.secret_hash.size()), known.secret_hash.begin());
  known.expires_at = row.optional_instant(4);
  known.revoked = !row.is_null(5);
  return known;
}

Result<void> Authenticator::write_last_used() {
  struct Use {
    AccountId account;
    KeyId id;
    Instant at;
  };
  std::vector<Use> uses;
  for (auto& [public_id, known] : known_) {
    if (!known.used_at) continue;
    uses.push_back({known.principal.scope.account, known.principal.credential, *known.used_at});
    known.used_at.reset();
  }
  if (uses.empty()) return {};
  return database_.transact(Scope::operations(), [&](db::Transaction& transaction) {
    for (const Use& use : uses) transaction.execute(touch_credential, {use.account, use.id, use.at});
  });
}

}  // namespace trunkline::tenancy
