// Whole files over HTTP: downloads to a file, piece by piece on a fiber, and, blocking, for the thread pool,
// uploads that libcurl signs by AWS Signature Version 4.
#pragma once

#include <string>

#include "base/error.hpp"
#include "net/client.hpp"
#include "warehouse/sync/recordings.hpp"

namespace trunkline::warehouse::sync {

// Fetches to a file, through the guard of the client. What an earlier attempt left of it is kept when the
// server says that it is of the same version, and only the rest is asked for. Fails with recording_incomplete
// when the length is not what was announced, or nothing came. Suspends.
Result<std::int64_t> download(net::Client& http, net::ClientRequest request, const std::string& file);
// The file, and the note of which version it is of.
void forget_partial(const std::string& file);

// The checksum that is stored with the object; nothing when there is no such object.
Result<std::optional<std::string>> stored_checksum(const RecordingStoreOptions& options,
                                                   const std::string& key);
Result<void> upload(const RecordingStoreOptions& options, const std::string& key, const std::string& file,
                    const std::string& checksum);

// SHA-256 of a file as hexadecimal text.
Result<std::string> checksum_of(const std::string& file);

}  // namespace trunkline::warehouse::sync
