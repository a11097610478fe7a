// Ids: UUIDs of version 7 (RFC 9562, section 5.7), so that they sort by the time they were made. One id has
// several renderings; this file has the two neutral ones, doors add their prefixes ("call_…").
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/random.hpp"

namespace trunkline {

class Uuid {
 public:
  using Bytes = std::array<std::uint8_t, 16>;

  constexpr Uuid() = default;  // all zero: "none"
  constexpr explicit Uuid(const Bytes& bytes) : bytes_(bytes) {}

  constexpr const Bytes& bytes() const { return bytes_; }
  std::string_view as_text() const { return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()}; }
  constexpr bool is_nil() const { return *this == Uuid(); }

  // The time that a version 7 id carries, to the millisecond.
  Instant made_at() const;

  friend constexpr auto operator<=>(const Uuid&, const Uuid&) = default;

 private:
  Bytes bytes_{};
};

// "0192f0c1-7a3b-7cde-8f00-112233445566"
std::string to_text(const Uuid& id);
std::optional<Uuid> parse_uuid(std::string_view text);

// 26 characters of Crockford's base 32 in lower case: short, sortable, safe in paths. The first character is
// 0 to 7.
std::string to_base32(const Uuid& id);
std::optional<Uuid> parse_base32(std::string_view text);

// `prefix` + base 32, as the doors show ids: "call_01jfz3k9…".
std::string with_prefix(std::string_view prefix, const Uuid& id);
// The reverse. Also takes the plain UUID, which operators paste from elsewhere.
std::optional<Uuid> parse_with_prefix(std::string_view prefix, std::string_view text);

// Makes ids that rise within this process even when the clock stands still or steps back. Safe on any thread.
class IdSource {
 public:
  IdSource(const Clock& clock, Random& random) : clock_(clock), random_(random) {}
  Uuid next();

 private:
  const Clock& clock_;
  Random& random_;
  std::atomic<std::uint64_t> last_{0};  // 48 bits of milliseconds, then 12 bits of counter
};

}  // namespace trunkline

template <>
struct std::hash<trunkline::Uuid> {
  std::size_t operator()(const trunkline::Uuid& id) const noexcept {
    return std::hash<std::string_view>()(id.as_text());
  }
};
