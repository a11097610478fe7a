// Where recordings' files are kept (contracts/warehouse.md, section 8): only their links, a local directory,
// or an S3-compatible store whose requests libcurl signs. A file is fetched by a link made right before,
// under a temporary name, and committed when it is whole.
#pragma once

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "net/client.hpp"
#include "runtime/thread_pool.hpp"
#include "warehouse/store/store.hpp"

namespace trunkline::warehouse::sync {

enum class RecordingStoreKind : std::uint8_t { link, local, s3 };

struct RecordingStoreOptions {
  RecordingStoreKind kind = RecordingStoreKind::link;
  std::string directory = {};  // of a local store; for s3 of what is not whole yet
  std::string endpoint = {};
  std::string bucket = {};
  std::string region = {};
  std::string access_key_id = {};
  Secret secret_access_key = {};
  std::string ca_file = {};
};

// provider/account/yyyy/mm/dd/<id>.<ext> by the UTC start. What a path must not hold becomes "_", and then a
// short hash keeps two ids apart. Pure.
std::string recording_key(std::string_view provider, std::string_view account, Instant start,
                          std::string_view external_id, std::string_view format);

namespace error_codes {
inline constexpr ErrorCode recording_incomplete{"recording_incomplete", ErrorKind::unavailable};
inline constexpr ErrorCode recording_differs{"recording_differs", ErrorKind::conflict};
}  // namespace error_codes

class RecordingStore {
 public:
  // Uploads and checksums run on the pool.
  RecordingStore(RecordingStoreOptions options, const store::Store& store, const Clock& clock,
                 runtime::ThreadPool& pool, net::Client& http)
      : options_(std::move(options)), store_(store), clock_(clock), pool_(pool), http_(http) {}

  // Fetches the files of this account that are not stored yet; how many. One that cannot be had is left for
  // the next run. Nothing to do when only links are kept. Suspends.
  Result<std::int64_t> fetch_missing(Provider& provider, const std::atomic<bool>* cancelled);

 private:
  struct Wanted;
  struct Kept;
  Result<Kept> fetch(Provider& provider, const Wanted& wanted);
  Result<Kept> keep_local(const std::string& file, const std::string& key) const;
  Result<Kept> keep_s3(const std::string& file, const std::string& key) const;

  RecordingStoreOptions options_;
  const store::Store& store_;
  const Clock& clock_;
  runtime::ThreadPool& pool_;
  net::Client& http_;
};

}  // namespace trunkline::warehouse::sync
