#include "base/crypto/hash.hpp"

#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace trunkline::crypto {
namespace {

struct Keyed {
  std::string key;
  std::string message;
  std::string_view digest;
};

// RFC 6234, section 8.5, RFC 3174 and RFC 1321, appendix A.5.
TEST_CASE("digests give the values of their standards") {
  const std::string two_blocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
  CHECK(hex_encode(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(hex_encode(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex_encode(sha256(two_blocks)) == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(hex_encode(sha256(std::string(1'000'000, 'a'))) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  CHECK(hex_encode(sha1("")) == "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  CHECK(hex_encode(sha1("abc")) == "a9993e364706816aba3e25717850c26c9cd0d89d");
  CHECK(hex_encode(sha1(two_blocks)) == "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  CHECK(hex_encode(md5("")) == "d41d8cd98f00b204e9800998ecf8427e");
  CHECK(hex_encode(md5("abc")) == "900150983cd24fb0d6963f7d28e17f72");
  CHECK(hex_encode(md5(std::string(1'000'000, 'a'))) == "7707d6ae4e027c70eea2a935c2296f21");
}

// RFC 4231, sections 4.2 to 4.5, 4.7 and 4.8.
TEST_CASE("HMAC-SHA256 gives the values of RFC 4231") {
  std::string rising_key;
  for (char byte = 1; byte <= 25; ++byte) rising_key += byte;
  const std::vector<Keyed> cases{
      {std::string(20, '\x0b'), "Hi There",
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {"Jefe", "what do ya want for nothing?",
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {std::string(20, '\xaa'), std::string(50, '\xdd'),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {rising_key, std::string(50, '\xcd'),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {std::string(131, '\xaa'),
       "This is a test using a larger than block-size key and a larger than block-size data. The key needs "
       "to be "
       "hashed before being used by the HMAC algorithm.",
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
      // From Python's hmac: a key of just a block, and no key and no message.
      {std::string(64, '\xaa'), "x", "ce3c639dcb9d8baae5d44c3b8b5e233faab4d1860e07489af5c84f213998bd79"},
      {"", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
  };
  for (const Keyed& example : cases) {
    CAPTURE(example.message);
    CHECK(hex_encode(hmac_sha256(example.key, example.message)) == example.digest);
    CHECK(hex_encode(HmacSha256Key(example.key).sign(example.message)) == example.digest);
  }
}

// contracts/voice-api.md, section 9.3: the check values of the webhook signature.
TEST_CASE("webhook bodies are signed as the partners' verifiers expect") {
  const std::vector<Keyed> cases{
      {"whsec_example",
       R"({"call_id":"call_9","event":"call.completed",)"
       R"("metadata":{"a":"Zo\u00eb \ud83d\udc4d","b":1.0},"status":"completed"})",
       "a277034508f2c9a689adc79db83a45cac855ff52c3ba87a0e7841936f91ca50e"},
      {"whsec_example",
       R"({"call_id": "call_9", "event": "call.completed", )"
       R"("metadata": {"a": "Zo\u00eb \ud83d\udc4d", "b": 1.0}, "status": "completed"})",
       "de0ea481cf89059fc0573bc256678941da11fb9337387386355b1e7c3be2d8eb"},
      {"whsec_example",
       R"({"call_id":"call_9","event":"call.completed","metadata":{"a":"Zoë 👍","b":1},"status":"completed"})",
       "36a8c3b719780466500bf2464bae8b2ee7967fbfe5fdeaabec47373e6b7338f9"},
  };
  for (const Keyed& example : cases) {
    CAPTURE(example.message);
    CHECK(hex_encode(hmac_sha256(example.key, example.message)) == example.digest);
  }
}

// RFC 2202, section 3, cases 1, 2, 6 and 7.
TEST_CASE("HMAC-SHA1 gives the values of RFC 2202") {
  const std::vector<Keyed> cases{
      {std::string(20, '\x0b'), "Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"},
      {"Jefe", "what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
      {std::string(80, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
       "aa4ae5e15272d00e95705637ce8a3b55ed402112"},
      {std::string(80, '\xaa'), "Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data",
       "e8e99d0f45237d786d6bbaa7965c7808bbff1a91"},
  };
  for (const Keyed& example : cases) {
    CAPTURE(example.message);
    CHECK(hex_encode(hmac_sha1(example.key, example.message)) == example.digest);
  }
}

// contracts/zadarma.md, section 2, vectors A and B.
TEST_CASE("a provider's request signature is the Base64 of hexadecimal text") {
  const std::string query =
      "end=2026-04-30+23%3A59%3A59&format=json&limit=1000&skip=0&start=2026-04-01+00%3A00%3A00";
  CHECK(hex_encode(md5(query)) == "0325d2f33d8b60e3c7b029b98b6d9625");
  const std::string text = "/v1/statistics/" + query + hex_encode(md5(query));
  CHECK(base64_encode(hex_encode(hmac_sha1("fakesecret9876543210", text))) ==
        "YTZkYTAyYWI1NTJkNjg4YmVjN2EwOGExYzFhYmYyYjVkMmZhNWFhOA==");
  const std::string balance = "/v1/info/balance/format=json" + hex_encode(md5("format=json"));
  CHECK(hex_encode(hmac_sha1("fakesecret9876543210", balance)) == "48bb1e906b2dfc878aa7144cbba34e8dc72f2627");
}

TEST_CASE("a prepared key signs as the plain function does, message after message and thread beside thread") {
  CHECK(rc::check([](const std::string& key, const std::vector<std::string>& messages) {
    const HmacSha256Key prepared(key);
    for (const std::string& message : messages) {
      RC_ASSERT(prepared.sign(message) == hmac_sha256(key, message));
      RC_ASSERT(prepared.sign_joined({message, ".", key}) == hmac_sha256(key, message + "." + key));
      RC_ASSERT(md5(message) == md5(message));  // another digest between, on the same thread
    }
  }));

  const HmacSha256Key shared("whsec_example");
  const Sha256 expected = hmac_sha256("whsec_example", "message");
  std::vector<int> wrong(4);
  {
    std::vector<std::jthread> threads;
    for (int& count : wrong) {
      threads.emplace_back([&shared, &expected, &count] {
        for (int i = 0; i < 1000; ++i) count += shared.sign("message") == expected ? 0 : 1;
      });
    }
  }
  CHECK(wrong == std::vector<int>(4));
}

}  // namespace
}  // namespace trunkline::crypto
