#include "db/sqlite_log_file.hpp"

#include <new>
#include <stdexcept>
#include <string>

#include <sqlite3.h>

namespace trunkline::db {
namespace {

// Some thirty pages. SQLite's own file writes fewer than 128 KiB at once (os_unix.c, seekAndWriteFd).
constexpr std::size_t gathered_bytes_max = 128UL * 1024 - 1;

// The write-ahead log. SQLite gives the memory; its own file stands right behind ours.
struct LogFile : sqlite3_file {
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }

  // Writes what has been gathered. When that fails it is forgotten: SQLite undoes the commit that it is from.
  int write_gathered() {
    if (gathered.empty()) return SQLITE_OK;
    const int code =
        real()->pMethods->xWrite(real(), gathered.data(), static_cast<int>(gathered.size()), gathered_at);
    gathered.clear();
    return code;
  }

  bool continues_at(sqlite3_int64 offset) const {
    return offset == gathered_at + static_cast<sqlite3_int64>(gathered.size());
  }

  std::string gathered;
  sqlite3_int64 gathered_at = 0;
};

LogFile& log_file(sqlite3_file* file) {
  return *static_cast<LogFile*>(file);
}

int close(sqlite3_file* file) noexcept {
  LogFile& log = log_file(file);
  const int written = log.write_gathered();
  const int closed = log.real()->pMethods->xClose(log.real());
  log.~LogFile();
  return written != SQLITE_OK ? written : closed;
}

int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) noexcept {
  LogFile& log = log_file(file);
  const auto count = static_cast<std::size_t>(size);
  if (!log.continues_at(offset) || log.gathered.size() + count > gathered_bytes_max) {
    if (const int code = log.write_gathered(); code != SQLITE_OK) return code;
    log.gathered_at = offset;
  }
  log.gathered.append(static_cast<const char*>(bytes), count);
  return SQLITE_OK;
}

// Whatever looks at the file, or promises something of it, finds it as SQLite has written it.
template <auto Method, class... Parameters>
int after_writing(sqlite3_file* file, Parameters... parameters) noexcept {
  LogFile& log = log_file(file);
  if (const int code = log.write_gathered(); code != SQLITE_OK) return code;
  return (log.real()->pMethods->*Method)(log.real(), parameters...);
}

template <auto Method, class... Parameters>
int directly(sqlite3_file* file, Parameters... parameters) noexcept {
  sqlite3_file* real = log_file(file).real();
  return (real->pMethods->*Method)(real, parameters...);
}

using Methods = sqlite3_io_methods;
constexpr Methods log_methods{
    .iVersion = 1,  // a log is neither mapped nor shared by locks of its own
    .xClose = &close,
    .xRead = &after_writing<&Methods::xRead, void*, int, sqlite3_int64>,
    .xWrite = &write,
    .xTruncate = &after_writing<&Methods::xTruncate, sqlite3_int64>,
    .xSync = &after_writing<&Methods::xSync, int>,
    .xFileSize = &after_writing<&Methods::xFileSize, sqlite3_int64*>,
    .xLock = &directly<&Methods::xLock, int>,
    .xUnlock = &directly<&Methods::xUnlock, int>,
    .xCheckReservedLock = &directly<&Methods::xCheckReservedLock, int*>,
    .xFileControl = &directly<&Methods::xFileControl, int, void*>,
    .xSectorSize = &directly<&Methods::xSectorSize>,
    .xDeviceCharacteristics = &directly<&Methods::xDeviceCharacteristics>,
    .xShmMap = nullptr,
    .xShmLock = nullptr,
    .xShmBarrier = nullptr,
    .xShmUnmap = nullptr,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

sqlite3_vfs* system_files() {
  static sqlite3_vfs* const found = sqlite3_vfs_find(nullptr);
  if (found == nullptr) throw std::logic_error("SQLite has no file system");
  return found;
}

// All files but the log are SQLite's own: they have the whole memory, and it never comes here again.
int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* flags_out) noexcept {
  sqlite3_vfs* const system = system_files();
  if ((flags & SQLITE_OPEN_WAL) == 0) return system->xOpen(system, name, file, flags, flags_out);
  auto* const log = new (file) LogFile();
  log->pMethods = nullptr;
  const int code = system->xOpen(system, name, log->real(), flags, flags_out);
  if (code == SQLITE_OK) {
    log->pMethods = &log_methods;
  } else {
    log->~LogFile();
  }
  return code;
}

}  // namespace

const char* gathering_file_system() {
  static constexpr const char* name = "trunkline";
  static sqlite3_vfs gathering = *system_files();
  static const int registered = [] {
    gathering.zName = name;
    gathering.szOsFile += static_cast<int>(sizeof(LogFile));
    gathering.xOpen = &open;
    return sqlite3_vfs_register(&gathering, 0);
  }();
  if (registered != SQLITE_OK) throw std::logic_error("SQLite does not take a file system");
  return name;
}

}  // namespace trunkline::db
