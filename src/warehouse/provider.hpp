// The port between the sync engine and the providers' clients. A client knows one provider's wire format; it
// signs, asks, retries and turns answers into rows. The engine knows windows, cursors, watermarks and
// storage, and nothing of any provider.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <unordered_map>

#include "base/error.hpp"
#include "base/secret.hpp"
#include "net/http.hpp"
#include "warehouse/rows.hpp"

namespace trunkline::warehouse {

namespace error_codes {
// 401, 403: the key is wrong or lacks a right. Not retried.
inline constexpr ErrorCode provider_denied{"provider_denied", ErrorKind::unauthenticated};
// 400, 404, 422 and what else stays wrong when it is repeated.
inline constexpr ErrorCode provider_refused{"provider_refused", ErrorKind::invalid};
// The thing that was asked for is not there (any more): final.
inline constexpr ErrorCode provider_gone{"provider_gone", ErrorKind::not_found};
// 429 after as many waits as the policy allows.
inline constexpr ErrorCode provider_rate_limited{"provider_rate_limited", ErrorKind::rate_limited};
// 5xx, time-outs, lost connections, after all retries.
inline constexpr ErrorCode provider_unavailable{"provider_unavailable", ErrorKind::unavailable};
// An answer that cannot be read, after all retries. The message says which part (a JSON Pointer).
inline constexpr ErrorCode provider_malformed{"provider_malformed", ErrorKind::unavailable};
// An answer that contradicts itself or an earlier one: a clamped window, a cursor that comes again.
inline constexpr ErrorCode provider_inconsistent{"provider_inconsistent", ErrorKind::unavailable};
// The provider has no such thing; the message says what to use instead.
inline constexpr ErrorCode not_offered{"not_offered", ErrorKind::invalid};
// A webhook whose signature or time is wrong.
inline constexpr ErrorCode webhook_forged{"webhook_forged", ErrorKind::unauthenticated};
}  // namespace error_codes

// An account at a provider as it is configured. Secrets are shown to nobody but the client that signs.
struct ProviderAccount {
  std::string provider;             // zadarma, telnyx, retell
  std::string account = "default";  // tells several accounts of one provider apart
  std::string base_url = {};        // empty: the provider's own
  Secret key = {};                  // Zadarma user key; Telnyx and Retell API key
  Secret secret = {};               // Zadarma secret; Retell webhook key (empty: the API key)
  std::string public_key = {};      // Telnyx webhooks: Base64 of 32 bytes
  std::string time_zone = "UTC";    // IANA; where Zadarma's times are local
  std::string default_region = {};  // ISO 3166-1, for numbers without a country code
  std::set<std::string> feeds_off = {};
  std::set<std::string> feeds_on = {};              // of those that are off by default
  std::map<std::string, std::string> options = {};  // what only this provider has
};

enum class SyncType : std::uint8_t {
  phone_numbers,
  agents,
  calls,
  recordings,
  messages,
  balance,
  billing,
};

inline constexpr std::array<SyncType, 7> all_sync_types{
    SyncType::phone_numbers, SyncType::agents,  SyncType::calls,  SyncType::recordings,
    SyncType::messages,      SyncType::balance, SyncType::billing};

std::string_view to_text(SyncType type);  // "phone_numbers"
// Also takes "phone-numbers".
std::optional<SyncType> parse_sync_type(std::string_view text);

enum class FeedOrder : std::uint8_t {
  ascending,     // by the time that windows are about: a broken run still proves its beginning
  newest_first,  // new rows push later pages down while one reads
  unspecified,
};

enum class FeedScope : std::uint8_t {
  window,   // asked for by time
  listing,  // always everything there is; what is missing from a whole listing has gone
  wanted,   // asked for one by one, by what the warehouse lacks (PageRequest::wanted)
};

// One list that a provider offers.
struct Feed {
  std::string name;  // "statistics": unique in the provider, the key of its watermark
  SyncType type = SyncType::calls;
  FeedScope scope = FeedScope::window;
  FeedOrder order = FeedOrder::unspecified;
  Duration overlap = hours(24);    // how far before the watermark a window begins
  Duration window_max = days(30);  // longer ranges are asked for in parts
  bool on_by_default = true;
  std::vector<std::string> resource_kinds = {};  // of a listing: the kinds that it lists completely
  bool lists_phone_numbers = false;              // of a listing: it has all numbers of the account
  bool wants_call_detail = false;  // Provider::fetch_call is worth asking when a row of this feed is new
  std::string part_key = {};       // the member that names a part of CallRow::parts
  // Not 0: rows that are stored word for word may be left unread (KnownRows). Raised when the reading of rows
  // changes, so that all of them are read anew.
  int fingerprint_version = 0;
};

// [begin, end)
struct Window {
  Instant begin{};
  Instant end{};
  friend bool operator==(const Window&, const Window&) = default;
};

// A recording that should exist: a leg or call that says it was recorded.
struct WantedRecording {
  std::string external_call_id;
  std::string external_recording_id;  // Zadarma: the leg's call_id text
  std::optional<Instant> started_at = {};
  std::optional<std::int64_t> duration_seconds = {};
};

// Rows that are stored already, by the fingerprint of their text.
struct KnownRows {
  std::string context;                                 // what rows are read with; part of the fingerprint
  std::unordered_map<std::int64_t, std::size_t> rows;  // to a hash of the row's external id
};

struct PageRequest {
  const Feed& feed;
  Window window{};
  std::string cursor = {};  // empty: the first page
  std::vector<WantedRecording> wanted = {};
  // Numbers of this account in E.164: they decide directions that the provider does not tell.
  const std::set<std::string>* own_numbers = nullptr;
  // For feeds with fingerprints.
  const KnownRows* known = nullptr;
};

// What the provider said about a page, so that the engine can prove that nothing is missing.
struct PageProof {
  std::int64_t rows = 0;                   // records in the answer, before anything was merged or dropped
  std::optional<std::int64_t> total = {};  // records in the whole window, as the provider says
  std::optional<Window> echoed = {};       // the window that the provider says it answered for
  std::optional<std::int64_t> page = {};   // from 1
  std::optional<std::int64_t> pages = {};
  // Of those, records that become no row: of another kind, or gone meanwhile.
  std::int64_t left_out = 0;
  // Why this is the last page: "short page", "has_more false", "page 3 of 3". Empty on other pages.
  std::string end = {};
};

struct Page {
  RowSet rows;
  std::optional<std::string> next_cursor = {};  // nothing: this was the last page
  PageProof said = {};
  std::vector<std::int64_t> known = {};  // fingerprints of the rows that were left unread
};

// What a client tells while it works. Also the place where a run counts its requests.
class Watch {
 public:
  virtual ~Watch() = default;
  virtual void requested() = 0;
  virtual void retried(const Error& why) = 0;
  // Before a wait of that length: "quota", "rate limit", "retry".
  virtual void waiting(Duration wait, std::string_view why) = 0;
  // True when the run is to end: waits are then cut short and the call fails.
  virtual bool cancelled() const { return false; }
};

// A webhook as it arrived; the raw bytes are what is signed.
struct WebhookDelivery {
  std::vector<std::pair<std::string, std::string>> headers;
  std::string query;
  std::string body;
  Instant received_at{};

  std::optional<std::string_view> header(std::string_view name) const;
};

struct WebhookEvent {
  std::string event_key;   // a repeat has the same; "" when only the body tells
  std::string event_type;  // "call.hangup"
  std::optional<Instant> occurred_at = {};
  RowSet rows;
  // Calls that should be read in full: Provider::fetch_call.
  std::vector<std::string> calls_to_fetch = {};
};

// A command that stores nothing: an active-calls list, a price, a key (rows marked T in section 11).
struct OnDemandCommand {
  std::string name;  // "price"
  std::string summary;
  std::vector<std::string> arguments;  // required ones: "number"
  bool costs_money = false;            // never retried
  std::string instead = {};            // not empty: it does not exist at the provider; what to use instead
};

class Provider {
 public:
  virtual ~Provider() = default;

  virtual const ProviderAccount& account() const = 0;
  // The feeds that are on for this account, in the order in which they should be read.
  virtual std::span<const Feed> feeds() const = 0;

  // One page. Signs, keeps to the quota, retries by section 7. The same request may be sent again later, by
  // another process too: whatever paging needs is in the cursor. Suspends.
  virtual Result<Page> fetch(const PageRequest& request, Watch& watch) = 0;

  // The whole call from its parts (CallRow::parts), each of them as it was given, in any order. Pure.
  virtual CallRow fold(const json::Array& parts) const;

  // The full object of one call. Fails with provider_gone when it is no longer there. Suspends.
  virtual Result<RowSet> fetch_call(std::string_view external_call_id, Watch& watch);
  // The text and media of one message. Suspends.
  virtual Result<RowSet> fetch_message(std::string_view external_message_id, Watch& watch);
  // A link that works now. provider_gone: the file will never be there; provider_refused: not yet. Suspends.
  virtual Result<RecordingRow> fetch_recording(const WantedRecording& wanted, Watch& watch);
  // Header fields that a download of a recording's link needs.
  virtual net::Headers download_headers() const { return {}; }

  // Checks the signature on the raw bytes, then reads. Fails with webhook_forged. Pure but for the clock in
  // `received_at`.
  virtual Result<WebhookEvent> read_webhook(const WebhookDelivery& delivery) const;

  // The cheapest call that proves the key and, where it can, the configured time zone: a line for people.
  virtual Result<std::string> check(Watch& watch) = 0;

  virtual std::vector<OnDemandCommand> commands() const { return {}; }
  virtual Result<json::Value> run(std::string_view command,
                                  const std::map<std::string, std::string>& arguments, Watch& watch);
  // What of a command's answer belongs into the warehouse, because nothing else will tell it: messages that
  // were sent. Most commands store nothing. Pure.
  virtual Result<RowSet> rows_of(std::string_view command,
                                 const std::map<std::string, std::string>& arguments,
                                 const json::Value& answer, Instant now,
                                 const std::function<std::string()>& next_id) const;
};

}  // namespace trunkline::warehouse
