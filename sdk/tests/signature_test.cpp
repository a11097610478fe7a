// Signatures of webhooks: contracts/voice-api.md, sections 9.2 and 9.3, and Standard Webhooks 1.0.
#include "support.hpp"

namespace {

using std::chrono::sys_seconds;

constexpr const char* secret = "whsec_example";

// An example that the standard's own libraries are tested with.
constexpr const char* standard_secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr const char* standard_id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr const char* standard_time = "1614265330";
constexpr const char* standard_body = R"({"test": 2432232314})";
constexpr const char* standard_signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

bool verify_standard(const voice::StandardHeaders& headers, seconds later = seconds(0),
                     const char* body = standard_body, const voice::Secrets& secrets = standard_secret) {
  const trunkline::Timestamp now(seconds(1614265330) + later);
  return voice::verify_standard_webhook(body, headers, secrets, {.tolerance = seconds(300), .now = now});
}

TEST_SUITE("sdk signatures") {
  TEST_CASE("the check values of the contract hold for each style of body") {
    struct Row {
      std::string body;
      std::string signature;
    };
    const std::vector<Row> rows{
        {R"({"call_id":"call_9","event":"call.completed","metadata":{"a":"Zo\u00eb \ud83d\udc4d","b":1.0},)"
         R"("status":"completed"})",
         "a277034508f2c9a689adc79db83a45cac855ff52c3ba87a0e7841936f91ca50e"},
        {R"({"call_id": "call_9", "event": "call.completed", )"
         R"("metadata": {"a": "Zo\u00eb \ud83d\udc4d", "b": 1.0}, "status": "completed"})",
         "de0ea481cf89059fc0573bc256678941da11fb9337387386355b1e7c3be2d8eb"},
        {"{\"call_id\":\"call_9\",\"event\":\"call.completed\",\"metadata\":{\"a\":\"Zo\u00eb "
         "\U0001f44d\",\"b\":1},"
         "\"status\":\"completed\"}",
         "36a8c3b719780466500bf2464bae8b2ee7967fbfe5fdeaabec47373e6b7338f9"},
    };
    for (const Row& row : rows) {
      CAPTURE(row.body);
      CHECK(voice::sign_webhook(row.body, secret) == row.signature);
      CHECK(voice::verify_webhook(row.body, row.signature, secret));
      CHECK_FALSE(voice::verify_webhook(row.body + " ", row.signature, secret));
      CHECK_FALSE(voice::verify_webhook(row.body, row.signature, "whsec_other"));
    }
  }

  TEST_CASE("a signature is compared exactly: no upper case, no prefix, no spaces, not a part of it") {
    const std::string right = voice::sign_webhook("{}", secret);
    std::string upper = right;
    for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    for (const std::string& wrong : {upper, "sha256=" + right, " " + right, right + " ", right.substr(1),
                                     right.substr(0, 63), right + "0", std::string(), std::string(64, '0')}) {
      CAPTURE(wrong);
      CHECK_FALSE(voice::verify_webhook("{}", wrong, secret));
    }
    std::string one_bit_off = right;
    for (std::size_t at = 0; at < right.size(); ++at) {
      one_bit_off[at] = static_cast<char>(right[at] ^ 1);
      CHECK_FALSE(voice::verify_webhook("{}", one_bit_off, secret));
      one_bit_off[at] = right[at];
    }
    CHECK(voice::verify_webhook("{}", one_bit_off, secret));
  }

  TEST_CASE("bodies are bytes: NUL, what is not UTF-8, nothing at all") {
    using namespace std::string_view_literals;
    for (const std::string_view body : {"a\0b"sv, "\xff\xfe"sv, ""sv}) {
      const std::string signature = voice::sign_webhook(body, secret);
      CHECK(voice::verify_webhook(body, signature, secret));
      CHECK_FALSE(voice::verify_webhook(std::string(body) + '\0', signature, secret));
    }
  }

  TEST_CASE("while a secret is being replaced both are good; an empty one or none never is") {
    const std::string by_old = voice::sign_webhook("{}", "old");
    CHECK(voice::verify_webhook("{}", by_old, {"new", "old"}));
    CHECK(voice::verify_webhook("{}", by_old, {"old", "new"}));
    CHECK_FALSE(voice::verify_webhook("{}", by_old, "new"));
    CHECK_THROWS_AS(voice::Secrets(""), voice::ValidationError);
    CHECK_THROWS_AS(voice::Secrets(std::vector<std::string>{}), voice::ValidationError);
    CHECK_THROWS_AS(voice::Secrets({"good", ""}), voice::ValidationError);
    CHECK_THROWS_AS(voice::sign_webhook("{}", ""), voice::ValidationError);
    CHECK_THROWS_AS(voice::sign_standard_webhook("{}", "id", "1", ""), voice::ValidationError);
  }

  TEST_CASE("the example of Standard Webhooks is verified and made") {
    CHECK(verify_standard({standard_id, standard_time, standard_signature}));
    CHECK(voice::sign_standard_webhook(standard_body, standard_id, standard_time, standard_secret) ==
          standard_signature);
  }

  TEST_CASE("id, time and body are signed") {
    CHECK_FALSE(verify_standard({"msg_other", standard_time, standard_signature}));
    CHECK_FALSE(verify_standard({standard_id, "1614265331", standard_signature}));
    CHECK_FALSE(verify_standard({standard_id, standard_time, standard_signature}, seconds(0), "{}"));
    CHECK_FALSE(verify_standard({standard_id, standard_time, ""}));
    CHECK_FALSE(
        verify_standard({standard_id, standard_time, std::string_view(standard_signature).substr(3)}));
    const std::string without_id =
        voice::sign_standard_webhook(standard_body, "", standard_time, standard_secret);
    CHECK_FALSE(verify_standard({"", standard_time, without_id}));
  }

  TEST_CASE("any of several signatures and of several secrets may fit") {
    const std::string several = "v1a,abc v1,AAAA  " + std::string(standard_signature) + " v2,x";
    CHECK(verify_standard({standard_id, standard_time, several}));
    CHECK(verify_standard({standard_id, standard_time, standard_signature}, seconds(0), standard_body,
                          {"whsec_AAAA", standard_secret}));
    CHECK_FALSE(verify_standard({standard_id, standard_time, "v1,AAAA v1a,BBBB"}));
  }

  TEST_CASE("the time must be near, in both directions, and a number") {
    const voice::StandardHeaders headers{standard_id, standard_time, standard_signature};
    CHECK(verify_standard(headers, seconds(300)));
    CHECK(verify_standard(headers, seconds(-300)));
    CHECK_FALSE(verify_standard(headers, seconds(301)));
    CHECK_FALSE(verify_standard(headers, seconds(-301)));
    for (const char* time : {"", "x", "1614265330x", " 1614265330", "+1614265330", "1614265330.0", "-1",
                             "99999999999999999999", "9223372036854775807"}) {
      CAPTURE(time);
      const auto signed_so = voice::sign_standard_webhook(standard_body, standard_id, time, standard_secret);
      CHECK_FALSE(verify_standard({standard_id, time, signed_so}));
    }
    CHECK_FALSE(voice::verify_standard_webhook(standard_body, headers, standard_secret));  // by today's time
  }

  TEST_CASE("a secret that is not whsec_ and base64 is its own key") {
    for (const char* odd : {"plain secret", "whsec_", "whsec_not base64!", "whsec_QQ=", "whsec_QR=="}) {
      CAPTURE(odd);
      const auto signed_so = voice::sign_standard_webhook(standard_body, standard_id, standard_time, odd);
      CHECK(verify_standard({standard_id, standard_time, signed_so}, seconds(0), standard_body, odd));
      CHECK_FALSE(verify_standard({standard_id, standard_time, signed_so}));
    }
  }

  TEST_CASE("a replay guard tells the first coming from the next, until the memory is over") {
    const auto clock = std::make_shared<FakeClock>();
    voice::ReplayGuard guard(seconds(60), 100, clock);
    CHECK(guard.is_first("a"));
    CHECK_FALSE(guard.is_first("a"));
    CHECK(guard.is_first("b"));
    clock->sleep_for(seconds(59));
    CHECK_FALSE(guard.is_first("a"));
    clock->sleep_for(seconds(1));
    CHECK(guard.is_first("a"));
  }

  TEST_CASE("a replay guard forgets what it is told to, and the oldest when it is full") {
    voice::ReplayGuard guard(seconds(60), 2, std::make_shared<FakeClock>());
    CHECK(guard.is_first("a"));
    guard.forget("a");
    CHECK(guard.is_first("a"));
    CHECK_FALSE(guard.is_first("a"));
    CHECK(guard.is_first("b"));
    CHECK(guard.is_first("c"));
    CHECK(guard.is_first("a"));
    voice::ReplayGuard moved = std::move(guard);
    CHECK_FALSE(moved.is_first("a"));
    CHECK_THROWS_AS(voice::ReplayGuard(seconds(0)), voice::ValidationError);
    CHECK_THROWS_AS(voice::ReplayGuard(seconds(1), 0), voice::ValidationError);
  }

  TEST_CASE("of many threads that bring the same id one is the first") {
    voice::ReplayGuard guard;
    std::atomic<int> firsts = 0;
    {
      std::vector<std::jthread> threads;
      for (int thread = 0; thread < 8; ++thread) {
        threads.emplace_back([&] {
          for (int id = 0; id < 200; ++id) firsts += guard.is_first(std::to_string(id)) ? 1 : 0;
        });
      }
    }
    CHECK(firsts == 200);
  }
}

}  // namespace
