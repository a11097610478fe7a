#include "core/base_url.hpp"

#include <memory>

#include <curl/curl.h>

#include "core/refusal.hpp"

namespace trunkline::inline v1::detail {
namespace {

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

bool has_part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  const CURLUcode outcome = curl_url_get(url, part, &text, 0);
  curl_free(text);
  return outcome == CURLUE_OK;
}

bool is_unreserved(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return letter || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

}  // namespace

std::string checked_base_url(std::string_view url) {
  std::string text(url);
  const auto refuse = [&](const std::string& reason) {
    throw_failure(refusal("base_url \"" + text + "\" " + reason));
  };
  // NUL would end the text for curl and hide the rest from it.
  const bool is_whole = text.find('\0') == std::string::npos;
  if (!is_whole || (!text.starts_with("http://") && !text.starts_with("https://"))) {
    refuse("must begin with http:// or https://");
  }
  const std::unique_ptr<CURLU, FreeUrl> parsed(curl_url());
  if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    refuse("is no URL");
  }
  for (const CURLUPart part : {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY, CURLUPART_FRAGMENT}) {
    if (has_part(parsed.get(), part)) refuse("must have no user, query or fragment");
  }
  while (text.ends_with('/')) text.pop_back();
  return text;
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  for (const char character : text) {
    if (is_unreserved(character)) {
      encoded += character;
      continue;
    }
    const auto byte = static_cast<unsigned char>(character);
    encoded += '%';
    encoded += digits[byte >> 4U];
    encoded += digits[byte & 15U];
  }
  return encoded;
}

}  // namespace trunkline::inline v1::detail
