#include "app/settings.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>

#include <doctest/doctest.h>

#include "base/scratch_directory.hpp"

using namespace trunkline;
using namespace trunkline::app;

namespace {

// Sets an environment variable until the end of the scope.
class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
  ~Environment() { unsetenv(name_); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  const char* name_;
};

class File {
 public:
  explicit File(std::string_view text) { std::ofstream(path_) << text; }
  const std::string& path() const { return path_; }

 private:
  ScratchDirectory directory_;
  std::string path_ = directory_.path() + "/settings.toml";
};

}  // namespace

TEST_SUITE("settings") {
  TEST_CASE("flags beat the environment, the environment beats the file, the file beats the default") {
    const File file("local_speed = 30\nring_timeout = \"20s\"\n");
    const Environment speed("TRUNKLINE_LOCAL_SPEED", "40");
    auto settings = Settings::load(file.path());
    REQUIRE(settings);
    CHECK(settings->number("local_speed", 1, 100) == 40);
    CHECK(settings->origin("local_speed") == SettingOrigin::environment);
    CHECK(settings->duration("ring_timeout") == seconds(20));
    CHECK(settings->origin("ring_timeout") == SettingOrigin::file);
    CHECK(settings->text("listen") == "127.0.0.1:8080");
    CHECK(settings->origin("listen") == SettingOrigin::fallback);
    REQUIRE(settings->set("local_speed", "50"));
    CHECK(settings->number("local_speed", 1, 100) == 50);
    CHECK(settings->origin("local_speed") == SettingOrigin::flag);
  }

  TEST_CASE("an unknown key in the file is an error that says what was meant") {
    const File file("lissten = \"127.0.0.1:1\"\n");
    const auto settings = Settings::load(file.path());
    REQUIRE_FALSE(settings);
    CHECK(settings.error().code() == app::error_codes::setting_unknown);
    CHECK(settings.error().message().find("listen") != std::string::npos);
  }

  TEST_CASE("an unknown variable of ours is kept for doctor, with what was meant") {
    const Environment wrong("TRUNKLINE_LISEN", "127.0.0.1:1");
    const auto settings = Settings::load(std::nullopt);
    REQUIRE(settings);
    CHECK(std::ranges::any_of(settings->unknown_environment(), [](const std::string& each) {
      return each.find("TRUNKLINE_LISEN") != std::string::npos &&
             each.find("TRUNKLINE_LISTEN") != std::string::npos;
    }));
  }

  TEST_CASE("values that make no sense are errors that name the setting") {
    const Environment speed("TRUNKLINE_LOCAL_SPEED", "fast");
    const Environment flag("TRUNKLINE_ALLOW_PRIVATE_URLS", "maybe");
    const Environment ring("TRUNKLINE_RING_TIMEOUT", "soon");
    const auto settings = Settings::load(std::nullopt);
    REQUIRE(settings);
    CHECK(settings->number("local_speed", 1, 100).error().message().find("local_speed") != std::string::npos);
    CHECK_FALSE(settings->flag("allow_private_urls"));
    CHECK_FALSE(settings->duration("ring_timeout"));
  }

  TEST_CASE("a file that is missing or no TOML is an error") {
    CHECK_FALSE(Settings::load("/nowhere/trunkline.toml"));
    const File file("listen = [unclosed");
    CHECK_FALSE(Settings::load(file.path()));
  }

  TEST_CASE("each setting has a key, a variable and a meaning of its own") {
    std::set<std::string_view> keys;
    std::set<std::string_view> variables;
    for (const SettingDescription& each : all_settings()) {
      CAPTURE(each.key);
      CHECK(keys.insert(each.key).second);
      CHECK(variables.insert(each.environment).second);
      CHECK(each.meaning.ends_with("."));
    }
  }

  TEST_CASE("an address is a host and a port") {
    CHECK(parse_address("listen", "127.0.0.1:8080")->port == 8080);
    CHECK(parse_address("listen", "[::1]:0")->host == "::1");
    for (const char* text : {"", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:x"}) {
      CAPTURE(text);
      CHECK_FALSE(parse_address("listen", text));
    }
  }
}
