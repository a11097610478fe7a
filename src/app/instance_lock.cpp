#include "app/instance_lock.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <unistd.h>

namespace trunkline::app {

Result<InstanceLock> InstanceLock::take(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) {
    return fail(trunkline::error_codes::unavailable,
                fmt::format("The lock file {} cannot be opened: {}.", path, std::strerror(errno)));
  }
  InstanceLock lock(file);
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    char holder[32] = {};
    const ssize_t size = ::pread(file, holder, sizeof holder - 1, 0);
    return fail(
        trunkline::error_codes::unavailable,
        fmt::format("Another Trunkline server (process {}) is running on this database; stop it first.",
                    size > 0 ? std::string_view(holder, static_cast<std::size_t>(size)) : "unknown"));
  }
  const std::string pid = fmt::format("{}", ::getpid());
  if (::ftruncate(file, 0) != 0 || ::pwrite(file, pid.data(), pid.size(), 0) < 0) {
    return fail(trunkline::error_codes::unavailable,
                fmt::format("The lock file {} cannot be written: {}.", path, std::strerror(errno)));
  }
  return lock;
}

InstanceLock::~InstanceLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace trunkline::app
