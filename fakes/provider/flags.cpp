#include "fakes/provider/flags.hpp"

#include <charconv>
#include <cstdio>
#include <exception>

#include <fmt/core.h>

#include "base/clock.hpp"
#include "base/json/parse.hpp"

namespace trunkline::fakes {
namespace {

constexpr std::string_view usage =
    "flags: --port N, --seed N, --calls N, --begin 2025-06-01, --days N, --quota-window-ms N, --late "
    "SECONDS, "
    "--fault JSON";

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [parsed, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || parsed != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

Result<void> take_number(ProviderFlags& flags, std::string_view name, std::string_view value) {
  const auto number = number_of(value);
  if (!number) return fail(error_codes::invalid_argument, fmt::format("{} needs a number. {}", name, usage));
  if (name == "--port") {
    flags.port = static_cast<std::uint16_t>(*number);
  } else if (name == "--seed") {
    flags.seed = static_cast<std::uint64_t>(*number);
  } else if (name == "--calls") {
    flags.calls = *number;
  } else if (name == "--days") {
    flags.days = *number;
  } else if (name == "--quota-window-ms") {
    flags.quota_window = milliseconds(std::max<std::int64_t>(1, *number));
  } else if (name == "--late") {
    flags.late = seconds(*number);
  } else {
    return fail(error_codes::invalid_argument, fmt::format("There is no {}. {}", name, usage));
  }
  return {};
}

Result<void> take(ProviderFlags& flags, std::string_view name, std::string_view value) {
  if (name == "--begin") {
    const auto begin = parse_instant(value);
    if (!begin) return fail(error_codes::invalid_argument, fmt::format("--begin needs a date. {}", usage));
    flags.begin = *begin;
    return {};
  }
  if (name == "--fault") {
    const Result<json::Value> json = json::parse(value);
    if (!json) return fail(json.error());
    Result<Fault> fault = parse_fault(*json);
    if (!fault) return fail(fault.error());
    flags.faults.push_back(std::move(*fault));
    return {};
  }
  return take_number(flags, name, value);
}

}  // namespace

Result<ProviderFlags> parse_flags(int count, const char* const* arguments, Instant now) {
  ProviderFlags flags;
  for (int at = 1; at < count; at += 2) {
    const std::string_view name = arguments[at];
    if (at + 1 == count)
      return fail(error_codes::invalid_argument, fmt::format("{} needs a value. {}", name, usage));
    if (const Result<void> taken = take(flags, name, arguments[at + 1]); !taken) return fail(taken.error());
  }
  if (flags.begin == Instant()) {
    const auto midnight = std::chrono::floor<trunkline::days>(now);
    flags.begin = Instant(midnight) - Duration(trunkline::days(flags.days - 1));
  }
  return flags;
}

int run_program(int count, const char* const* arguments,
                const std::function<std::string(const ProviderFlags&)>& start) {
  const Result<ProviderFlags> flags = parse_flags(count, arguments, SystemClock().now());
  if (!flags) {
    fmt::print(stderr, "{}\n", flags.error().message());
    return 2;
  }
  try {
    fmt::print("listening on {}\n", start(*flags));
    std::fflush(stdout);
    while (std::getchar() != EOF) {
    }
  } catch (const std::exception& problem) {
    fmt::print(stderr, "cannot serve on port {}: {}\n", flags->port, problem.what());
    return 1;
  }
  return 0;
}

}  // namespace trunkline::fakes
