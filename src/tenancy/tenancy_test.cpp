#include <filesystem>
#include <stdexcept>

#include <doctest/doctest.h>

#include "base/crypto/initialise.hpp"
#include "base/crypto/password.hpp"
#include "db/db_testing.hpp"
#include "migrations.hpp"
#include "tenancy/authenticator.hpp"
#include "tenancy/users.hpp"

using namespace trunkline;
using namespace trunkline::tenancy;

namespace {

struct TestTenancy {
  TestTenancy() {
    const auto migrated = db::Migrator(*database, clock, all_migrations()).up();
    if (!migrated) throw std::runtime_error(migrated.error().describe());
    keyring = std::move(*Keyring::open(*database, {}, random));
    credentials.emplace(*database, *keyring, ids, clock, random);
    users.emplace(*database, *credentials, ids, clock, random, pool);
    authenticator.emplace(*database, *keyring, clock);
  }

  Result<Principal> authenticate(const std::string& text) {
    return authenticator->authenticate("Bearer " + text, true, false);
  }
  std::string code_of(const std::string& text) {
    const auto principal = authenticate(text);
    return principal ? "accepted" : std::string(principal.error().code().name);
  }

  db::TestDatabase database;
  ManualClock clock{*parse_instant("2026-03-02T09:15:04Z")};
  SystemRandom random;
  IdSource ids{clock, random};
  runtime::ThreadPool pool{"pool", 1, 100};
  std::unique_ptr<Keyring> keyring;
  Accounts accounts{*database, ids, clock};
  std::optional<Credentials> credentials;
  std::optional<Users> users;
  std::optional<Authenticator> authenticator;
};

void with_tenancy(const std::function<void(TestTenancy&)>& body) {
  crypto::initialise();
  runtime::run_to_completion([&] {
    TestTenancy tenancy;
    body(tenancy);
  });
}

}  // namespace

TEST_SUITE("subscription gate, voice-api.md section 7.2") {
  TEST_CASE("only an active subscription, or an overdue one within its week of grace, lets requests in") {
    const Instant failed = *parse_instant("2026-03-02T09:15:04Z");
    struct Case {
      SubscriptionStatus status;
      Duration later;
      std::string_view outcome;
    };
    for (const Case& each : std::initializer_list<Case>{
             {SubscriptionStatus::active, days(365), "allowed"},
             {SubscriptionStatus::none, Duration(0), "subscription_required"},
             {SubscriptionStatus::canceled, Duration(0), "subscription_required"},
             {SubscriptionStatus::past_due, Duration(0), "allowed"},
             {SubscriptionStatus::past_due, days(7) - Duration(1), "allowed"},
             {SubscriptionStatus::past_due, days(7), "grace_period_ended"},
         }) {
      const auto checked = check({.status = each.status, .past_due_since = failed}, failed + each.later);
      CHECK((checked ? "allowed" : checked.error().code().name) == each.outcome);
    }
  }
}

TEST_SUITE("tenancy [db]") {
  TEST_CASE(
      "a key works from the moment it is made, for its account and project, and is kept as a hash only") {
    with_tenancy([](TestTenancy& tenancy) {
      const auto created = *tenancy.accounts.create("Acme", SubscriptionStatus::active);
      const TenantScope scope{.account = created.account.id, .project = created.project.id};
      const auto key = tenancy.credentials->create_api_key(scope, "ci", std::nullopt);
      REQUIRE(key);
      const std::string text(key->text.reveal());
      CHECK(text.starts_with("pk_live_"));
      CHECK(text.size() == 8 + 8 + 43 + 8);
      const auto principal = tenancy.authenticate(text);
      REQUIRE(principal);
      CHECK(principal->scope == scope);
      CHECK(principal->subscription.status == SubscriptionStatus::active);
    });
  }

  TEST_CASE(
      "what is missing, malformed, unknown, wrong, expired or revoked has its code (1001, 1002, 1003)") {
    with_tenancy([](TestTenancy& tenancy) {
      const auto created = *tenancy.accounts.create("Acme", SubscriptionStatus::active);
      const TenantScope scope{.account = created.account.id};
      const auto key = *tenancy.credentials->create_api_key(scope, "", tenancy.clock.now() + hours(1));
      const std::string text(key.text.reveal());

      CHECK(tenancy.authenticator->authenticate(std::nullopt, true, false).error().code() ==
            tenancy::error_codes::credential_missing);
      CHECK(tenancy.authenticator->authenticate("Basic abc", true, false).error().code() ==
            tenancy::error_codes::credential_missing);
      CHECK(tenancy.authenticator->authenticate("Bearer ", true, false).error().code() ==
            tenancy::error_codes::credential_missing);
      CHECK(tenancy.code_of("pk_live_short") == "credential_invalid");
      std::string mistyped = text;
      mistyped[20] = mistyped[20] == 'x' ? 'y' : 'x';
      CHECK(tenancy.code_of(mistyped) == "credential_invalid");
      CHECK(tenancy.code_of(std::string(mint_credential(api_key_prefix, tenancy.random).text.reveal())) ==
            "credential_invalid");
      CHECK(tenancy.code_of(text) == "accepted");
      tenancy.clock.advance(hours(1));
      CHECK(tenancy.code_of(text) == "credential_expired");

      const auto other = *tenancy.credentials->create_api_key(scope, "", std::nullopt);
      CHECK(tenancy.code_of(std::string(other.text.reveal())) == "accepted");
      const auto revoked = tenancy.credentials->revoke_api_key(scope, other.credential.id);
      REQUIRE(revoked);
      tenancy.clock.advance(seconds(1));
      CHECK(tenancy.code_of(std::string(other.text.reveal())) == "credential_invalid");
      const auto again = tenancy.credentials->revoke_api_key(scope, other.credential.id);
      CHECK(again->revoked_at == revoked->revoked_at);
    });
  }

  TEST_CASE("a user's token is no API key, and an API key no user's token") {
    with_tenancy([](TestTenancy& tenancy) {
      const auto created = *tenancy.accounts.create("Acme", SubscriptionStatus::active);
      const auto user =
          tenancy.users->create(created.account.id, "Ann@Example.com ", "Ann", Secret("correct horse"));
      REQUIRE(user);
      CHECK(user->email == "ann@example.com");
      const auto token = tenancy.users->log_in("ANN@example.com", Secret("correct horse"));
      REQUIRE(token);
      const std::string text = "Bearer " + std::string(token->text.reveal());
      CHECK(tenancy.authenticator->authenticate(text, true, false).error().code() ==
            tenancy::error_codes::credential_invalid);
      CHECK(tenancy.authenticator->authenticate(text, false, true)->user == user->id);
      tenancy.clock.advance(user_token_lifetime);
      CHECK(tenancy.authenticator->authenticate(text, false, true).error().code() ==
            tenancy::error_codes::credential_expired);
    });
  }

  TEST_CASE(
      "a wrong password and an unknown e-mail get the same answer; a second user of one e-mail is refused") {
    with_tenancy([](TestTenancy& tenancy) {
      const auto created = *tenancy.accounts.create("Acme", SubscriptionStatus::active);
      REQUIRE(tenancy.users->create(created.account.id, "ann@example.com", "Ann", Secret("correct horse")));
      const auto wrong = tenancy.users->log_in("ann@example.com", Secret("wrong password"));
      const auto unknown = tenancy.users->log_in("bob@example.com", Secret("correct horse"));
      CHECK(wrong.error().message() == unknown.error().message());
      CHECK(wrong.error().code() == tenancy::error_codes::wrong_password);
      const auto twice =
          tenancy.users->create(created.account.id, "ann@example.com", "Ann", Secret("correct horse"));
      CHECK(twice.error().code() == tenancy::error_codes::email_taken);
      CHECK(tenancy.users->create(created.account.id, "no address", "", Secret("correct horse"))
                .error()
                .code() == tenancy::error_codes::email_format);
      CHECK(tenancy.users->create(created.account.id, "c@example.com", "", Secret("short")).error().code() ==
            trunkline::error_codes::password_length);
    });
  }

  TEST_CASE("another account's keys and projects are as unknown as none") {
    with_tenancy([](TestTenancy& tenancy) {
      const auto acme = *tenancy.accounts.create("Acme", SubscriptionStatus::active);
      const auto bolt = *tenancy.accounts.create("Bolt", SubscriptionStatus::active);
      const auto key = *tenancy.credentials->create_api_key({.account = acme.account.id}, "", std::nullopt);
      const TenantScope foreign{.account = bolt.account.id};
      CHECK(tenancy.credentials->revoke_api_key(foreign, key.credential.id).error().code() ==
            tenancy::error_codes::credential_not_found);
      CHECK(tenancy.accounts.find_project(foreign, acme.project.id).error().code() ==
            tenancy::error_codes::project_not_found);
      CHECK(tenancy.credentials->list_api_keys(foreign)->empty());
      const TenantScope other_project{.account = acme.account.id, .project = bolt.project.id};
      CHECK(tenancy.credentials->revoke_api_key(other_project, key.credential.id).error().code() ==
            tenancy::error_codes::credential_not_found);
    });
  }

  TEST_CASE("when a key was last used is written down") {
    with_tenancy([](TestTenancy& tenancy) {
      const auto acme = *tenancy.accounts.create("Acme", SubscriptionStatus::active);
      const TenantScope scope{.account = acme.account.id};
      const auto key = *tenancy.credentials->create_api_key(scope, "", std::nullopt);
      REQUIRE(tenancy.authenticate(std::string(key.text.reveal())));
      REQUIRE(tenancy.authenticator->write_last_used());
      CHECK(tenancy.credentials->list_api_keys(scope)->front().last_used_at == tenancy.clock.now());
    });
  }

  TEST_CASE("a process with another secret key stops instead of failing every log-in") {
    with_tenancy([](TestTenancy& tenancy) {
      const std::string other(64, 'a');
      const auto wrong = Keyring::open(*tenancy.database, {.key = Secret(other)}, tenancy.random);
      REQUIRE_FALSE(wrong);
      CHECK(wrong.error().code() == tenancy::error_codes::secret_key_mismatch);
      const auto malformed = Keyring::open(*tenancy.database, {.key = Secret("abc")}, tenancy.random);
      CHECK(malformed.error().code() == tenancy::error_codes::secret_key_invalid);
      const std::string sealed = tenancy.keyring->seal("whsec_x", "account", tenancy.random);
      CHECK(sealed.find("whsec_x") == std::string::npos);
      CHECK(*tenancy.keyring->open_sealed(sealed, "account") == "whsec_x");
      CHECK_FALSE(tenancy.keyring->open_sealed(sealed, "another account"));
    });
  }

  TEST_CASE("a key file that was lost is not replaced by a new one") {
    with_tenancy([](TestTenancy& tenancy) {
      const std::string path = (std::filesystem::temp_directory_path() /
                                ("trunkline-lost-" + to_text(tenancy.ids.next()) + ".key"))
                                   .string();
      const auto lost = Keyring::open(*tenancy.database, {.key = Secret(), .file = path}, tenancy.random);
      REQUIRE_FALSE(lost);
      CHECK(lost.error().code() == tenancy::error_codes::secret_key_mismatch);
      CHECK_FALSE(std::filesystem::exists(path));
    });
  }
}
