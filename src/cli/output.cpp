#include "cli/output.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <fmt/core.h>
#include <unistd.h>

#include "base/json/write.hpp"
#include "base/text.hpp"
#include "base/time.hpp"

namespace trunkline::cli {
namespace {

void write(std::FILE* file, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), file);
  std::fflush(file);
}

std::string_view escape(Colour colour) {
  switch (colour) {
    case Colour::none:
      return "";
    case Colour::dim:
      return "\033[2m";
    case Colour::bold:
      return "\033[1m";
    case Colour::red:
      return "\033[31m";
    case Colour::green:
      return "\033[32m";
    case Colour::yellow:
      return "\033[33m";
    case Colour::blue:
      return "\033[34m";
  }
  return "";
}

// Without the escapes of colours.
std::size_t shown_width(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\033') {
      i = std::min(text.find('m', i), text.size() - 1);
      continue;
    }
    plain += text[i];
  }
  return count_code_points(plain);
}

}  // namespace

Output::Output()
    : out_is_terminal_(::isatty(STDOUT_FILENO) == 1), error_is_terminal_(::isatty(STDERR_FILENO) == 1) {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal != nullptr && std::string_view(terminal) == "dumb";
  colour_ = out_is_terminal_ && (no_colour == nullptr || *no_colour == '\0') && !dumb;
}

void Output::result(const json::Value& value, std::string_view text) {
  end_progress();
  line(json_ ? json::write_pretty(value) : text);
}

void Output::line(std::string_view text) {
  end_progress();
  write(stdout, std::string(text) + "\n");
}

void Output::raw(std::string_view text) {
  end_progress();
  write(stdout, text);
}

void Output::note(std::string_view text) {
  end_progress();
  write(stderr, std::string(text) + "\n");
}

void Output::problem(std::string_view text) {
  end_progress();
  const bool coloured = error_is_terminal_ && colour_;
  write(stderr,
        (coloured ? std::string(escape(Colour::red)) + std::string(text) + "\033[0m" : std::string(text)) +
            "\n");
}

void Output::progress(std::string_view text) {
  if (!error_is_terminal_ || json_) return;
  progress_shown_ = true;
  write(stderr, fmt::format("\r\033[K{}", text));
}

void Output::end_progress() {
  if (!progress_shown_) return;
  progress_shown_ = false;
  write(stderr, "\r\033[K");
}

std::string Output::paint(std::string_view text, Colour colour) const {
  if (!colour_ || colour == Colour::none) return std::string(text);
  return fmt::format("{}{}\033[0m", escape(colour), text);
}

std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], shown_width(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line += std::string(widths[i] - shown_width(row[i]) + 2, ' ');
    }
    if (!text.empty()) text += '\n';
    text += line;
  }
  return text;
}

std::string shown_time(std::int64_t microseconds_since_epoch) {
  const std::string text = format_rfc3339(from_microseconds(microseconds_since_epoch));
  return text.substr(0, 10) + " " + text.substr(11, 8);
}

}  // namespace trunkline::cli
