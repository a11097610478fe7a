// The domain of one loop, wired together: what doors and commands call. Objects that remember things for a
// moment are one a loop, so that they need no locks.
#pragma once

#include "app/installation.hpp"
#include "billing/ledger.hpp"
#include "calls/calls.hpp"
#include "calls/tools.hpp"
#include "engagement/batch.hpp"
#include "engagement/call_contacts.hpp"
#include "engagement/erasure.hpp"
#include "engagement/merges.hpp"
#include "net/client.hpp"
#include "tenancy/authenticator.hpp"
#include "tenancy/users.hpp"
#include "webhooks/messages.hpp"

namespace trunkline::app {

// The outgoing network of one loop.
struct Network {
  Network(Installation& installation, bool allow_private);

  runtime::ThreadPool resolver_pool;
  net::SystemResolver resolver;
  net::UrlGuard guard;
  net::Client client;
};

struct Domain {
  // `carrier` must outlive it.
  Domain(Installation& installation, Network& network, carriers::Carrier& carrier);

  tenancy::Accounts accounts;
  tenancy::Credentials credentials;
  tenancy::Users users;
  tenancy::Authenticator authenticator;
  webhooks::Endpoints endpoints;
  webhooks::Messages messages;
  billing::Ledger ledger;
  calls::Transitions transitions;
  calls::Tools tools;
  calls::Calls calls;
  engagement::Contacts contacts;
  engagement::Actions actions;
  engagement::Batches batches;
  engagement::Merges merges;
  engagement::Erasure erasure;
  engagement::CallContacts call_contacts;

 private:
  engagement::ContactsContext contacts_context(Installation& installation);
};

}  // namespace trunkline::app
