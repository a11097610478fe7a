#include "cli/configuration_page.hpp"

#include <fmt/core.h>

#include "app/settings.hpp"

namespace trunkline::cli {
namespace {

constexpr std::string_view introduction = R"md(# Configuration

<!-- Made by `trunkline config --markdown`; tests/docs/check.py compares. Do not edit. -->

Every setting has a default that works. Four places can change it; the first that names it wins:

1. a flag: `trunkline --set listen=127.0.0.1:9000 serve`, as often as needed;
2. an environment variable;
3. a file in TOML: `--config FILE`, else `$TRUNKLINE_CONFIG`, else `/etc/trunkline/trunkline.toml` if it is
   there;
4. the default.

`trunkline config` shows each setting with the value in force and where it comes from. Secrets are shown as
`(set)`, the database's URL without its password.

A key in the file that is no setting stops the program, which names what was probably meant. A value that
makes no sense stops the command that needs it. An environment variable that begins with `TRUNKLINE_` and is
no setting gets a warning from `serve` and `config`, and is a problem for `trunkline doctor`; names that begin
with `TRUNKLINE_TEST_` are left alone.

The file is flat: a key a line. Values are texts, whole numbers or `true` and `false`:

```toml
listen = "0.0.0.0:8080"
public_url = "https://voice.example.com"
database_url = "postgresql://trunkline@db.internal/trunkline"
secret_key_file = "/etc/trunkline/secret.key"
log_format = "json"
countries = "US,CA"
```

Durations are written as `200ms`, `30s`, `15m`, `2h`. Switches take `1` and `0`, and also true/false, yes/no,
on/off.

## Settings

| Key | Environment | Default | Meaning |
| --- | --- | --- | --- |
)md";

constexpr std::string_view end = R"md(
Keep these out of files that others can read: )md";

}  // namespace

std::string configuration_page() {
  std::string page(introduction);
  std::string secrets;
  for (const app::SettingDescription& setting : app::all_settings()) {
    const std::string fallback = setting.fallback.empty() ? "" : fmt::format("`{}`", setting.fallback);
    page += fmt::format("| `{}` | `{}` | {} | {} |\n", setting.key, setting.environment, fallback,
                        setting.meaning);
    if (setting.secret) secrets += fmt::format("{}`{}`", secrets.empty() ? "" : ", ", setting.key);
  }
  return page + std::string(end) + secrets + ".\n";
}

}  // namespace trunkline::cli
