#include "warehouse/sync/recordings.hpp"

#include <filesystem>

#include <fmt/core.h>

#include "base/crypto/hash.hpp"
#include "base/json/write.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "warehouse/sync/file_transfer.hpp"

namespace trunkline::warehouse::sync {
namespace {

constexpr std::int64_t files_max = 500;  // in one run
constexpr std::size_t id_size_max = 120;
constexpr std::size_t id_hash_size = 8;
constexpr std::int64_t attempts_max = 20;

const db::Statement missing_files{
    "recordings.missing_files",
    "SELECT r.external_recording_id, coalesce(r.external_call_id, ''), coalesce(c.started_at, "
    "r.created_at)::text,"
    " coalesce(r.format, ''), coalesce(r.recording_url, ''), r.duration_seconds FROM telco.recordings r"
    " LEFT JOIN telco.calls c ON c.id = r.call_id WHERE r.provider_id = $1 AND r.account = $2"
    " AND r.status = 'linked' AND r.local_path IS NULL AND r.s3_key IS NULL AND r.attempts < $3"
    " ORDER BY r.attempts, r.id LIMIT $4"};
const db::Statement keep_file{
    "recordings.keep_file",
    "UPDATE telco.recordings SET status = 'stored', file_size_bytes = $4, local_path = $5, s3_bucket = $6, "
    "s3_key = "
    "$7, metadata = $8::text::jsonb, tried_at = $9::text::timestamptz WHERE provider_id = $1 AND account = $2"
    " AND external_recording_id = $3"};
const db::Statement note_failure{"recordings.note_failure",
                                 "UPDATE telco.recordings SET attempts = attempts + 1, tried_at = "
                                 "$4::text::timestamptz WHERE provider_id = $1"
                                 " AND account = $2 AND external_recording_id = $3"};

class NoWatch final : public Watch {
  void requested() override {}
  void retried(const Error&) override {}
  void waiting(Duration, std::string_view) override {}
};

bool is_safe(char character) {
  return is_letter_or_digit(character) || character == '-' || character == '_' || character == '.';
}

// The scheme, host and port of a URL.
std::string_view origin_of(std::string_view url) {
  const std::size_t host = url.find("://");
  return host == std::string_view::npos ? "" : url.substr(0, url.find_first_of("/?#", host + 3));
}

// Links come from outside: the guard decides where they may lead, unless it is where the operator said that
// the provider is.
net::ClientRequest request_for(const Provider& provider, std::string url) {
  const std::string_view own = origin_of(provider.account().base_url);
  const bool is_own = !own.empty() && origin_of(url) == own;
  return {.url = std::move(url),
          .url_source = is_own ? net::UrlSource::configuration : net::UrlSource::user,
          .headers = provider.download_headers()};
}

std::string sanitised(std::string_view id) {
  std::string name;
  for (const char character : id.substr(0, id_size_max)) name += is_safe(character) ? character : '_';
  if (name.empty() || name.front() == '.') name.insert(0, "_");
  if (name == id) return name;
  return name + "-" + hex_encode(crypto::sha256(id)).substr(0, id_hash_size);
}

}  // namespace

struct RecordingStore::Wanted {
  std::string id;
  std::string call_id;
  Instant start;
  std::string format;
  std::string url;
  std::optional<std::int64_t> duration_seconds;
};

struct RecordingStore::Kept {
  std::int64_t size = 0;
  std::string checksum;
  std::optional<std::string> local_path = {};
  std::optional<std::string> bucket = {};
  std::optional<std::string> key = {};
};

std::string recording_key(std::string_view provider, std::string_view account, Instant start,
                          std::string_view external_id, std::string_view format) {
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(start));
  return fmt::format("{}/{}/{:04}/{:02}/{:02}/{}.{}", sanitised(provider), sanitised(account),
                     static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()), sanitised(external_id),
                     format.empty() ? "mp3" : sanitised(format));
}

Result<RecordingStore::Kept> RecordingStore::keep_local(const std::string& file,
                                                        const std::string& key) const {
  const auto checksum = checksum_of(file);
  if (!checksum) return fail(checksum.error());
  const std::filesystem::path target = std::filesystem::path(options_.directory) / key;
  std::error_code problem;
  std::filesystem::create_directories(target.parent_path(), problem);
  if (std::filesystem::exists(target)) {
    const auto present = checksum_of(target.string());
    if (!present || *present != *checksum) {
      return fail(error_codes::recording_differs,
                  fmt::format("{} is there with other content; it is left as it is.", target.string()));
    }
  } else {
    std::filesystem::rename(file, target, problem);
    if (problem)
      return fail(trunkline::error_codes::unavailable,
                  fmt::format("{} cannot be written: {}", target.string(), problem.message()));
  }
  return Kept{.size = static_cast<std::int64_t>(std::filesystem::file_size(target)),
              .checksum = *checksum,
              .local_path = target.string()};
}

Result<RecordingStore::Kept> RecordingStore::keep_s3(const std::string& file, const std::string& key) const {
  const auto checksum = checksum_of(file);
  if (!checksum) return fail(checksum.error());
  const auto present = stored_checksum(options_, key);
  if (!present) return fail(present.error());
  if (*present && **present != *checksum) {
    return fail(
        error_codes::recording_differs,
        fmt::format("s3://{}/{} is there with other content; it is left as it is.", options_.bucket, key));
  }
  if (!*present) {
    if (const auto stored = upload(options_, key, file, *checksum); !stored) return fail(stored.error());
  }
  return Kept{.size = static_cast<std::int64_t>(std::filesystem::file_size(file)),
              .checksum = *checksum,
              .bucket = options_.bucket,
              .key = key};
}

Result<RecordingStore::Kept> RecordingStore::fetch(Provider& provider, const Wanted& wanted) {
  NoWatch watch;
  std::string url = wanted.url;
  const auto fresh = provider.fetch_recording({.external_call_id = wanted.call_id,
                                               .external_recording_id = wanted.id,
                                               .started_at = wanted.start,
                                               .duration_seconds = wanted.duration_seconds},
                                              watch);
  if (fresh && fresh->recording_url) {
    url = *fresh->recording_url;
  } else if (!fresh && fresh.error().code() != warehouse::error_codes::not_offered) {
    return fail(fresh.error());
  }
  if (url.empty()) return fail(warehouse::error_codes::provider_refused, "The recording has no link.");
  const ProviderAccount& account = provider.account();
  const std::string key =
      recording_key(account.provider, account.account, wanted.start, wanted.id, wanted.format);
  // A local store's own, so that the last step is a rename within one file system; and never one that other
  // installations on this machine share, which fetch the same recordings.
  const std::string directory = options_.directory + "/.incoming";
  std::error_code ignored;
  std::filesystem::create_directories(directory, ignored);
  const std::string file =
      fmt::format("{}/trunkline-{}.part", directory, hex_encode(crypto::sha256(key)).substr(0, 24));
  // What is not whole stays for the next attempt, which asks for the rest.
  if (const auto downloaded = download(http_, request_for(provider, std::move(url)), file); !downloaded)
    return fail(downloaded.error());
  const auto kept = pool_.run([&]() -> Result<Kept> {
    Result<Kept> result =
        options_.kind == RecordingStoreKind::s3 ? keep_s3(file, key) : keep_local(file, key);
    forget_partial(file);
    return result;
  });
  if (!kept) return fail(kept.error());
  return *kept;
}

Result<std::int64_t> RecordingStore::fetch_missing(Provider& provider, const std::atomic<bool>* cancelled) {
  if (options_.kind == RecordingStoreKind::link) return 0;
  const auto number = store::provider_number(provider.account().provider);
  if (!number) return fail(number.error());
  const std::string& account = provider.account().account;
  db::Database& database = store_.database();
  const auto rows =
      database.query(db::Scope::operations(), missing_files, {*number, account, attempts_max, files_max});
  if (!rows) return fail(rows.error());
  std::int64_t stored = 0;
  std::optional<Error> problem;
  for (const db::Row row : *rows) {
    if (cancelled != nullptr && cancelled->load()) break;
    const Wanted wanted{
        .id = std::string(row.text(0)),
        .call_id = std::string(row.text(1)),
        .start = row.is_null(2) ? Instant() : store::read_stored_time(row.text(2)).value_or(Instant()),
        .format = std::string(row.text(3)),
        .url = std::string(row.text(4)),
        .duration_seconds = row.optional_integer(5)};
    const auto kept = fetch(provider, wanted);
    const std::string now = store::stored_time(clock_.now());
    if (!kept) {
      problem = kept.error();
      log::info(
          "a recording could not be stored",
          {{"provider", provider.account().provider}, {"recording", wanted.id}, {"error", kept.error()}});
      const auto noted =
          database.execute(db::Scope::operations(), note_failure, {*number, account, wanted.id, now});
      if (!noted) return fail(noted.error());
      continue;
    }
    const std::string metadata = json::write(json::object({{"sha256", kept->checksum}}));
    const auto written = database.execute(
        db::Scope::operations(), keep_file,
        {*number, account, wanted.id, kept->size, kept->local_path, kept->bucket, kept->key, metadata, now});
    if (!written) return fail(written.error());
    ++stored;
  }
  if (problem) return fail(*problem);
  return stored;
}

}  // namespace trunkline::warehouse::sync
