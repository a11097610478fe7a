// Many customers and actions at once, each with its own result, in one commit.
#pragma once

#include "engagement/actions.hpp"
#include "engagement/contacts.hpp"

namespace trunkline::engagement {

inline constexpr std::size_t batch_items_max = 1000;

// What became of an item. The letters stand in the memory of an Idempotency-Key.
enum class ItemOutcome : char {
  created = 'c',   // a customer
  updated = 'u',   // a customer
  recorded = 'r',  // an action
  invalid = 'i',   // the item itself is wrong
  unknown = 'n',   // an action of nobody
  erased = 'e',    // the person was erased
  too_much = 'l',  // with it the customer would have too many properties
};

struct ItemResult {
  ItemOutcome outcome = ItemOutcome::invalid;
  std::string customer_id;  // "" when the item has none
  std::optional<ActionId> action = {};
  std::optional<Error> error = {};

  bool accepted() const {
    return outcome == ItemOutcome::created || outcome == ItemOutcome::updated ||
           outcome == ItemOutcome::recorded;
  }
};

struct BatchResult {
  std::vector<ItemResult> items;  // as many as were given, in their order
  Instant at{};
  bool replayed = false;
};

// A checked item, or why it is none.
struct BatchItem {
  std::variant<ContactInput, ActionInput, Error> what;

  // An action when it has an action_name (or says so by `type`), else a customer.
  static BatchItem read(const json::Value& body, Instant now);
  std::string customer_id() const;
};

class Batches {
 public:
  Batches(ContactsContext context, Contacts& contacts) : context_(context), contacts_(contacts) {}

  // Goes through the items in their order: an action may follow its customer. What is wrong with one does not
  // touch the others. Durable when it returns. With an Idempotency-Key a repetition gives the first answer.
  // `also` runs in the same transaction. Suspends.
  using Also = std::function<void(db::Transaction&, const BatchResult&)>;
  Result<BatchResult> run(const tenancy::TenantScope& scope, std::span<const BatchItem> items,
                          const Asking& asking, std::string_view key, std::string_view request,
                          const Also& also = {});

 private:
  BatchResult take_in(db::Transaction& transaction, const tenancy::TenantScope& scope,
                      const webhooks::Target& target, std::span<const BatchItem> items, Uuid batch,
                      const Asking& asking);
  ItemResult take_contact(db::Transaction& transaction, const tenancy::TenantScope& scope,
                          const webhooks::Target& target, const ContactInput& input, Instant now);

  ContactsContext context_;
  Contacts& contacts_;
};

}  // namespace trunkline::engagement
