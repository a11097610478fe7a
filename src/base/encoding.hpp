// Bytes as text and back: hexadecimal, Base64, percent-encoding, form bodies, and the CRC that ends a key.
// Decoders are strict: what an encoder would not have written is refused, so that one value has one spelling.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trunkline {

// Bytes to read, whether they stand in a string, an array or a vector. For parameters: it does not own them.
class ByteView {
 public:
  template <std::convertible_to<std::string_view> Text>
  ByteView(const Text& text) : text_(text) {}
  template <std::convertible_to<std::span<const std::uint8_t>> Bytes>
    requires(!std::convertible_to<Bytes, std::string_view>)
  ByteView(const Bytes& bytes) {
    const std::span<const std::uint8_t> span(bytes);
    text_ = {reinterpret_cast<const char*>(span.data()), span.size()};
  }

  const std::uint8_t* data() const { return reinterpret_cast<const std::uint8_t*>(text_.data()); }
  std::size_t size() const { return text_.size(); }
  bool empty() const { return text_.empty(); }
  std::uint8_t operator[](std::size_t position) const { return data()[position]; }
  const std::uint8_t* begin() const { return data(); }
  const std::uint8_t* end() const { return data() + size(); }
  std::string_view as_text() const { return text_; }

 private:
  std::string_view text_;
};

// Two lower-case digits a byte. Decoding takes either case and nothing when the length is odd or a digit is
// none.
std::string hex_encode(ByteView bytes);
std::optional<std::string> hex_decode(std::string_view text);

// RFC 4648, section 4, with padding.
std::string base64_encode(ByteView bytes);
std::optional<std::string> base64_decode(std::string_view text);
// RFC 4648, section 5 (`-` and `_`), without padding, as in keys and tokens.
std::string base64url_encode(ByteView bytes);
std::optional<std::string> base64url_decode(std::string_view text);

// For one component of a URL: letters, digits and `-._~` stay, the rest is %XX (RFC 3986, section 2.3).
std::string percent_encode(std::string_view text);
// Nothing when a % is not followed by two digits. A plus stays a plus.
std::optional<std::string> percent_decode(std::string_view text);

// For application/x-www-form-urlencoded: letters, digits and `-._` stay, a space is `+`, the rest is %XX. `~`
// is encoded, which every reader understands and one provider signs (contracts/zadarma.md, section 2).
std::string form_encode(std::string_view text);
std::optional<std::string> form_decode(std::string_view text);

using FormFields = std::vector<std::pair<std::string, std::string>>;

// "a=1&b=two+words" in order, repeated names kept, a field without `=` empty. Nothing when an escape is
// broken.
std::optional<FormFields> parse_form(std::string_view body);
std::string print_form(const FormFields& fields);

// The CRC-32 of zip and Ethernet (polynomial 0xedb88320, reflected). Finds typing errors, hides nothing.
std::uint32_t crc32(ByteView bytes);

}  // namespace trunkline
