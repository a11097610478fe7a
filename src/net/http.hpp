// HTTP in the words that both our server and our client use: methods, header fields, statuses.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trunkline::net {

enum class Method : std::uint8_t { get, head, post, put, patch, del, options };

std::string_view to_text(Method method);  // "GET", …
std::optional<Method> parse_method(
    std::string_view text);  // exact upper case; nothing for methods we do not speak

// The reason phrase of RFC 9110 for a status, "" when it has none.
std::string_view reason_phrase(int status);

// Header fields in their order. Names compare without regard to case (RFC 9110, section 5.1).
class Headers {
 public:
  struct Field {
    std::string name;
    std::string value;
  };

  Headers() = default;
  Headers(std::initializer_list<Field> fields) : fields_(fields) {}

  // The first field of that name.
  std::optional<std::string_view> find(std::string_view name) const;
  void add(std::string name, std::string value) {
    if (fields_.capacity() < usual_count) fields_.reserve(usual_count);
    fields_.push_back({std::move(name), std::move(value)});
  }
  // Replaces all fields of that name by one.
  void set(std::string name, std::string value);
  bool has(std::string_view name) const { return find(name).has_value(); }

  std::size_t size() const { return fields_.size(); }
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

 private:
  static constexpr std::size_t usual_count = 8;

  std::vector<Field> fields_;
};

// Splits a URL query or a form body at `&` and `=`, with `+` and percent escapes decoded. Repeated names are
// kept.
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query);

}  // namespace trunkline::net
