// Where randomness comes from. Ids, keys and jitter are drawn from a Random that is handed in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace trunkline {

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::uint8_t> bytes) = 0;

  std::uint64_t next();
  // Evenly from [0, bound); 0 when the bound is 0.
  std::uint64_t below(std::uint64_t bound);
  // Evenly from [0, 1).
  double fraction();
};

// The operating system's generator, good enough for keys. Safe on any thread.
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override;
};

// The same sequence for the same seed, for tests and simulations; never for keys. For one thread.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  void fill(std::span<std::uint8_t> bytes) override;

 private:
  std::uint64_t state_;
};

}  // namespace trunkline
