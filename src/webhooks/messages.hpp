// Events on their way to receivers: written with the fact they tell, delivered by jobs, kept for listing and
// replay.
#pragma once

#include <functional>

#include "base/json/value.hpp"
#include "jobs/queue.hpp"
#include "webhooks/endpoints.hpp"

namespace trunkline::webhooks {

struct MessageTag {
  static constexpr std::string_view prefix = "msg_";
};
using MessageId = Id<MessageTag>;

enum class MessageStatus : std::uint8_t {
  pending,    // on its way, or waiting for its next try
  delivered,  // answered with 2xx
  failed,     // given up: all tries failed, or the receiver refused it for good
  held,       // its endpoint is disabled; replay sends it
};

std::string_view to_text(MessageStatus status);
std::optional<MessageStatus> parse_message_status(std::string_view text);

struct Message {
  MessageId id;
  ProjectId project;
  Uuid subject;  // the call or contact it is about
  std::string event;
  std::string url;
  std::string body;
  MessageStatus status = MessageStatus::pending;
  std::int64_t attempts = 0;
  Instant created_at{};
  std::optional<Instant> delivered_at;
};

// What the job of a new message is handed, unless its body is large.
using MadeMessage = std::shared_ptr<const Message>;

struct Attempt {
  std::int64_t number = 0;
  Instant started_at{};
  Duration duration{};
  int status = 0;  // HTTP; 0 when there was no answer
  std::string error;
  std::string response;
};

struct MessageFilter {
  std::optional<Uuid> subject = {};
  std::string event = {};
  std::optional<MessageStatus> status = {};
  std::optional<Instant> since = {};  // created at or after
  std::optional<Instant> until = {};  // created before
  std::int64_t limit = 100;
};

// Where the events of something go, found before the transaction that makes them.
struct Target {
  std::string url;  // "": nowhere
  json::SignatureStyle style = json::SignatureStyle::compact;
  bool held = false;
};

namespace error_codes {
inline constexpr ErrorCode message_not_found{"webhook_message_not_found", ErrorKind::not_found};
}  // namespace error_codes

// Event bodies stay under the 100 kB that many receivers' parsers allow (contracts/voice-api.md,
// section 9.3).
inline constexpr std::size_t body_bytes_max = 100'000;

class Messages {
 public:
  Messages(db::Database& database, jobs::Queue& queue, Endpoints& endpoints, IdSource& ids,
           const Clock& clock)
      : database_(database), queue_(queue), endpoints_(endpoints), ids_(ids), clock_(clock) {}

  // `override_url` is what a call brought along; "" means the endpoint's own. Suspends.
  Result<Target> target_for(const tenancy::TenantScope& scope, std::string_view override_url);

  // Adds the event to the caller's transaction. The body is serialised once, here. Nothing when the target is
  // nowhere.
  void emit(db::Transaction& transaction, const tenancy::TenantScope& scope, const Target& target,
            Uuid subject, std::string_view event, const json::Value& body);

  // Newest first.
  Result<std::vector<Message>> list(const tenancy::TenantScope& scope, const MessageFilter& filter);
  Result<Message> find(const tenancy::TenantScope& scope, MessageId id);
  Result<std::vector<Attempt>> attempts(const tenancy::TenantScope& scope, MessageId id);

  // Sends again, with the same id and bytes, what the filter selects, in the order it was made; how many.
  Result<std::int64_t> replay(const tenancy::TenantScope& scope, const MessageFilter& filter);
  Result<void> replay(const tenancy::TenantScope& scope, MessageId id);

  // Everything told about the subject, queued or delivered, with the attempts; how many messages. Deliveries
  // that wait find nothing and end.
  std::int64_t erase(db::Transaction& transaction, const tenancy::TenantScope& scope, Uuid subject);

 private:
  Result<void> send_again(const tenancy::TenantScope& scope, std::span<const Message> messages);

  db::Database& database_;
  jobs::Queue& queue_;
  Endpoints& endpoints_;
  IdSource& ids_;
  const Clock& clock_;
};

inline constexpr std::string_view delivery_job = "webhook.deliver";

// The part of a URL that says which server it is: deliveries to one server share a limit.
std::string_view origin_of(std::string_view url);

}  // namespace trunkline::webhooks
