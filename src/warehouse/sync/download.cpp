#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include <fmt/core.h>

#include "base/text.hpp"
#include "warehouse/normalise.hpp"
#include "warehouse/sync/file_transfer.hpp"

namespace trunkline::warehouse::sync {
namespace {

constexpr std::size_t file_bytes_max = 1UL << 30U;
constexpr Duration first_byte_within = seconds(30);
constexpr Duration whole_within = minutes(30);
constexpr int partial_content = 206;
constexpr int range_not_satisfiable = 416;

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

std::string version_file(const std::string& file) {
  return file + ".version";
}

// What the server called the version of which `file` is the beginning; "" when that is not known.
std::string partial_version(const std::string& file) {
  std::ifstream noted(version_file(file));
  std::string version;
  std::getline(noted, version);
  return version;
}

Error cannot(std::string_view url, std::string_view why) {
  return {trunkline::error_codes::unavailable, fmt::format("Fetching {}: {}", url_without_query(url), why)};
}

std::optional<std::int64_t> number_in(std::string_view text) {
  const auto number = parse_integer(text);
  return number && *number >= 0 ? number : std::nullopt;
}

// "bytes 100-199/200", when it goes on at this byte: how long the whole is.
std::optional<std::int64_t> whole_size(std::string_view range, std::int64_t from) {
  const std::string begin = fmt::format("bytes {}-", from);
  const std::size_t slash = range.find('/');
  if (!range.starts_with(begin) || slash == std::string_view::npos) return std::nullopt;
  return number_in(range.substr(slash + 1));
}

Result<std::int64_t> write_all(net::ClientStream& stream, const std::string& path, bool appends,
                               std::string_view url) {
  const File file(std::fopen(path.c_str(), appends ? "ab" : "wb"), &std::fclose);
  if (!file) return fail(cannot(url, path + " cannot be written"));
  std::int64_t written = 0;
  while (true) {
    auto chunk = stream.next_chunk();
    if (!chunk) {
      std::fflush(file.get());
      return fail(Error(error_codes::recording_incomplete,
                        fmt::format("{} broke off after {} bytes.", url_without_query(url), written))
                      .caused_by(chunk.error()));
    }
    if (!*chunk) break;
    if (std::fwrite((*chunk)->data(), 1, (*chunk)->size(), file.get()) != (*chunk)->size())
      return fail(cannot(url, "the disk is full"));
    written += static_cast<std::int64_t>((*chunk)->size());
  }
  if (std::fflush(file.get()) != 0) return fail(cannot(url, "the disk is full"));
  return written;
}

}  // namespace

void forget_partial(const std::string& file) {
  std::error_code ignored;
  std::filesystem::remove(file, ignored);
  std::filesystem::remove(version_file(file), ignored);
}

Result<std::int64_t> download(net::Client& http, net::ClientRequest request, const std::string& path) {
  const std::string url = request.url;
  request.response_bytes_max = file_bytes_max;
  request.first_byte_deadline = first_byte_within;
  request.total_deadline = whole_within;
  request.repeatable = true;
  std::error_code missing;
  const auto size = std::filesystem::file_size(path, missing);
  const std::string version = partial_version(path);
  const std::int64_t had = missing || version.empty() ? 0 : static_cast<std::int64_t>(size);
  if (had > 0) {
    request.headers.add("Range", fmt::format("bytes={}-", had));
    request.headers.add("If-Range", version);
  }
  auto stream = http.open(request);
  if (!stream) return fail(stream.error());
  const bool goes_on = had > 0 && stream->status() == partial_content;
  if (stream->status() == range_not_satisfiable) forget_partial(path);
  if (stream->status() != 200 && !goes_on)
    return fail(cannot(url, fmt::format("it answered {}", stream->status())));
  std::optional<std::int64_t> announced;
  if (goes_on) {
    announced = whole_size(stream->headers().find("Content-Range").value_or(""), had);
    if (!announced) {
      forget_partial(path);
      return fail(error_codes::recording_incomplete,
                  fmt::format("{} did not go on where it was asked to.", url_without_query(url)));
    }
  } else {
    announced = number_in(stream->headers().find("Content-Length").value_or(""));
    // A weak tag does not promise the same bytes.
    const std::string_view tag = stream->headers().find("ETag").value_or("");
    std::ofstream(version_file(path), std::ios::trunc) << (tag.starts_with('"') ? tag : "") << '\n';
  }
  const auto written = write_all(*stream, path, goes_on, url);
  if (!written) return fail(written.error());
  const std::int64_t whole = *written + (goes_on ? had : 0);
  if (whole == 0 || (announced && *announced != whole)) {
    forget_partial(path);
    return fail(error_codes::recording_incomplete,
                fmt::format("{} gave {} of {} bytes.", url_without_query(url), whole, announced.value_or(0)));
  }
  return whole;
}

}  // namespace trunkline::warehouse::sync
