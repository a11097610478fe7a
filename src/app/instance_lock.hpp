// One server at a time on an SQLite database: it takes every job for its own.
#pragma once

#include <string>

#include "base/error.hpp"

namespace trunkline::app {

class InstanceLock {
 public:
  // Holds the lock until the object, or the process, ends. Fails when another process has it, and names that
  // process.
  static Result<InstanceLock> take(const std::string& path);

  InstanceLock(InstanceLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  InstanceLock& operator=(InstanceLock&& other) noexcept {
    std::swap(file_, other.file_);
    return *this;
  }
  ~InstanceLock();

 private:
  explicit InstanceLock(int file) : file_(file) {}
  int file_ = -1;
};

}  // namespace trunkline::app
