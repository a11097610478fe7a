#include "base/log.hpp"

#include <doctest/doctest.h>

using namespace trunkline;

namespace {

std::string line(log::Format format, log::Fields fields) {
  return log::format_line(format, *parse_instant("2026-03-02T09:15:04.123Z"), log::Level::info, "call ended",
                          fields);
}

}  // namespace

TEST_SUITE("logs") {
  TEST_CASE("a line for machines is one JSON object with time, level, event and the fields") {
    CHECK(line(log::Format::json, {{"duration_us", Duration(2000)}, {"ok", true}, {"words", "a \"b\"\n"}}) ==
          R"({"time":"2026-03-02T09:15:04.123Z","level":"info","event":"call ended",)"
          R"("duration_us":2000,"ok":true,"words":"a \"b\"\n"})");
  }

  TEST_CASE("a phone number shows its last four digits only") {
    const std::string written = line(log::Format::json, {{"to", *PhoneNumber::parse_e164("+12025550101")}});
    CHECK(written.find("0101") != std::string::npos);
    CHECK(written.find("2025550101") == std::string::npos);
    CHECK(written.find("555") == std::string::npos);
  }

  TEST_CASE("a line for people stays one line whatever the fields hold") {
    CHECK(line(log::Format::pretty, {{"words", "a\nb\x1b[31m"}}).find('\n') == std::string::npos);
    CHECK(line(log::Format::pretty, {{"words", "a\nb\x1b[31m"}}).find('\x1b') == std::string::npos);
  }

  TEST_CASE("levels have names") {
    CHECK(log::parse_level("warning") == log::Level::warning);
    CHECK_FALSE(log::parse_level("loud"));
  }
}
