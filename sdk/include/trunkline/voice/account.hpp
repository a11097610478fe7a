/// \file
/// Usage (voice API, section 5), API keys and the subscription (section 7), and logging in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "trunkline/voice/names.hpp"

namespace trunkline::inline v1::voice {

/// Limits of calls a month; nothing: unlimited.
struct Quota {
  std::optional<std::int64_t> partner_limit = {};  ///< of the whole account
  std::optional<std::int64_t> project_limit = {};  ///< of the project
};

/// The connected calls of a UTC month.
struct Usage {
  std::string partner_id = {};   ///< prt_…
  std::string project_id = {};   ///< empty: of the whole account
  std::string period = {};       ///< YYYY-MM
  std::int64_t call_count = 0;   ///< connected calls
  std::int64_t api_minutes = 0;  ///< billed minutes
  std::string amount = {};       ///< a decimal, e.g. "1.20"; empty when the server does not tell
  std::string currency = {};     ///< ISO 4217
  Quota quota = {};              ///< limits of calls
  Json raw = {};                 ///< the answer as it came
};

/// An API key. The key itself is only in the answer to create_api_key().
struct ApiKey {
  std::string id = {};                         ///< key_…
  std::string api_key = {};                    ///< the whole key, once; keep it secret
  std::string key_prefix = {};                 ///< "pk_live_"
  std::string public_id = {};                  ///< how the key begins, to tell keys apart
  std::string name = {};                       ///< to tell keys apart
  std::string project_id = {};                 ///< empty: for the whole account
  std::optional<Timestamp> created_at = {};    ///< when it was made
  std::optional<Timestamp> expires_at = {};    ///< refused from then on; nothing: never
  std::optional<Timestamp> last_used_at = {};  ///< nothing: never yet
  std::optional<Timestamp> revoked_at = {};    ///< refused since then
  Json raw = {};                               ///< as it came, with the key if it was in there
};

/// The API key to make.
struct ApiKeyRequest {
  std::string project_id = {};          ///< binds the key to a project; empty: the whole account
  std::string key_prefix = "pk_live_";  ///< the only one there is
  std::string name = {};                ///< to tell keys apart
};

/// Whether the API may be used.
struct Subscription {
  std::string status = {};                             ///< active, past_due, canceled (one l) or none
  std::optional<Timestamp> current_period_end = {};    ///< paid until then
  std::optional<Timestamp> grace_period_ends_at = {};  ///< when past_due: works until then
  Json raw = {};                                       ///< the answer as it came
};

/// A page of the payment provider, to send a person to.
struct PaymentPage {
  std::string url = {};  ///< https
  Json raw = {};         ///< the answer as it came
};

/// Who is logged in.
struct Session {
  std::string token = {};                    ///< the user token that PartnerClient needs; keep it secret
  std::optional<Timestamp> expires_at = {};  ///< a day later
  std::string user_id = {};                  ///< usr_…
  std::string account_id = {};               ///< prt_…
  Json raw = {};                             ///< the answer as it came
};

}  // namespace trunkline::inline v1::voice
