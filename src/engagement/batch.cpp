#include "engagement/batch.hpp"

#include <algorithm>
#include <unordered_map>

#include "engagement/contact_events.hpp"
#include "engagement/request_keys.hpp"

namespace trunkline::engagement {
namespace {

using db::Transaction;
using tenancy::TenantScope;

// The batch's id with the item's number in its random part: known again when the batch is repeated.
ActionId action_id(Uuid batch, std::size_t index) {
  Uuid::Bytes bytes = batch.bytes();
  bytes[14] = static_cast<std::uint8_t>(bytes[14] ^ (index >> 8));
  bytes[15] = static_cast<std::uint8_t>(bytes[15] ^ (index & 0xff));
  return ActionId(Uuid(bytes));
}

Error erased_error() {
  return {error_codes::contact_erased,
          "The person was erased; only POST or PUT /customers brings them back."};
}

// A refusal as it was given the first time, from its letter.
Error error_of(ItemOutcome outcome, const BatchItem& item) {
  if (const Error* wrong = std::get_if<Error>(&item.what)) return *wrong;
  if (outcome == ItemOutcome::erased) return erased_error();
  if (outcome == ItemOutcome::too_much) {
    return {error_codes::contact_invalid, "properties: together with those that are there it is too much"};
  }
  return no_such_contact(item.customer_id()).error();
}

std::string letters_of(const BatchResult& result) {
  std::string letters;
  for (const ItemResult& item : result.items) letters += static_cast<char>(item.outcome);
  return letters;
}

BatchResult recall(std::span<const BatchItem> items, const RequestKey::Known& known) {
  BatchResult result{.items = {}, .at = known.at, .replayed = true};
  for (std::size_t i = 0; i < items.size() && i < known.outcomes.size(); ++i) {
    ItemResult item{.outcome = static_cast<ItemOutcome>(known.outcomes[i]),
                    .customer_id = items[i].customer_id()};
    if (item.outcome == ItemOutcome::recorded) item.action = action_id(known.subject, i);
    if (!item.accepted()) item.error = error_of(item.outcome, items[i]);
    result.items.push_back(std::move(item));
  }
  return result;
}

// Whom the actions are of, by customer id. The names are views into the items.
using People = std::unordered_map<std::string_view, ContactId>;

People hold_people(Transaction& transaction, const TenantScope& scope, db::Engine engine,
                   std::span<const BatchItem> items) {
  std::vector<std::string_view> wanted;
  for (const BatchItem& item : items) {
    if (const ActionInput* action = std::get_if<ActionInput>(&item.what))
      wanted.push_back(action->customer_id);
  }
  std::ranges::sort(wanted);
  const auto repeated = std::ranges::unique(wanted);
  wanted.erase(repeated.begin(), repeated.end());
  const store::FoundIds found = store::hold_all(transaction, scope, engine, wanted);
  People people;
  people.reserve(wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (found[i]) people.emplace(wanted[i], *found[i]);
  }
  return people;
}

}  // namespace

BatchItem BatchItem::read(const json::Value& body, Instant now) {
  if (body.as_object() == nullptr)
    return {Error(error_codes::contact_invalid, "an item must be an object: a customer or an action")};
  const json::Value* type = body.find("type");
  const bool typed = type != nullptr && type->as_text() != nullptr;
  if (type != nullptr && (!typed || (*type->as_text() != "customer" && *type->as_text() != "action")))
    return {Error(error_codes::contact_invalid, "type: must be customer or action")};
  const bool action = typed ? *type->as_text() == "action" : body.find("action_name") != nullptr;
  if (action) {
    Result<ActionInput> input = read_action(body, now);
    if (!input) return {std::move(input.error())};
    return {std::move(*input)};
  }
  Result<ContactInput> input = read_contact(body);
  if (!input) return {std::move(input.error())};
  return {std::move(*input)};
}

std::string BatchItem::customer_id() const {
  if (const auto* contact = std::get_if<ContactInput>(&what)) return contact->customer_id;
  if (const auto* action = std::get_if<ActionInput>(&what)) return action->customer_id;
  return "";
}

Result<BatchResult> Batches::run(const TenantScope& scope, std::span<const BatchItem> items,
                                 const Asking& asking, std::string_view key, std::string_view request,
                                 const Also& also) {
  const auto target = context_.messages.target_for(scope, "");
  if (!target) return fail(target.error());
  const auto request_key = key.empty() ? std::nullopt : std::optional(RequestKey::of("batch", key, request));
  const Uuid batch = context_.ids.next();
  const auto attempt = [&] {
    return context_.database.transact(scope, [&](Transaction& transaction) -> Result<BatchResult> {
      if (request_key) {
        const auto known = request_key->find(transaction, scope, context_.clock.now());
        if (!known) return fail(known.error());
        if (*known) return recall(items, **known);
      }
      BatchResult result = take_in(transaction, scope, *target, items, batch, asking);
      if (request_key) {
        request_key->remember(transaction, scope, ContactId(), batch, letters_of(result), result.at);
      }
      if (also) also(transaction, result);
      return result;
    });
  };
  auto result = attempt();
  // An equal request with this key was quicker: the second look finds what it did.
  if (!result && request_key && result.error().code() == db::error_codes::duplicate) result = attempt();
  return result;
}

ItemResult Batches::take_contact(Transaction& transaction, const TenantScope& scope,
                                 const webhooks::Target& target, const ContactInput& input, Instant now) {
  ItemResult result{.customer_id = input.customer_id};
  Result<Registered> put = contacts_.put_in(transaction, scope, target, input, now);
  if (put) {
    result.outcome = put->created ? ItemOutcome::created : ItemOutcome::updated;
    return result;
  }
  result.outcome =
      put.error().code() == error_codes::contact_erased ? ItemOutcome::erased : ItemOutcome::too_much;
  result.error = std::move(put.error());
  return result;
}

BatchResult Batches::take_in(Transaction& transaction, const TenantScope& scope,
                             const webhooks::Target& target, std::span<const BatchItem> items, Uuid batch,
                             const Asking& asking) {
  const Instant now = context_.clock.now();
  BatchResult result{.items = {}, .at = now};
  result.items.reserve(items.size());
  const db::Engine engine = db::engine_of(context_.database);
  People people = hold_people(transaction, scope, engine, items);
  std::vector<store::NewAction> actions;
  std::vector<std::string_view> owners;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (const ContactInput* contact = std::get_if<ContactInput>(&items[i].what)) {
      result.items.push_back(take_contact(transaction, scope, target, *contact, now));
      continue;
    }
    ItemResult item{.customer_id = items[i].customer_id()};
    if (const Error* wrong = std::get_if<Error>(&items[i].what)) {
      item.error = *wrong;
      result.items.push_back(std::move(item));
      continue;
    }
    const ActionInput& input = std::get<ActionInput>(items[i].what);
    auto owner = people.find(input.customer_id);
    // It may have been made by an item before this one.
    if (owner == people.end()) {
      if (const auto made = store::lock_id(transaction, scope, input.customer_id))
        owner = people.emplace(input.customer_id, *made).first;
    }
    if (owner == people.end()) {
      item.outcome = ItemOutcome::unknown;
      item.error = error_of(item.outcome, items[i]);
    } else {
      item.outcome = ItemOutcome::recorded;
      item.action = action_id(batch, i);
      actions.push_back(
          {.action = {.id = *item.action,
                      .contact = owner->second,
                      .name = input.name,
                      .value = input.value,
                      .properties = input.properties ? *input.properties->as_object() : json::Object(),
                      .occurred_at = input.occurred_at.value_or(now),
                      .recorded_at = now},
           .recorded_by = asking.credential});
      owners.push_back(input.customer_id);
    }
    result.items.push_back(std::move(item));
  }
  store::insert_actions(transaction, scope, engine, actions);
  for (std::size_t i = 0; i < actions.size() && !target.url.empty(); ++i) {
    const Action& action = actions[i].action;
    context_.messages.emit(transaction, scope, target, action.contact.uuid(), event_names::action_recorded,
                           action_event(owners[i], action));
  }
  return result;
}

}  // namespace trunkline::engagement
