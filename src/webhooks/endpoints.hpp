// Where an account or project wants its events and tool calls sent, and with which secret they are signed.
#pragma once

#include <memory>
#include <unordered_map>

#include "base/clock.hpp"
#include "base/json/canonical.hpp"
#include "net/ssrf_guard.hpp"
#include "tenancy/keyring.hpp"
#include "tenancy/scope.hpp"
#include "webhooks/signature.hpp"

namespace trunkline::webhooks {

struct Endpoint {
  AccountId account;
  ProjectId project;  // nil: the whole account
  std::string url;
  std::string tool_url;
  std::string secret;
  std::optional<std::string> previous_secret;
  std::optional<Instant> previous_secret_until;
  json::SignatureStyle style = json::SignatureStyle::compact;
  std::optional<Instant> failing_since;
  std::optional<Instant> disabled_at;
  std::shared_ptr<const Signer> signer;
};

// What `set` changes; what is absent stays.
struct EndpointChange {
  std::optional<std::string> url = {};
  std::optional<std::string> tool_url = {};
  std::optional<std::string> secret = {};
  std::optional<json::SignatureStyle> style = {};
};

std::string_view to_text(json::SignatureStyle style);
std::optional<json::SignatureStyle> parse_style(std::string_view text);

namespace error_codes {
inline constexpr ErrorCode secret_format{"webhook_secret_format", ErrorKind::invalid};
}  // namespace error_codes

inline constexpr Duration secret_overlap = days(1);

// How a receiver took a delivery, as far as its endpoint's health is concerned.
enum class Reception : std::uint8_t { accepted, failed, gone };

class Endpoints {
 public:
  Endpoints(db::Database& database, tenancy::Keyring& keyring, const net::UrlGuard& guard, const Clock& clock,
            Random& random)
      : database_(database), keyring_(keyring), guard_(guard), clock_(clock), random_(random) {}

  // The project's own endpoint, else the account's. An account that has none yet gets one, without URLs and
  // with a new secret. One that has a URL is remembered for a second. Suspends.
  Result<Endpoint> find(const tenancy::TenantScope& scope);

  // Changes the endpoint of exactly this account or project, and enables it again. A new secret leaves the
  // old one valid for a day beside it. URLs must pass the guard. Suspends.
  Result<Endpoint> set(const tenancy::TenantScope& scope, const EndpointChange& change);

  // Notes how a delivery to the endpoint's own URL went: success ends a series of failures; five days of
  // failures, or the receiver's word that it is gone, disable the endpoint. Writes only when something
  // changes.
  Result<void> note_outcome(const Endpoint& endpoint, Reception reception);

 private:
  Result<std::optional<Endpoint>> read(AccountId account, ProjectId project);
  Result<Endpoint> create(AccountId account, ProjectId project, const EndpointChange& change);
  Result<Endpoint> assemble(AccountId account, ProjectId project, const db::Row& row);
  void remember(const Endpoint& endpoint);

  struct Remembered {
    Endpoint endpoint;
    Instant read_at;
  };
  db::Database& database_;
  tenancy::Keyring& keyring_;
  const net::UrlGuard& guard_;
  const Clock& clock_;
  Random& random_;
  std::unordered_map<std::string, Remembered> remembered_;
};

// A receiver that has failed for so long gets nothing any more until it is set anew.
inline constexpr Duration disabled_after = days(5);

}  // namespace trunkline::webhooks
