#include "engagement/importer.hpp"

#include <fstream>

#include <fmt/core.h>

#include "base/crypto/hash.hpp"
#include "base/failpoint.hpp"

namespace trunkline::engagement {
namespace {

using db::Statement;
using tenancy::TenantScope;

const Statement find_import{"contact_imports.find", R"sql(
  SELECT lines_done, accepted, rejected, finished_at FROM contact_imports WHERE account_id = $1 AND content = $2)sql"};
const Statement put_import{"contact_imports.put", R"sql(
  INSERT INTO contact_imports (account_id, content, lines_done, accepted, rejected, finished_at)
  VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (account_id, content) DO UPDATE
  SET lines_done = excluded.lines_done, accepted = excluded.accepted, rejected = excluded.rejected,
      finished_at = excluded.finished_at)sql"};
const Statement delete_import{"contact_imports.delete",
                              "DELETE FROM contact_imports WHERE account_id = $1 AND content = $2"};

constexpr std::size_t records_at_once = 500;

// Piece by piece, so that a large file needs no memory: each hash covers the one before it.
Result<std::string> hash_file(const std::string& path, std::int64_t& size) {
  std::ifstream file(path, std::ios::binary);
  std::string piece(1024UL * 1024, '\0');
  std::string hash;
  size = 0;
  while (file) {
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    const auto count = static_cast<std::size_t>(file.gcount());
    if (count == 0) break;
    size += static_cast<std::int64_t>(count);
    const crypto::Sha256 next = crypto::sha256(hash + piece.substr(0, count));
    hash = ByteView(next).as_text();
  }
  if (size == 0) {
    return fail(error_codes::import_invalid, fmt::format("{} cannot be read, or is empty.", path));
  }
  return hash;
}

}  // namespace

Result<ImportProgress> Importer::earlier(const TenantScope& scope, std::string_view content, bool& done) {
  const auto rows = database_.query(scope, find_import, {scope.account, db::Blob{content}});
  if (!rows) return fail(rows.error());
  if (rows->empty()) return ImportProgress();
  const db::Row row = rows->front();
  done = !row.is_null(3);
  return ImportProgress{.records = row.integer(0), .accepted = row.integer(1), .rejected = row.integer(2)};
}

Result<void> Importer::take_in(const TenantScope& scope, std::string_view content,
                               std::span<const FileRecord> records, bool last, const ImportRequest& request,
                               ImportProgress& progress) {
  std::vector<BatchItem> items;
  for (const FileRecord& record : records) items.push_back(record.item);
  ImportProgress next = progress;
  const auto taken = batches_.run(
      scope, items, {.received_at = clock_.now()}, "", "",
      [&](db::Transaction& transaction, const BatchResult& result) {
        next = progress;
        for (const ItemResult& item : result.items) ++(item.accepted() ? next.accepted : next.rejected);
        next.records += static_cast<std::int64_t>(records.size());
        transaction.execute(put_import, {scope.account, db::Blob{content}, next.records, next.accepted,
                                         next.rejected, last ? std::optional(clock_.now()) : std::nullopt});
      });
  if (!taken) return fail(taken.error());
  TRUNKLINE_FAIL_POINT("engagement.imported");
  progress = next;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (taken->items[i].error && request.on_reject)
      request.on_reject(records[i].line, taken->items[i].error->message());
  }
  return {};
}

Result<ImportReport> Importer::run(const TenantScope& scope, const ImportRequest& request) {
  ImportReport report;
  const auto content = hash_file(request.path, report.progress.bytes_total);
  if (!content) return fail(content.error());
  if (request.again) {
    const auto forgotten = database_.execute(scope, delete_import, {scope.account, db::Blob{*content}});
    if (!forgotten) return fail(forgotten.error());
  }
  const auto before = earlier(scope, *content, report.already_done);
  if (!before) return fail(before.error());
  report.progress.accepted = before->accepted;
  report.progress.rejected = before->rejected;
  report.progress.records = before->records;
  report.resumed_after = before->records;
  if (report.already_done) return report;

  std::ifstream file(request.path, std::ios::binary);
  auto reader = make_record_reader(file, request.format);
  if (!reader) return fail(std::move(reader.error()));
  for (std::int64_t skipped = 0; skipped < report.resumed_after; ++skipped) (*reader)->next(clock_.now());
  std::vector<FileRecord> records;
  bool end = false;
  while (!end) {
    auto record = (*reader)->next(clock_.now());
    end = !record;
    if (record) records.push_back(std::move(*record));
    if (!end && records.size() < records_at_once) continue;
    const auto taken = take_in(scope, *content, records, end, request, report.progress);
    if (!taken) return fail(taken.error());
    records.clear();
    report.progress.bytes = end ? report.progress.bytes_total : static_cast<std::int64_t>(file.tellg());
    if (request.on_progress) request.on_progress(report.progress);
  }
  return report;
}

}  // namespace trunkline::engagement
