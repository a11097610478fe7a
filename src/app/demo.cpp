#include "app/demo.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/encoding.hpp"
#include "base/json/write.hpp"
#include "billing/price.hpp"

namespace trunkline::app {
namespace {

constexpr std::string_view account_name = "Demo";
constexpr std::string_view user_email = "demo@example.com";
constexpr std::string_view webhook_secret = "whsec_VGhpcyBpcyB0aGUgZGVtbydzIG93biBzZWNyZXQu";
constexpr std::string_view first_number = "+12025550101";
constexpr Duration patience = seconds(40);

// What the demo's customer server knows about orders.
std::string order_status(const json::Value& arguments) {
  const json::Value* number = arguments.find("order_number");
  const json::Value order = number == nullptr ? json::Value("?") : *number;
  return json::write(json::object(
      {{"result", json::object({{"order_number", order}, {"status", "shipped"}, {"arrives", "Thursday"}})}}));
}

calls::ToolDefinition order_status_tool() {
  return {.name = "order_status",
          .description = "Look up the status of an order by its number",
          .input_schema = json::object(
              {{"type", "object"},
               {"properties", json::object({{"order_number", json::object({{"type", "string"}})}})},
               {"required", json::array({"order_number"})}}),
          .output_schema = json::Object()};
}

std::string random_password(Random& random) {
  std::array<std::uint8_t, 12> bytes{};
  random.fill(bytes);
  return base64url_encode(bytes);
}

Result<AccountId> demo_account(Domain& domain) {
  const auto accounts = domain.accounts.list();
  if (!accounts) return fail(accounts.error());
  const auto present = std::ranges::find(*accounts, account_name, &tenancy::Account::name);
  if (present != accounts->end()) return present->id;
  const auto created = domain.accounts.create(account_name, tenancy::SubscriptionStatus::active);
  if (!created) return fail(created.error());
  return created->account.id;
}

// A password is made anew at each start: only its hash is kept, and a demo should be easy to enter.
Result<std::string> demo_user(Installation& installation, Domain& domain, AccountId account) {
  std::string password = random_password(installation.random);
  const auto present = domain.users.find_by_email(user_email);
  if (present) {
    if (const auto set = domain.users.set_password(*present, Secret(password)); !set)
      return fail(set.error());
    return password;
  }
  const auto created = domain.users.create(account, user_email, "Demo", Secret(password));
  if (!created) return fail(created.error());
  return password;
}

}  // namespace

Result<void> Demo::prepare(Installation& installation, Domain& domain) {
  const auto account = demo_account(domain);
  if (!account) return fail(account.error());
  const tenancy::TenantScope scope{.account = *account};
  const auto password = demo_user(installation, domain, *account);
  if (!password) return fail(password.error());
  const auto key = domain.credentials.create_api_key(scope, "demo", std::nullopt);
  if (!key) return fail(key.error());
  receiver_ =
      std::make_unique<Receiver>(installation, std::string(webhook_secret),
                                 std::map<std::string, Receiver::Tool>{{"order_status", order_status}});
  if (const auto started = receiver_->start(); !started) return started;
  const auto endpoint = domain.endpoints.set(scope, {.url = receiver_->events_url(),
                                                     .tool_url = receiver_->tools_url(),
                                                     .secret = std::string(webhook_secret)});
  if (!endpoint) return fail(endpoint.error());
  const auto tool = domain.tools.add(scope, order_status_tool());
  if (!tool) return fail(tool.error());
  access_ = {.account = *account,
             .api_key = std::string(key->text.reveal()),
             .email = std::string(user_email),
             .password = *password};
  return {};
}

Result<void> Demo::place_first_call(Domain& domain, const std::function<void(std::string_view)>& print) {
  const tenancy::TenantScope scope{.account = access_.account};
  const auto placed = domain.calls.place(scope,
                                         {.to = *PhoneNumber::parse_e164(first_number),
                                          .task = "Ask until when the shop is open today.",
                                          .agent_name = "Ava",
                                          .caller_name = "Dana Smith"},
                                         std::nullopt);
  if (!placed) return fail(placed.error());
  const CallId id = placed->call.id;
  print(fmt::format("Placing a first call to {} in the phone network in a box …\n", first_number));
  const auto until = std::chrono::steady_clock::now() + patience;
  std::int64_t shown = 0;
  while (std::chrono::steady_clock::now() < until) {
    const auto detail = domain.calls.find_with_transcript(scope, id);
    if (!detail) return fail(detail.error());
    const calls::Call& call = detail->call;
    for (const calls::Transcript::Line line : detail->transcript) {
      if (line.sequence <= shown) continue;
      shown = line.sequence;
      const auto into = call.state.started_at ? (line.at - *call.state.started_at) / seconds(1) : 0;
      print(fmt::format("  {:>3} s  {:5}  {}", into, line.role, line.text));
    }
    const auto& events = receiver_->events();
    const bool told = std::ranges::any_of(
        events, [](const ReceivedEvent& event) { return event.name == "call.completed"; });
    if (is_terminal(call.state.status) && call.summary && told) {
      const std::int64_t minutes = billing::billed_minutes(call.duration_seconds());
      print(fmt::format("\nCall {} {}: {}", id.text(), calls::to_text(call.state.status), *call.summary));
      print(fmt::format("Bill: {} s = {} started minutes at {} {}: {}\n", call.duration_seconds(), minutes,
                        call.price.per_minute.to_text(2), call.price.currency.code(),
                        billing::price_of(call.price, minutes).to_text()));
      print("Webhooks that the demo's receiver got:");
      for (const ReceivedEvent& event : events) {
        print(fmt::format("  {:24} signature {}", event.name, event.signature_right ? "right" : "WRONG"));
      }
      return {};
    }
    runtime::sleep_for(milliseconds(50));
  }
  return fail(trunkline::error_codes::deadline_exceeded,
              "The first call did not end in time; the log says why.");
}

Result<std::unique_ptr<Demo>> Demo::run(Installation& installation, Server& server,
                                        const std::function<void(std::string_view)>& print) {
  std::unique_ptr<Demo> demo(new Demo);
  Domain& domain = server.worker().domain();
  if (const auto prepared = demo->prepare(installation, domain); !prepared) return fail(prepared.error());
  if (const auto placed = demo->place_first_call(domain, print); !placed) return fail(placed.error());
  return demo;
}

}  // namespace trunkline::app
