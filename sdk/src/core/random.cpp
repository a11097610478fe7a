#include "core/random.hpp"

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <vector>

#include <openssl/rand.h>

namespace trunkline::inline v1::detail {
namespace {

std::vector<unsigned char> random_bytes(std::size_t count) {
  std::vector<unsigned char> bytes(count);
  if (RAND_bytes(bytes.data(), static_cast<int>(count)) != 1) throw std::runtime_error("no randomness");
  return bytes;
}

}  // namespace

std::string random_hex(std::size_t bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : random_bytes(bytes)) {
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

double random_fraction() {
  std::uint32_t number = 0;
  std::memcpy(&number, random_bytes(sizeof number).data(), sizeof number);
  return number / 4294967296.0;  // 2^32
}

}  // namespace trunkline::inline v1::detail
