// Control C5 of docs/security.md.
#include "net/ssrf_guard.hpp"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include "net/loopback_server_testing.hpp"

using namespace trunkline;
using namespace trunkline::net;
using namespace trunkline::net::testing;

namespace {

// First, last and some middle address of every range that is not public, and the neighbours that are.
constexpr const char* not_public[] = {
    "0.0.0.0",
    "0.1.2.3",
    "0.255.255.255",  //
    "10.0.0.0",
    "10.255.255.255",  //
    "100.64.0.0",
    "100.127.255.255",  //
    "127.0.0.1",
    "127.255.255.255",  //
    "169.254.0.0",
    "169.254.169.254",
    "169.254.255.255",  //
    "172.16.0.0",
    "172.31.255.255",  //
    "192.0.0.0",
    "192.0.0.255",
    "192.0.2.1",
    "192.88.99.1",  //
    "192.168.0.0",
    "192.168.255.255",  //
    "198.18.0.0",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.7",  //
    "224.0.0.0",
    "239.255.255.255",
    "240.0.0.0",
    "255.255.255.255",  //
    "::",
    "::1",
    "::2",
    "::7f00:1",  //
    "fc00::",
    "fd00:ec2::254",
    "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",  //
    "fe80::1",
    "febf:ffff::1",
    "fec0::1",
    "ff02::1",  //
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",  //
    "64:ff9b::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::808:808",  //
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:1ff::1",  // Teredo, protocol assignments
    "2002:7f00:1::1",
    "2002:808:808::1",
    "2001:db8::1",
    "3fff::1",
    "100::1"  //
};
constexpr const char* public_ones[] = {
    "1.0.0.0",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "191.255.255.255",
    "192.0.1.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "8.8.8.8",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2001:200::1",
    "2001:4860:4860::8888",
    "2003::1",
    "2606:4700::1111",
    "3ffe::1",
    "2a00:1450::1",
};

// Spellings of 127.0.0.1, 169.254.169.254 and their like that some parser takes for an address.
constexpr const char* disguised[] = {
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://017700000001/",
    "https://0x7f.0.0.1/",
    "https://0177.0.0.1/",
    "https://127.1/",
    "https://127.0.1/",
    "https://0x7f.1/",
    "https://0/",
    "https://0x0/",
    "https://127.0.0.1./",
    "https://127.0.0.1.:443/",
    "https://%31%32%37.0.0.1/",
    "https://127.0.0.1%2f.example.com/",
    "https://2852039166/",
    "https://0xA9FEA9FE/",
    "https://0xa9.0xfe.0xa9.0xfe/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[0:0:0:0:0:ffff:a9fe:a9fe]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[fe80::1%25eth0]/",
    "https://[fd00:ec2::254]/",
    "https://[::127.0.0.1]/",
    "https://256.256.256.256/",
    "https://1.2.3.4.5/",
    "https://4294967296/",
    "https://localhost/",
    "https://LOCALHOST/",
    "https://app.localhost/",
    "https://localhost./",
    "https://intranet/",
    "https://\xe2\x91\xa0\xe2\x91\xa1\xe2\x91\xa6.0.0.1/",
    "https://\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.0.0.1/",
    "https://127\xe3\x80\x82"
    "0.0.1/",
    "https://b\xc3\xbc"
    "cher.example/",
};

constexpr const char* wrong[] = {
    "",
    "https://",
    "https:///hooks.example.com/",
    "https:/hooks.example.com/",
    "hooks.example.com",
    "//hooks.example.com/",
    "http://hooks.example.com/",
    "ftp://hooks.example.com/",
    "file:///etc/passwd",
    "gopher://hooks.example.com/",
    "javascript:alert(1)",
    "https://user@hooks.example.com/",
    "https://user:pw@hooks.example.com/",
    "https://@hooks.example.com/",
    "https://hooks.example.com@127.0.0.1/",
    "https://hooks.example.com\\@127.0.0.1/",
    "https://127.0.0.1\\@hooks.example.com/",
    "https://hooks.example.com:22/",
    "https://hooks.example.com:80/",
    "https://hooks.example.com:0/",
    "https://hooks.example.com:65536/",
    "https://hooks.example.com:443:80/",
    "https://hooks.example.com:443@10.0.0.1/",
    "https://hooks..example.com/",
    "https://.example.com/",
    "https://hooks.example.com./",
    "https://hooks example.com/",
    "https://hooks.example.com/a b",
    "https://hooks.example.com/\r\nHost: x",
    "https://hooks.example.com/\t",
    "https://hooks.example.com/\xc3\xbc",
    "https://[::1/",
    "https://[hooks.example.com]/",
    "https://xn--\x7f.example/",
};

UrlGuard guard_of(Resolver& resolver, UrlPolicy policy = {}) {
  return UrlGuard(std::move(policy), resolver);
}

}  // namespace

TEST_SUITE("URL guard") {
  TEST_CASE("only addresses for all of the Internet are public") {
    for (const char* text : not_public) {
      CAPTURE(std::string(text));
      CHECK_FALSE(is_public(IpAddress::parse(text).value()));
    }
    for (const char* text : public_ones) {
      CAPTURE(std::string(text));
      CHECK(is_public(IpAddress::parse(text).value()));
    }
  }

  TEST_CASE("a URL to a non-public address is refused in every disguise") {
    FakeResolver resolver = resolver_of({"8.8.8.8"});
    const UrlGuard guard = guard_of(resolver);
    for (const char* text : disguised) {
      CAPTURE(std::string(text));
      const auto url = guard.check(text);
      const bool is_refused = code_of(url) == "url_not_allowed" || code_of(url) == "invalid_url";
      CHECK(is_refused);
    }
    for (const char* text : not_public) {
      const bool is_v4 = std::string_view(text).find(':') == std::string_view::npos;
      const std::string url = is_v4 ? fmt::format("https://{}/", text) : fmt::format("https://[{}]/", text);
      CAPTURE(url);
      CHECK(code_of(guard.check(url)) == "url_not_allowed");
    }
    CHECK(resolver.look_ups == 0);
  }

  TEST_CASE("a URL that is not plain https to a full name is refused") {
    FakeResolver resolver = resolver_of({"8.8.8.8"});
    const UrlGuard guard = guard_of(resolver);
    for (const char* text : wrong) {
      CAPTURE(std::string(text));
      const auto url = guard.check(text);
      REQUIRE_FALSE(url);
      CHECK(url.error().kind() == ErrorKind::invalid);
      CHECK(url.error().message().ends_with('.'));
    }
    CHECK(code_of(guard.check("https://hooks.example.com/" + std::string(2023, 'x'))) == "url_not_allowed");
    CHECK(guard.check("https://hooks.example.com/" + std::string(2022, 'x')));
  }

  TEST_CASE("what is stored is what libcurl makes of it") {
    struct Case {
      const char* text;
      const char* normalised;
      const char* origin;
    };
    const Case cases[] = {
        {"https://hooks.example.com", "https://hooks.example.com/", "https://hooks.example.com:443"},
        {"HTTPS://Hooks.Example.COM:8443/A?b=c#d", "https://Hooks.Example.COM:8443/A?b=c#d",
         "https://hooks.example.com:8443"},
        {"https://xn--bcher-kva.example/a/../b", "https://xn--bcher-kva.example/b",
         "https://xn--bcher-kva.example:443"},
        {"https://8.8.8.8/", "https://8.8.8.8/", "https://8.8.8.8:443"},
        {"https://0x08080808/", "https://8.8.8.8/", "https://8.8.8.8:443"},
        {"https://[2606:4700:0000::1111]/", "https://[2606:4700::1111]/", "https://[2606:4700::1111]:443"},
        {"https://hooks.example.com:/", "https://hooks.example.com/", "https://hooks.example.com:443"},
        {"https://hooks.example.com/@127.0.0.1?u=a@b", "https://hooks.example.com/@127.0.0.1?u=a@b",
         "https://hooks.example.com:443"},
    };
    FakeResolver resolver = resolver_of({"8.8.8.8"});
    const UrlGuard guard = guard_of(resolver);
    for (const Case& each : cases) {
      CAPTURE(std::string(each.text));
      const auto url = guard.check(each.text);
      REQUIRE(url);
      CHECK(url->url().text() == each.normalised);
      CHECK(url->url().origin() == each.origin);
      CHECK(guard.check(url->url().text())->url().text() == each.normalised);
    }
  }

  TEST_CASE("the operator says which ports, and development may go anywhere") {
    FakeResolver resolver = resolver_of({"127.0.0.1"});
    const UrlGuard narrow = guard_of(resolver, {.ports = {443}});
    CHECK(code_of(narrow.check("https://hooks.example.com:8443/")) == "url_not_allowed");
    const UrlGuard open = guard_of(resolver, {.allow_private = true});
    for (const char* text :
         {"http://localhost:3000/", "http://127.0.0.1:9/", "https://[::1]:1/", "http://intranet/"}) {
      CAPTURE(std::string(text));
      CHECK(open.check(text));
    }
    for (const char* text : {"ftp://localhost/", "http://u:p@localhost/", "file:///etc/passwd"}) {
      CAPTURE(std::string(text));
      CHECK(code_of(open.check(text)) == "invalid_url");
    }
    runtime::run_to_completion([&] { CHECK(open.resolve(open.check("http://localhost/").value())); });
  }

  TEST_CASE("a name is refused when any of its addresses is not public") {
    const std::vector<std::vector<const char*>> answers = {
        {"127.0.0.1"},
        {"8.8.8.8", "10.0.0.1"},
        {"8.8.8.8", "::1"},
        {"169.254.169.254", "8.8.8.8"},
        {"2606:4700::1111", "::ffff:127.0.0.1"},
        {"8.8.8.8", "64:ff9b::a00:1"},
    };
    for (const auto& answer : answers) {
      CAPTURE(std::string(answer.back()));
      FakeResolver resolver = resolver_of(answer);
      const UrlGuard guard = guard_of(resolver);
      runtime::run_to_completion([&] {
        const auto addresses = guard.resolve(guard.check("https://hooks.example.com/").value());
        CHECK(code_of(addresses) == "address_not_allowed");
        CHECK(addresses.error().message().find(answer.back()) == std::string::npos);
      });
    }
    FakeResolver resolver = resolver_of({"8.8.8.8", "2606:4700::1111"});
    const UrlGuard guard = guard_of(resolver);
    runtime::run_to_completion(
        [&] { CHECK(guard.resolve(guard.check("https://hooks.example.com/").value())->size() == 2); });
  }
}
