#include "app/domain.hpp"

#include "app/version.hpp"
#include "warehouse/sync/own_erasure.hpp"

namespace trunkline::app {
namespace {

constexpr std::size_t outgoing_at_once = 4096;
constexpr std::size_t outgoing_to_one_host = 256;

}  // namespace

Network::Network(Installation& installation, bool allow_private)
    : resolver_pool("resolver", 2, 1024),
      resolver(resolver_pool),
      guard({.allow_private = allow_private}, resolver),
      client(*runtime::EventLoop::current(), guard,
             {.transfers_max = outgoing_at_once,
              .transfers_per_host_max = outgoing_to_one_host,
              .waiting_per_host_max = outgoing_at_once,
              .ca_file = installation.settings.text("ca_file"),
              .user_agent = "Trunkline/" + std::string(version)}) {}

Domain::Domain(Installation& installation, Network& network, carriers::Carrier& carrier)
    : accounts(*installation.database, installation.ids, installation.clock),
      credentials(*installation.database, *installation.keyring, installation.ids, installation.clock,
                  installation.random),
      users(*installation.database, credentials, installation.ids, installation.clock, installation.random,
            installation.pool),
      authenticator(*installation.database, *installation.keyring, installation.clock),
      endpoints(*installation.database, *installation.keyring, network.guard, installation.clock,
                installation.random),
      messages(*installation.database, *installation.queue, endpoints, installation.ids, installation.clock),
      ledger(*installation.database, installation.clock),
      transitions(messages, ledger, *installation.queue, installation.ids, installation.clock),
      tools(*installation.database, installation.ids, installation.clock, installation.pool),
      calls(*installation.database, transitions, *installation.queue, carrier, installation.ids,
            installation.clock),
      contacts(contacts_context(installation)),
      actions({.database = *installation.database,
               .groups = installation.action_groups,
               .messages = messages,
               .replies = *installation.replies,
               .ids = installation.ids,
               .clock = installation.clock}),
      batches(contacts_context(installation), contacts),
      merges(contacts_context(installation)),
      erasure({.database = *installation.database,
               .messages = messages,
               .keyring = *installation.keyring,
               .queue = *installation.queue,
               .carrier = carrier,
               .ids = installation.ids,
               .clock = installation.clock,
               .forget_copies =
                   [&installation](CallId call) {
                     return warehouse::sync::forget_own_call(installation.telco(), call.text(),
                                                             installation.clock.now());
                   }}),
      call_contacts(contacts_context(installation), contacts) {
  calls.set_observer(call_contacts);
}

engagement::ContactsContext Domain::contacts_context(Installation& installation) {
  return {.database = *installation.database,
          .messages = messages,
          .keyring = *installation.keyring,
          .replies = *installation.replies,
          .ids = installation.ids,
          .clock = installation.clock};
}

}  // namespace trunkline::app
