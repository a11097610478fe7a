// A directory for this run only.
#pragma once

#include <string>

namespace trunkline {

class ScratchDirectory {
 public:
  ScratchDirectory();   // throws when the system has no room for one
  ~ScratchDirectory();  // with all that is in it
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace trunkline
