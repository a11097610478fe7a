#include "warehouse/sync/recordings.hpp"

#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "base/scratch_directory.hpp"
#include "warehouse/sync/file_transfer.hpp"

namespace trunkline::warehouse::sync {
namespace {

TEST_SUITE("warehouse recordings") {
  TEST_CASE(
      "A file's place is made of provider, account, UTC day and id, and can lead nowhere else (section 8)") {
    const Instant start = *parse_instant("2026-05-01T23:59:59Z");
    CHECK(recording_key("telnyx", "default", start, "b6e4f1", "mp3") ==
          "telnyx/default/2026/05/01/b6e4f1.mp3");
    CHECK(recording_key("zadarma", "default", start, "1439981389.2702773", "mp3") ==
          "zadarma/default/2026/05/01/1439981389.2702773.mp3");
    for (const char* evil : {"../../etc/passwd", "..", ".hidden", "a/b", "a b", "\n", ""}) {
      const std::string key = recording_key("retell", "my/account", start, evil, "wav");
      CAPTURE(key);
      CHECK(key.find("../") == std::string::npos);
      CHECK(std::ranges::count(key, '/') == 5);
      CHECK(key.find("/.") == std::string::npos);
    }
    // What looks alike after cleaning is still two files.
    CHECK(recording_key("retell", "d", start, "a/b", "wav") !=
          recording_key("retell", "d", start, "a_b", "wav"));
    CHECK(recording_key("retell", "d", start, "a/b", "wav") !=
          recording_key("retell", "d", start, "a b", "wav"));
  }

  TEST_CASE("A file's checksum is its SHA-256") {
    const ScratchDirectory directory;
    const std::string path = directory.path() + "/file";
    std::ofstream(path, std::ios::binary) << "abc";
    CHECK(*checksum_of(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    std::filesystem::remove(path);
    CHECK_FALSE(checksum_of(path));
  }
}

}  // namespace
}  // namespace trunkline::warehouse::sync
