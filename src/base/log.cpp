#include "base/log.hpp"

#include <atomic>

#include <fmt/core.h>
#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "base/clock.hpp"

namespace trunkline::log {
namespace {

constexpr std::size_t queue_lines = 8192;

std::atomic<Level> minimum{Level::off};
std::atomic<Format> line_format{Format::json};
std::shared_ptr<spdlog::logger> writer;

std::string_view name_of(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warning:
      return "warning";
    case Level::error:
      return "error";
    case Level::off:
      break;
  }
  return "off";
}

void append_json_text(std::string& line, std::string_view text) {
  line += '"';
  for (const char character : text) {
    switch (character) {
      case '"':
        line += "\\\"";
        break;
      case '\\':
        line += "\\\\";
        break;
      case '\n':
        line += "\\n";
        break;
      case '\r':
        line += "\\r";
        break;
      case '\t':
        line += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(character) < 0x20) {
          line += fmt::format("\\u{:04x}", static_cast<unsigned>(character));
        } else {
          line += character;
        }
    }
  }
  line += '"';
}

struct AppendValue {
  std::string& line;
  bool quoted;
  void operator()(const std::string& text) const {
    if (quoted || text.find_first_of(" \"\n") != std::string::npos) {
      append_json_text(line, text);
    } else {
      line += text;
    }
  }
  void operator()(std::int64_t number) const { line += fmt::format("{}", number); }
  void operator()(bool flag) const { line += flag ? "true" : "false"; }
};

void write(Level level, std::string_view event, Fields fields) {
  if (!enabled(level) || !writer) return;
  writer->log(spdlog::level::info, format_line(line_format, SystemClock().now(), level, event, fields));
}

}  // namespace

std::optional<Level> parse_level(std::string_view text) {
  for (const Level level : {Level::debug, Level::info, Level::warning, Level::error, Level::off}) {
    if (name_of(level) == text) return level;
  }
  return std::nullopt;
}

void initialise(const Options& options) {
  minimum = options.level;
  line_format = options.format;
  spdlog::init_thread_pool(queue_lines, 1);
  writer = std::make_shared<spdlog::async_logger>(
      "trunkline", std::make_shared<spdlog::sinks::stderr_sink_mt>(), spdlog::thread_pool(),
      spdlog::async_overflow_policy::overrun_oldest);
  writer->set_pattern("%v");
  writer->flush_on(spdlog::level::info);
}

void shut_down() {
  minimum = Level::off;
  spdlog::shutdown();  // the thread that writes has ended before what it writes with
  writer.reset();
}

bool enabled(Level level) {
  return level >= minimum.load(std::memory_order_relaxed);
}

void debug(std::string_view event, Fields fields) {
  write(Level::debug, event, fields);
}
void info(std::string_view event, Fields fields) {
  write(Level::info, event, fields);
}
void warning(std::string_view event, Fields fields) {
  write(Level::warning, event, fields);
}
void error(std::string_view event, Fields fields) {
  write(Level::error, event, fields);
}

std::string format_line(Format format, Instant now, Level level, std::string_view event, Fields fields) {
  std::string line;
  if (format == Format::pretty) {
    line = fmt::format("{} {:7} {}", format_rfc3339(now).substr(11, 12), name_of(level), event);
    for (const Field& field : fields) {
      line += fmt::format("  {}=", field.name);
      std::visit(AppendValue{line, false}, field.value.value());
    }
    return line;
  }
  line = fmt::format(R"({{"time":"{}","level":"{}","event":)", format_rfc3339(now), name_of(level));
  append_json_text(line, event);
  for (const Field& field : fields) {
    line += fmt::format(R"(,"{}":)", field.name);
    std::visit(AppendValue{line, true}, field.value.value());
  }
  line += '}';
  return line;
}

}  // namespace trunkline::log
