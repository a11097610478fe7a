// Takes whole files of customers and actions in. What was taken in is written down with it, in the same
// transaction: an import that was cut short goes on where it stopped, and the same file is not taken in
// twice.
#pragma once

#include "engagement/records.hpp"

namespace trunkline::engagement {

struct ImportProgress {
  std::int64_t records = 0;  // looked at, those of earlier runs included
  std::int64_t accepted = 0;
  std::int64_t rejected = 0;
  std::int64_t bytes = 0;        // read of the file
  std::int64_t bytes_total = 0;  // its size
};

struct ImportReport {
  ImportProgress progress;
  std::int64_t resumed_after = 0;  // records that an earlier run had taken in
  bool already_done = false;       // all of it was there before
};

struct ImportRequest {
  std::string path;
  FileFormat format = FileFormat::csv;
  bool again = false;  // from the beginning, also when the file was taken in before
  std::function<void(std::int64_t line, std::string_view reason)> on_reject = {};
  std::function<void(const ImportProgress&)> on_progress = {};
};

class Importer {
 public:
  Importer(db::Database& database, Batches& batches, const Clock& clock)
      : database_(database), batches_(batches), clock_(clock) {}

  // Fails with import_invalid when the file cannot be read. Suspends, and reads the file on this thread: for
  // commands.
  Result<ImportReport> run(const tenancy::TenantScope& scope, const ImportRequest& request);

 private:
  Result<ImportProgress> earlier(const tenancy::TenantScope& scope, std::string_view content, bool& done);
  Result<void> take_in(const tenancy::TenantScope& scope, std::string_view content,
                       std::span<const FileRecord> records, bool last, const ImportRequest& request,
                       ImportProgress& progress);

  db::Database& database_;
  Batches& batches_;
  const Clock& clock_;
};

}  // namespace trunkline::engagement
