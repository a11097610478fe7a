#include "warehouse/sync/file_transfer.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include <curl/curl.h>
#include <fmt/core.h>
#include <sodium.h>

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "warehouse/normalise.hpp"

namespace trunkline::warehouse::sync {
namespace {

constexpr long connect_seconds = 10;
constexpr long stalled_seconds = 30;  // no byte for so long ends a transfer
constexpr std::string_view checksum_header = "x-amz-meta-sha256";

using Handle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using List = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;
using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

Handle new_handle(const std::string& url, const std::string& ca_file) {
  Handle handle(curl_easy_init(), &curl_easy_cleanup);
  curl_easy_setopt(handle.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(handle.get(), CURLOPT_CONNECTTIMEOUT, connect_seconds);
  curl_easy_setopt(handle.get(), CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(handle.get(), CURLOPT_LOW_SPEED_TIME, stalled_seconds);
  curl_easy_setopt(handle.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  if (!ca_file.empty()) curl_easy_setopt(handle.get(), CURLOPT_CAINFO, ca_file.c_str());
  return handle;
}

File open_file(const std::string& path, const char* mode) {
  return {std::fopen(path.c_str(), mode), &std::fclose};
}

Error cannot(std::string_view what, const std::string& url, std::string_view why) {
  return {trunkline::error_codes::unavailable, fmt::format("{} {}: {}", what, url_without_query(url), why)};
}

// Ends the transfer; the status.
Result<long> perform(CURL* handle, std::string_view what, const std::string& url) {
  const CURLcode code = curl_easy_perform(handle);
  if (code != CURLE_OK) return fail(cannot(what, url, curl_easy_strerror(code)));
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

std::string object_url(const RecordingStoreOptions& options, const std::string& key) {
  std::string path;
  for (const std::string_view part : split(key, '/')) path += "/" + percent_encode(part);
  return fmt::format("{}/{}{}", options.endpoint, options.bucket, path);
}

void sign(CURL* handle, const std::string& credentials, const std::string& provider) {
  curl_easy_setopt(handle, CURLOPT_AWS_SIGV4, provider.c_str());
  curl_easy_setopt(handle, CURLOPT_USERPWD, credentials.c_str());
}

List with(List list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  if (longer != nullptr) {
    (void)list.release();
    list.reset(longer);
  }
  return list;
}

std::size_t discard(char*, std::size_t size, std::size_t count, void*) {
  return size * count;
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* checksum) {
  const std::string_view line(data, size * count);
  const auto parts = split_once(line, ':');
  if (parts && equal_ignoring_case(trim(parts->first), checksum_header))
    *static_cast<std::optional<std::string>*>(checksum) = std::string(trim(parts->second));
  return size * count;
}

}  // namespace

Result<std::optional<std::string>> stored_checksum(const RecordingStoreOptions& options,
                                                   const std::string& key) {
  const std::string url = object_url(options, key);
  const Handle handle = new_handle(url, options.ca_file);
  const std::string credentials =
      options.access_key_id + ":" + std::string(options.secret_access_key.reveal());
  const std::string provider = "aws:amz:" + options.region + ":s3";
  sign(handle.get(), credentials, provider);
  std::optional<std::string> checksum;
  curl_easy_setopt(handle.get(), CURLOPT_NOBODY, 1L);
  curl_easy_setopt(handle.get(), CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(handle.get(), CURLOPT_HEADERDATA, &checksum);
  const auto status = perform(handle.get(), "Looking for", url);
  if (!status) return fail(status.error());
  if (*status == 404) return std::nullopt;
  if (*status != 200) return fail(cannot("Looking for", url, fmt::format("it answered {}", *status)));
  return checksum.has_value() ? checksum : std::optional<std::string>("");
}

Result<void> upload(const RecordingStoreOptions& options, const std::string& key, const std::string& path,
                    const std::string& checksum) {
  const std::string url = object_url(options, key);
  const Handle handle = new_handle(url, options.ca_file);
  const File file = open_file(path, "rb");
  if (!file) return fail(cannot("Reading", path, "the file cannot be opened"));
  const std::string credentials =
      options.access_key_id + ":" + std::string(options.secret_access_key.reveal());
  const std::string provider = "aws:amz:" + options.region + ":s3";
  sign(handle.get(), credentials, provider);
  List list(nullptr, &curl_slist_free_all);
  list = with(std::move(list), fmt::format("{}: {}", checksum_header, checksum));
  // The signature covers the bytes: a body that changes on its way is refused.
  list = with(std::move(list), "x-amz-content-sha256: " + checksum);
  list = with(std::move(list), "Expect:");
  curl_easy_setopt(handle.get(), CURLOPT_HTTPHEADER, list.get());
  curl_easy_setopt(handle.get(), CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(handle.get(), CURLOPT_READDATA, file.get());
  curl_easy_setopt(handle.get(), CURLOPT_INFILESIZE_LARGE,
                   static_cast<curl_off_t>(std::filesystem::file_size(path)));
  curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, discard);
  const auto status = perform(handle.get(), "Storing", url);
  if (!status) return fail(status.error());
  if (*status / 100 != 2) return fail(cannot("Storing", url, fmt::format("it answered {}", *status)));
  return {};
}

Result<std::string> checksum_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(cannot("Reading", path, "the file cannot be opened"));
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  std::vector<char> block(1UL << 16U);
  while (file) {
    file.read(block.data(), static_cast<std::streamsize>(block.size()));
    crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(block.data()),
                              static_cast<unsigned long long>(file.gcount()));
  }
  std::array<std::uint8_t, crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256_final(&state, digest.data());
  return hex_encode(digest);
}

}  // namespace trunkline::warehouse::sync
