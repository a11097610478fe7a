// HTTP over libcurl: a pool of easy handles, each with one connection of its own.
#include <array>
#include <csignal>
#include <ctime>
#include <mutex>
#include <stdexcept>

#include <curl/curl.h>

#include "core/refusal.hpp"
#include "trunkline/transport.hpp"

namespace trunkline::inline v1 {
namespace {

constexpr std::size_t idle_handles_max = 16;

struct CloseHandle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using Handle = std::unique_ptr<CURL, CloseHandle>;

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

// A connection that the other side closed raises SIGPIPE in OpenSSL's write, and libcurl's own protection
// changes the whole process. This holds the signal back in the calling thread only.
class WithoutSigpipe {
 public:
  WithoutSigpipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~WithoutSigpipe() {
    const std::timespec at_once{};
    if (!was_pending_) sigtimedwait(&pipe_, nullptr, &at_once);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  WithoutSigpipe(const WithoutSigpipe&) = delete;
  WithoutSigpipe& operator=(const WithoutSigpipe&) = delete;

 private:
  sigset_t pipe_{};
  sigset_t before_{};
  bool was_pending_ = false;
};

// What a transfer writes to.
struct Receiver {
  HttpResponse response = {};
  std::size_t bytes_max = 0;
  bool too_large = false;
};

std::size_t on_body(char* data, std::size_t, std::size_t size, void* target) {
  auto& receiver = *static_cast<Receiver*>(target);
  if (receiver.response.body.size() + size > receiver.bytes_max) {
    receiver.too_large = true;
    return 0;
  }
  receiver.response.body.append(data, size);
  return size;
}

std::size_t on_header(char* data, std::size_t, std::size_t size, void* target) {
  auto& headers = static_cast<Receiver*>(target)->response.headers;
  std::string_view line(data, size);
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  if (line.starts_with("HTTP/")) headers.clear();  // the headers before were of an interim answer
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return size;
  std::string_view value = line.substr(colon + 1);
  while (value.starts_with(' ') || value.starts_with('\t')) value.remove_prefix(1);
  while (value.ends_with(' ') || value.ends_with('\t')) value.remove_suffix(1);
  headers.emplace_back(line.substr(0, colon), value);
  return size;
}

template <class T>
void set(const Handle& handle, CURLoption option, T value) {
  if (curl_easy_setopt(handle.get(), option, value) != CURLE_OK) {
    throw std::runtime_error("libcurl refuses an option that the SDK needs");
  }
}

void add_header(HeaderList& list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  (void)list.release();
  list.reset(longer);
}

void set_request(const Handle& handle, const HttpRequest& request, const HeaderList& headers) {
  set(handle, CURLOPT_URL, request.url.c_str());
  set(handle, CURLOPT_HTTPHEADER, headers.get());
  set(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
  set(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.connect_timeout.count()));
  if (request.method == "POST" || !request.body.empty()) {
    set(handle, CURLOPT_POSTFIELDS, request.body.c_str());
    set(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  }
  set(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  // libcurl repeats a request by itself when a connection that it had kept closes before the answer.
  set(handle, CURLOPT_FRESH_CONNECT, request.repeatable ? 0L : 1L);
}

void set_behaviour(const Handle& handle, const CurlOptions& options, Receiver& receiver, char* error_text) {
  set(handle, CURLOPT_ERRORBUFFER, error_text);
  set(handle, CURLOPT_WRITEFUNCTION, &on_body);
  set(handle, CURLOPT_WRITEDATA, static_cast<void*>(&receiver));
  set(handle, CURLOPT_HEADERFUNCTION, &on_header);
  set(handle, CURLOPT_HEADERDATA, static_cast<void*>(&receiver));
  set(handle, CURLOPT_NOSIGNAL, 1L);
  set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  set(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(handle, CURLOPT_ACCEPT_ENCODING, "");  // all that libcurl can decode
  set(handle, CURLOPT_PATH_AS_IS, 1L);
  set(handle, CURLOPT_MAXCONNECTS, 1L);
  if (!options.ca_file.empty()) set(handle, CURLOPT_CAINFO, options.ca_file.c_str());
}

bool is_temporary(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
      return true;
    default:
      return false;
  }
}

Failure failure_of(const Handle& handle, CURLcode code, const Receiver& receiver, const char* error_text) {
  Failure failure;
  failure.kind = code == CURLE_OPERATION_TIMEDOUT ? FailureKind::timeout : FailureKind::connection;
  failure.message = *error_text != '\0' ? error_text : curl_easy_strerror(code);
  if (receiver.too_large) {
    failure.message = "the answer is larger than " + std::to_string(receiver.bytes_max) + " bytes";
  }
  // Set once the connection stands, TLS included, and the request may go out; 0 until then.
  curl_off_t ready_after = 0;
  const CURLcode known = curl_easy_getinfo(handle.get(), CURLINFO_PRETRANSFER_TIME_T, &ready_after);
  failure.sent = known != CURLE_OK || ready_after != 0;
  failure.temporary = is_temporary(code);
  return failure;
}

class CurlTransport final : public Transport {
 public:
  explicit CurlTransport(CurlOptions options) : options_(std::move(options)) {
    // Once a process; thread-safe in this libcurl, and so is the initialisation of a static.
    static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (initialised != CURLE_OK) throw std::runtime_error("libcurl cannot be initialised");
  }

  Result<HttpResponse> send(const HttpRequest& request) override {
    Handle handle = take_handle();
    Receiver receiver{.bytes_max = options_.response_bytes_max};
    std::array<char, CURL_ERROR_SIZE> error_text{};
    HeaderList headers;
    for (const auto& [name, value] : request.headers) add_header(headers, name + ": " + value);
    add_header(headers, "Expect:");  // no waiting for "100 Continue" before a large body
    set_behaviour(handle, options_, receiver, error_text.data());
    set_request(handle, request, headers);

    const CURLcode code = [&] {
      const WithoutSigpipe quiet;
      return curl_easy_perform(handle.get());
    }();
    if (code != CURLE_OK) return failure_of(handle, code, receiver, error_text.data());
    long status = 0;
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
    receiver.response.status = static_cast<int>(status);
    give_back(std::move(handle));
    return std::move(receiver.response);
  }

 private:
  Handle take_handle() {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        Handle handle = std::move(idle_.back());
        idle_.pop_back();
        return handle;
      }
    }
    Handle handle(curl_easy_init());
    if (!handle) throw std::bad_alloc();
    return handle;
  }

  // A handle whose transfer failed is closed instead; nobody knows what its connection holds.
  void give_back(Handle handle) {
    curl_easy_reset(handle.get());  // keeps the connection
    const std::lock_guard lock(mutex_);
    if (idle_.size() < idle_handles_max) idle_.push_back(std::move(handle));
  }

  CurlOptions options_;
  std::mutex mutex_;
  std::vector<Handle> idle_;
};

}  // namespace

std::shared_ptr<Transport> curl_transport(CurlOptions options) {
  return std::make_shared<CurlTransport>(std::move(options));
}

}  // namespace trunkline::inline v1
