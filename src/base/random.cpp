#include "base/random.hpp"

#include <array>
#include <cstring>

#include <sodium.h>

namespace trunkline {
namespace {

constexpr std::size_t small_bytes_max = 16;

// What one call of the operating system gives for many ids; the call costs more than all else about an id.
// What has been given out is wiped. A process that forks must not go on with it (none here does).
class Reserve {
 public:
  ~Reserve() { sodium_memzero(bytes_.data(), bytes_.size()); }

  void take(std::span<std::uint8_t> into) {
    if (bytes_.size() - taken_ < into.size()) {
      randombytes_buf(bytes_.data(), bytes_.size());
      taken_ = 0;
    }
    std::memcpy(into.data(), bytes_.data() + taken_, into.size());
    sodium_memzero(bytes_.data() + taken_, into.size());
    taken_ += into.size();
  }

 private:
  std::array<std::uint8_t, 512> bytes_{};
  std::size_t taken_ = bytes_.size();
};

}  // namespace

std::uint64_t Random::next() {
  std::uint8_t bytes[8];
  fill(bytes);
  std::uint64_t value = 0;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

std::uint64_t Random::below(std::uint64_t bound) {
  if (bound == 0) return 0;
  // Draws from the incomplete last stretch are thrown away, so that no value is likelier than another.
  const std::uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
  std::uint64_t value = next();
  while (value >= limit) value = next();
  return value % bound;
}

double Random::fraction() {
  return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

void SystemRandom::fill(std::span<std::uint8_t> bytes) {
  if (bytes.size() > small_bytes_max) return randombytes_buf(bytes.data(), bytes.size());
  thread_local Reserve reserve;
  reserve.take(bytes);
}

// splitmix64, by Sebastiano Vigna.
void SeededRandom::fill(std::span<std::uint8_t> bytes) {
  while (!bytes.empty()) {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
    mixed ^= mixed >> 31;
    const std::size_t count = bytes.size() < sizeof mixed ? bytes.size() : sizeof mixed;
    std::memcpy(bytes.data(), &mixed, count);
    bytes = bytes.subspan(count);
  }
}

}  // namespace trunkline
