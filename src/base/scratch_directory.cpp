#include "base/scratch_directory.hpp"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace trunkline {

ScratchDirectory::ScratchDirectory()
    : path_((std::filesystem::temp_directory_path() / "trunkline-XXXXXX").string()) {
  if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error("no temporary directory can be made");
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace trunkline
