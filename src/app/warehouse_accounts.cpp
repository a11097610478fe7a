#include <set>

#include <fmt/core.h>
#include <toml++/toml.h>

#include "app/warehouse.hpp"
#include "base/text.hpp"
#include "warehouse/normalise.hpp"

namespace trunkline::app {
namespace {

using warehouse::ProviderAccount;

// "telnyx.amd" is of Telnyx, "balance" of all.
std::set<std::string> feeds_of(std::string_view provider, const std::vector<std::string>& names) {
  std::set<std::string> feeds;
  for (const std::string& name : names) {
    const auto parts = split_once(name, '.');
    if (!parts) {
      feeds.insert(name);
    } else if (parts->first == provider) {
      feeds.emplace(parts->second);
    }
  }
  return feeds;
}

ProviderAccount account_of(const Settings& settings, const std::string& provider) {
  ProviderAccount account{.provider = provider, .default_region = settings.text("warehouse_region")};
  account.base_url = settings.text(provider + "_url");
  account.feeds_on = feeds_of(provider, settings.list("warehouse_feeds_on"));
  account.feeds_off = feeds_of(provider, settings.list("warehouse_feeds_off"));
  if (provider == "zadarma") {
    account.key = Secret(settings.text("zadarma_key"));
    account.secret = Secret(settings.text("zadarma_secret"));
    account.time_zone = settings.text("zadarma_time_zone");
  } else if (provider == "telnyx") {
    account.key = Secret(settings.text("telnyx_api_key"));
    account.public_key = settings.text("telnyx_public_key");
  } else {
    account.key = Secret(settings.text("retell_api_key"));
    account.secret = Secret(settings.text("retell_webhook_key"));
  }
  return account;
}

// One [[account]] of the file. Its keys are those of ProviderAccount; what is none of them is an option of
// the provider's client.
Result<ProviderAccount> read_account(const toml::table& table, const Settings& settings, std::size_t number) {
  const std::string provider = table["provider"].value_or(std::string());
  if (provider != "zadarma" && provider != "telnyx" && provider != "retell") {
    return fail(
        error_codes::setting_invalid,
        fmt::format("telco_accounts_file: account {} has no provider zadarma, telnyx or retell.", number));
  }
  ProviderAccount account = account_of(settings, provider);
  account.key = {};
  account.secret = {};
  for (const auto& [key, value] : table) {
    const std::string name(key.str());
    const std::string text = value.value<std::string>().value_or("");
    if (name == "provider") continue;
    if (name == "account") {
      account.account = text;
    } else if (name == "url") {
      account.base_url = text;
    } else if (name == "key") {
      account.key = Secret(text);
    } else if (name == "secret") {
      account.secret = Secret(text);
    } else if (name == "public_key") {
      account.public_key = text;
    } else if (name == "time_zone") {
      account.time_zone = text;
    } else if (name == "region") {
      account.default_region = text;
    } else {
      account.options[name] = text;
    }
  }
  return account;
}

Result<void> read_file(const std::string& path, const Settings& settings,
                       std::vector<ProviderAccount>& accounts) {
  try {
    const toml::table file = toml::parse_file(path);
    const toml::array* list = file["account"].as_array();
    if (list == nullptr)
      return fail(error_codes::setting_invalid, fmt::format("{}: there is no [[account]] in it.", path));
    for (const toml::node& node : *list) {
      const toml::table* table = node.as_table();
      if (table == nullptr) continue;
      auto account = read_account(*table, settings, accounts.size() + 1);
      if (!account) return fail(account.error());
      accounts.push_back(std::move(*account));
    }
  } catch (const toml::parse_error& error) {
    return fail(error_codes::setting_invalid, fmt::format("{}: {}", path, error.description()));
  }
  return {};
}

}  // namespace

Result<std::vector<ProviderAccount>> provider_accounts(const Settings& settings) {
  std::vector<ProviderAccount> accounts;
  for (const char* provider : {"zadarma", "telnyx", "retell"}) {
    ProviderAccount account = account_of(settings, provider);
    if (!account.key.empty()) accounts.push_back(std::move(account));
  }
  const std::string& file = settings.text("telco_accounts_file");
  if (!file.empty()) {
    if (const auto read = read_file(file, settings, accounts); !read) return fail(read.error());
  }
  std::set<std::pair<std::string, std::string>> names;
  for (const ProviderAccount& account : accounts) {
    if (!names.emplace(account.provider, account.account).second) {
      return fail(error_codes::setting_invalid,
                  fmt::format("There are two accounts '{}' of {}: give one of them another name.",
                              account.account, account.provider));
    }
  }
  return accounts;
}

}  // namespace trunkline::app
