// The configuration: every setting once, with its names, default and meaning. Flags beat the environment, the
// environment beats the file, the file beats the default. docs/configuration.md is printed from this table.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace trunkline::app {

namespace error_codes {
inline constexpr ErrorCode setting_invalid{"setting_invalid", ErrorKind::invalid};
inline constexpr ErrorCode setting_unknown{"setting_unknown", ErrorKind::invalid};
}  // namespace error_codes

struct SettingDescription {
  std::string_view key;          // in the file: "listen"
  std::string_view environment;  // "TRUNKLINE_LISTEN"
  std::string_view fallback;     // the default, as text
  std::string_view meaning;
  bool secret = false;  // never shown
};

std::span<const SettingDescription> all_settings();

enum class SettingOrigin : std::uint8_t { fallback, file, environment, flag };
std::string_view to_text(SettingOrigin origin);

// The settings of one process.
class Settings {
 public:
  // Reads the file (when `file` is given, or TRUNKLINE_CONFIG is set, or /etc/trunkline/trunkline.toml is
  // there), then the environment. Unknown keys in the file are errors with a suggestion; unknown TRUNKLINE_…
  // variables are kept for `unknown_environment`.
  static Result<Settings> load(const std::optional<std::string>& file);

  // From a flag.
  Result<void> set(std::string_view key, std::string value);

  const std::string& text(std::string_view key) const;
  Result<bool> flag(std::string_view key) const;
  Result<std::int64_t> number(std::string_view key, std::int64_t least, std::int64_t most) const;
  Result<Duration> duration(std::string_view key) const;
  std::vector<std::string> list(std::string_view key) const;  // separated by commas
  SettingOrigin origin(std::string_view key) const;

  // Variables that look like ours and are none, with what was probably meant.
  const std::vector<std::string>& unknown_environment() const { return unknown_environment_; }
  const std::string& file() const { return file_; }

 private:
  struct Value {
    std::string text;
    SettingOrigin origin = SettingOrigin::fallback;
  };
  Result<void> read_file(const std::string& path);
  void read_environment();

  std::map<std::string, Value, std::less<>> values_;
  std::vector<std::string> unknown_environment_;
  std::string file_;
};

// "ADDRESS:PORT".
struct Address {
  std::string host;
  std::uint16_t port = 0;
};
Result<Address> parse_address(std::string_view key, const std::string& text);

}  // namespace trunkline::app
