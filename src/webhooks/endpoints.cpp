#include "webhooks/endpoints.hpp"

#include "base/encoding.hpp"
#include "base/log.hpp"

namespace trunkline::webhooks {
namespace {

using db::Statement;
using tenancy::TenantScope;

const Statement find_endpoint{"webhook_endpoints.find", R"sql(
  SELECT url, tool_url, secret, previous_secret, previous_secret_until, style, failing_since, disabled_at
  FROM webhook_endpoints WHERE account_id = $1 AND project_id = $2)sql"};
const Statement insert_endpoint{"webhook_endpoints.insert", R"sql(
  INSERT INTO webhook_endpoints (account_id, project_id, url, tool_url, secret, style, updated_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING)sql"};
const Statement update_endpoint{"webhook_endpoints.update", R"sql(
  UPDATE webhook_endpoints SET url = $3, tool_url = $4, secret = $5, previous_secret = $6, previous_secret_until = $7,
         style = $8, failing_since = NULL, disabled_at = NULL, updated_at = $9
  WHERE account_id = $1 AND project_id = $2)sql"};
const Statement update_health{"webhook_endpoints.health", R"sql(
  UPDATE webhook_endpoints SET failing_since = $3, disabled_at = $4 WHERE account_id = $1 AND project_id = $2)sql"};

constexpr Duration remembered_for = seconds(1);
constexpr std::size_t remembered_max = 20'000;
constexpr std::size_t secret_bytes_min = 8;
constexpr std::size_t secret_bytes_max = 256;

std::string key_of(AccountId account, ProjectId project) {
  return std::string(account.uuid().as_text()) + std::string(project.uuid().as_text());
}

// Binds a sealed secret to its row.
std::string context_of(AccountId account, ProjectId project) {
  return "webhook secret " + key_of(account, project);
}

// As Standard Webhooks asks: 24 to 64 random bytes in base64.
std::string new_secret(Random& random) {
  std::array<std::uint8_t, 32> bytes{};
  random.fill(bytes);
  return "whsec_" + base64_encode(bytes);
}

}  // namespace

std::string_view to_text(json::SignatureStyle style) {
  switch (style) {
    case json::SignatureStyle::compact:
      return "compact";
    case json::SignatureStyle::spaced:
      return "spaced";
    case json::SignatureStyle::utf8:
      return "utf8";
  }
  return "compact";
}

std::optional<json::SignatureStyle> parse_style(std::string_view text) {
  for (const auto style :
       {json::SignatureStyle::compact, json::SignatureStyle::spaced, json::SignatureStyle::utf8}) {
    if (to_text(style) == text) return style;
  }
  return std::nullopt;
}

Result<Endpoint> Endpoints::find(const TenantScope& scope) {
  const auto remembered = remembered_.find(key_of(scope.account, scope.project));
  if (remembered != remembered_.end() && clock_.now() - remembered->second.read_at < remembered_for) {
    return remembered->second.endpoint;
  }
  Result<std::optional<Endpoint>> found = std::optional<Endpoint>();
  if (!scope.project.is_nil()) found = read(scope.account, scope.project);
  if (found && !*found) found = read(scope.account, ProjectId());
  if (!found) return fail(std::move(found.error()));
  Result<Endpoint> endpoint =
      *found ? Result<Endpoint>(std::move(**found)) : create(scope.account, ProjectId(), {});
  if (!endpoint) return endpoint;
  // "Nowhere" is not remembered: who sets the address and then places a call misses no event of it.
  if (endpoint->url.empty()) return endpoint;
  if (remembered_.size() >= remembered_max) remembered_.clear();
  remembered_.insert_or_assign(key_of(scope.account, scope.project), Remembered{*endpoint, clock_.now()});
  return endpoint;
}

Result<std::optional<Endpoint>> Endpoints::read(AccountId account, ProjectId project) {
  const auto rows = database_.query(db::Scope::tenant(account), find_endpoint, {account, project});
  if (!rows) return fail(rows.error());
  if (rows->empty()) return std::nullopt;
  Result<Endpoint> endpoint = assemble(account, project, rows->front());
  if (!endpoint) return fail(std::move(endpoint.error()));
  return std::move(*endpoint);
}

Result<Endpoint> Endpoints::assemble(AccountId account, ProjectId project, const db::Row& row) {
  const std::string context = context_of(account, project);
  Result<std::string> secret = keyring_.open_sealed(row.text(2), context);
  if (!secret) return fail(std::move(secret.error()));
  Endpoint endpoint{.account = account,
                    .project = project,
                    .url = std::string(row.text(0)),
                    .tool_url = std::string(row.text(1)),
                    .secret = std::move(*secret),
                    .style = parse_style(row.text(5)).value_or(json::SignatureStyle::compact),
                    .failing_since = row.optional_instant(6),
                    .disabled_at = row.optional_instant(7)};
  std::vector<std::string> signing{endpoint.secret};
  endpoint.previous_secret_until = row.optional_instant(4);
  if (endpoint.previous_secret_until && clock_.now() < *endpoint.previous_secret_until && !row.is_null(3)) {
    Result<std::string> previous = keyring_.open_sealed(row.text(3), context);
    if (!previous) return fail(std::move(previous.error()));
    signing.push_back(*previous);
    endpoint.previous_secret = std::move(*previous);
  }
  endpoint.signer = std::make_shared<const Signer>(signing);
  return endpoint;
}

Result<Endpoint> Endpoints::create(AccountId account, ProjectId project, const EndpointChange& change) {
  const std::string secret = change.secret.value_or(new_secret(random_));
  const std::string sealed = keyring_.seal(secret, context_of(account, project), random_);
  const auto written = database_.execute(
      db::Scope::tenant(account), insert_endpoint,
      {account, project, change.url.value_or(""), change.tool_url.value_or(""), db::Blob{sealed},
       to_text(change.style.value_or(json::SignatureStyle::compact)), clock_.now()});
  if (!written) return fail(written.error());
  // Another request may have made it a moment before: what is stored counts.
  Result<std::optional<Endpoint>> stored = read(account, project);
  if (!stored) return fail(std::move(stored.error()));
  return std::move(**stored);
}

Result<Endpoint> Endpoints::set(const TenantScope& scope, const EndpointChange& change) {
  for (const auto& url : {change.url, change.tool_url}) {
    if (!url || url->empty()) continue;
    if (const auto checked = guard_.check(*url); !checked) return fail(checked.error());
  }
  if (change.secret &&
      (change.secret->size() < secret_bytes_min || change.secret->size() > secret_bytes_max)) {
    return fail(error_codes::secret_format,
                "A webhook secret has 8 to 256 characters; whsec_ and 32 random bytes in "
                "base64 is the usual form.");
  }
  remembered_.clear();
  Result<std::optional<Endpoint>> current = read(scope.account, scope.project);
  if (!current) return fail(std::move(current.error()));
  if (!*current) return create(scope.account, scope.project, change);

  const Endpoint& before = **current;
  const std::string context = context_of(scope.account, scope.project);
  const bool new_secret_given = change.secret && *change.secret != before.secret;
  const std::string sealed = keyring_.seal(change.secret.value_or(before.secret), context, random_);
  const auto retired = new_secret_given ? std::optional(before.secret) : before.previous_secret;
  const auto retired_sealed =
      retired ? std::optional(keyring_.seal(*retired, context, random_)) : std::nullopt;
  const auto until =
      new_secret_given ? std::optional(clock_.now() + secret_overlap) : before.previous_secret_until;
  const auto written =
      database_.execute(scope, update_endpoint,
                        {scope.account, scope.project, change.url.value_or(before.url),
                         change.tool_url.value_or(before.tool_url), db::Blob{sealed},
                         retired_sealed ? db::Parameter(db::Blob{*retired_sealed}) : db::Parameter(nullptr),
                         until, to_text(change.style.value_or(before.style)), clock_.now()});
  if (!written) return fail(written.error());
  Result<std::optional<Endpoint>> stored = read(scope.account, scope.project);
  if (!stored) return fail(std::move(stored.error()));
  return std::move(**stored);
}

Result<void> Endpoints::note_outcome(const Endpoint& endpoint, Reception reception) {
  const Instant now = clock_.now();
  std::optional<Instant> failing_since = endpoint.failing_since;
  std::optional<Instant> disabled_at = endpoint.disabled_at;
  if (reception == Reception::accepted) {
    if (!failing_since) return {};
    failing_since.reset();
  } else if (reception == Reception::gone && !disabled_at) {
    disabled_at = now;
    log::warning("a webhook endpoint was disabled: its receiver is gone", {{"account", endpoint.account}});
  } else if (!failing_since) {
    failing_since = now;
  } else if (now - *failing_since >= disabled_after && !disabled_at) {
    disabled_at = now;
    log::warning("a webhook endpoint was disabled after days of failure", {{"account", endpoint.account}});
  } else {
    return {};
  }
  const auto written = database_.execute(db::Scope::tenant(endpoint.account), update_health,
                                         {endpoint.account, endpoint.project, failing_since, disabled_at});
  if (!written) return fail(written.error());
  remembered_.clear();
  return {};
}

}  // namespace trunkline::webhooks
