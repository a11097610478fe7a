#include "base/crypto/seal.hpp"

#include <algorithm>

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "base/crypto/initialise.hpp"

namespace trunkline::crypto {
namespace {

SecretBox::Key key_from(std::uint8_t first) {
  SecretBox::Key key{};
  std::ranges::generate(key, [&] { return first++; });
  return key;
}

// Gives the bytes it was made with, then nothing sensible.
class FixedRandom final : public Random {
 public:
  explicit FixedRandom(std::string bytes) : bytes_(std::move(bytes)) {}
  void fill(std::span<std::uint8_t> bytes) override { std::ranges::copy(ByteView(bytes_), bytes.begin()); }

 private:
  std::string bytes_;
};

// draft-irtf-cfrg-xchacha-03, appendix A.3.1.
TEST_CASE("sealing gives the vector of the draft, behind its nonce") {
  initialise();
  const SecretBox box(key_from(0x80));
  const std::string nonce = hex_decode("404142434445464748494a4b4c4d4e4f5051525354555657").value();
  const std::string context = hex_decode("50515253c0c1c2c3c4c5c6c7").value();
  FixedRandom random(nonce);
  const std::string secret =
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen "
      "would "
      "be it.";
  const std::string sealed = box.seal(secret, context, random);
  CHECK(hex_encode(sealed) ==
        hex_encode(nonce) +
            "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa644"
            "0bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e"
            "3f3fac2bc369488f76b2383565d3fff921f9664c97637da9768812f615c68b13b52e"
            "c0875924c1c7987947deafd8780acf49");
  CHECK(box.open(sealed, context) == secret);
}

TEST_CASE("what was sealed opens with the same key and context, and never otherwise") {
  initialise();
  SeededRandom random(1);
  const SecretBox box(key_from(1));
  const SecretBox other(key_from(2));
  CHECK(rc::check([&](const std::string& secret, const std::string& context) {
    const std::string sealed = box.seal(secret, context, random);
    RC_ASSERT(sealed.size() == secret.size() + SecretBox::added_bytes);
    RC_ASSERT(box.open(sealed, context).value() == secret);
    RC_ASSERT(!other.open(sealed, context));
    RC_ASSERT(!box.open(sealed, context + "x"));
    RC_ASSERT(box.seal(secret, context, random) != sealed);
    std::string changed = sealed;
    changed[*rc::gen::inRange<std::size_t>(0, sealed.size())] ^= 1;
    RC_ASSERT(!box.open(changed, context));
    RC_ASSERT(!box.open(sealed.substr(0, *rc::gen::inRange<std::size_t>(0, sealed.size())), context));
  }));
}

TEST_CASE("a secret that cannot be opened says why and what to do") {
  initialise();
  const SecretBox box(key_from(1));
  const auto opened = box.open("too short", "account");
  REQUIRE(!opened);
  CHECK(opened.error().code() == error_codes::secret_unreadable);
  CHECK(opened.error().message() ==
        "a stored secret cannot be opened: it was sealed with another key or for another owner, or it is "
        "damaged; "
        "check the master key, or store the secret again");
}

}  // namespace
}  // namespace trunkline::crypto
