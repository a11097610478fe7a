// The table of owed replies: actions whose reply is not known to have reached the client.
#pragma once

#include <span>

#include "db/set_wise.hpp"
#include "engagement/contact.hpp"
#include "tenancy/scope.hpp"

namespace trunkline::engagement::store {

struct OwedReply {
  ContactId contact;
  std::string fingerprint;  // of what makes two actions equal
  ActionId action;
  Instant recorded_at{};
};

struct OwedQuestion {
  ContactId contact;
  std::string_view fingerprint;
};

void insert_owed(db::Transaction& transaction, const tenancy::TenantScope& scope, db::Engine engine,
                 std::span<const OwedReply> replies);
// For each question what is owed for equal actions recorded since then, in the order of their recording.
std::vector<std::vector<OwedReply>> owed(db::Transaction& transaction, const tenancy::TenantScope& scope,
                                         db::Engine engine, std::span<const OwedQuestion> questions,
                                         Instant recorded_since);
void delete_owed(db::Transaction& transaction, AccountId account, const OwedReply& reply);

}  // namespace trunkline::engagement::store
