// Whole files over HTTP, blocking, for the thread pool: downloads to a file, and uploads that libcurl signs
// by AWS Signature Version 4.
#pragma once

#include <string>

#include "base/error.hpp"
#include "net/http.hpp"
#include "warehouse/sync/recordings.hpp"

namespace trunkline::warehouse::sync {

struct Downloaded {
  std::int64_t size = 0;
  std::string content_type;
};
// Fails with recording_incomplete when the length is not what was announced, or nothing came.
Result<Downloaded> download(const std::string& url, const net::Headers& headers, const std::string& file,
                            const std::string& ca_file);

// The checksum that is stored with the object; nothing when there is no such object.
Result<std::optional<std::string>> stored_checksum(const RecordingStoreOptions& options,
                                                   const std::string& key);
Result<void> upload(const RecordingStoreOptions& options, const std::string& key, const std::string& file,
                    const std::string& checksum);

// SHA-256 of a file as hexadecimal text.
Result<std::string> checksum_of(const std::string& file);

}  // namespace trunkline::warehouse::sync
