// What libcurl is told about an exchange (curl_easy_setopt(3)): what never changes once for each handle, the
// rest before each use.
#include <cerrno>
#include <stdexcept>

#include <curl/curl.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "base/text.hpp"
#include "net/curl_driver.hpp"
#include "net/curl_transfer.hpp"

namespace trunkline::net {
namespace {

// A name may move: a connection is not used for ever.
constexpr long connection_age_max_seconds = 600;
// Above this libcurl would ask the server to wait with "Expect: 100-continue".
constexpr std::size_t expect_from_bytes = 1024UL * 1024;

Transfer& as_transfer(void* pointer) {
  return *static_cast<Transfer*>(pointer);
}

std::size_t on_header(char* bytes, std::size_t, std::size_t size, void* transfer) {
  return as_transfer(transfer).take_head_line({bytes, size}) ? size : 0;
}

std::size_t on_body(char* bytes, std::size_t, std::size_t size, void* transfer) {
  switch (as_transfer(transfer).take_body({bytes, size})) {
    case Transfer::Taken::all:
      return size;
    case Transfer::Taken::later:
      return CURL_WRITEFUNC_PAUSE;
    case Transfer::Taken::never:
      return 0;
  }
  return 0;
}

curl_socket_t on_open_socket(void* transfer, curlsocktype, curl_sockaddr* address) {
  if (!as_transfer(transfer).may_connect_to(address->addr)) return CURL_SOCKET_BAD;
  const int made =
      socket(address->family, address->socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, address->protocol);
  if (made >= 0) {
    as_transfer(transfer).driver().open_socket(made);
  } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS) {
    as_transfer(transfer).note_no_socket();
  }
  return made;
}

int on_close_socket(void* driver, curl_socket_t socket) {
  static_cast<CurlDriver*>(driver)->close_socket(socket);
  return 0;
}

int on_before_request(void* transfer, char* address, char*, int, int) {
  return as_transfer(transfer).may_send_to(address) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

CURLcode on_tls_context(CURL*, void* context, void* authorities) {
  X509_STORE* certificates = (*static_cast<const Authorities*>(authorities))();
  if (certificates == nullptr) return CURLE_SSL_CACERT_BADFILE;
  SSL_CTX_set1_cert_store(static_cast<SSL_CTX*>(context), certificates);
  return CURLE_OK;
}

// Names have been looked up before; libcurl never does.
int on_look_up(void*, void*, void* transfer) {
  return as_transfer(transfer).may_look_up() ? 0 : 1;
}

template <class Value>
void set(CURL* easy, CURLoption option, Value value) {
  if (curl_easy_setopt(easy, option, value) != CURLE_OK)
    throw std::logic_error("libcurl does not take an option");
}

}  // namespace

// Lines in one buffer, as the list that libcurl reads; it keeps no copy.
struct Transfer::Lines {
  void clear() {
    text.clear();
    starts.clear();
  }
  template <class... Parts>
  void add(const Parts&... parts) {
    starts.push_back(text.size());
    (text.append(parts), ...);
    text.push_back('\0');
  }
  curl_slist* list() {
    nodes.resize(starts.size());
    for (std::size_t i = 0; i < starts.size(); ++i) {
      nodes[i] = {text.data() + starts[i], i + 1 < starts.size() ? &nodes[i + 1] : nullptr};
    }
    return nodes.empty() ? nullptr : nodes.data();
  }

  std::string text;
  std::vector<std::size_t> starts;
  std::vector<curl_slist> nodes;
};

Transfer::Transfer(CurlDriver& driver, const ClientOptions& options, const Authorities& authorities)
    : driver_(driver),
      easy_(curl_easy_init()),
      user_agent_(options.user_agent),
      header_lines_(std::make_unique<Lines>()),
      pin_lines_(std::make_unique<Lines>()) {
  if (easy_ == nullptr) throw std::bad_alloc();
  set_constant_options(options, authorities);
}

Transfer::~Transfer() {
  curl_easy_cleanup(easy_);
}

void Transfer::set_constant_options(const ClientOptions& options, const Authorities& authorities) {
  set(easy_, CURLOPT_PRIVATE, this);
  set(easy_, CURLOPT_ERRORBUFFER, curl_message_.data());
  set(easy_, CURLOPT_NOSIGNAL, 1L);
  set(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy_, CURLOPT_FOLLOWLOCATION, 0L);
  set(easy_, CURLOPT_PROXY, "");
  set(easy_, CURLOPT_NOPROXY, "*");  // or it asks the environment each time
  set(easy_, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  set(easy_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(easy_, CURLOPT_TCP_NODELAY, 1L);
  set(easy_, CURLOPT_TCP_KEEPALIVE, 1L);
  set(easy_, CURLOPT_MAXLIFETIME_CONN, connection_age_max_seconds);
  set(easy_, CURLOPT_MAXAGE_CONN, static_cast<long>(options.idle_connection_max_age / seconds(1)));

  set(easy_, CURLOPT_SSL_VERIFYPEER, 1L);
  set(easy_, CURLOPT_SSL_VERIFYHOST, 2L);
  set(easy_, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(easy_, CURLOPT_SSL_SESSIONID_CACHE, 0L);  // it would be one a handle: much memory, few hits
  // All connections share one parsed set of authorities, which libcurl would read anew for each multi handle.
  set(easy_, CURLOPT_CAPATH, static_cast<char*>(nullptr));
  set(easy_, CURLOPT_CAINFO, static_cast<char*>(nullptr));
  set(easy_, CURLOPT_SSL_CTX_FUNCTION, &on_tls_context);
  set(easy_, CURLOPT_SSL_CTX_DATA, &authorities);

  set(easy_, CURLOPT_DNS_CACHE_TIMEOUT, -1L);  // pins stay until they are dropped
  set(easy_, CURLOPT_RESOLVER_START_FUNCTION, &on_look_up);
  set(easy_, CURLOPT_RESOLVER_START_DATA, this);
  set(easy_, CURLOPT_OPENSOCKETFUNCTION, &on_open_socket);
  set(easy_, CURLOPT_OPENSOCKETDATA, this);
  set(easy_, CURLOPT_CLOSESOCKETFUNCTION, &on_close_socket);
  set(easy_, CURLOPT_CLOSESOCKETDATA, &driver_);  // connections outlive transfers
  set(easy_, CURLOPT_PREREQFUNCTION, &on_before_request);
  set(easy_, CURLOPT_PREREQDATA, this);
  set(easy_, CURLOPT_HEADERFUNCTION, &on_header);
  set(easy_, CURLOPT_HEADERDATA, this);
  set(easy_, CURLOPT_WRITEFUNCTION, &on_body);
  set(easy_, CURLOPT_WRITEDATA, this);
}

void Transfer::prepare(const TransferOrder& order, std::span<const std::string> pins_to_drop) {
  const ClientRequest& request = order.request;
  url_ = order.url;
  public_only_ = order.public_only;
  streamed_ = order.streamed;
  repeatable_ = request.repeatable;
  is_head_ = request.method == Method::head;
  body_bytes_max_ = request.response_bytes_max;
  connect_by_ = order.connect_by;
  first_byte_by_ = order.first_byte_by;
  finish_by_ = order.finish_by;

  phase_ = Phase::connecting;
  failure_ = Failure::none;
  head_is_complete_ = false;
  paused_ = false;
  times_sent_ = 0;
  status_ = 0;
  head_bytes_ = 0;
  body_bytes_ = 0;
  headers_ = Headers();
  body_.clear();

  if (streamed_) own_body_ = request.body;
  // Libcurl reads the handle. The text, which it would print from the handle, is what it goes back to when it
  // must send again; a handle that is used again would have that of its last exchange.
  set(easy_, CURLOPT_CURLU, url_->handle());
  set(easy_, CURLOPT_URL, url_->text().c_str());
  set_method(request, streamed_ ? own_body_ : request.body);
  set_headers(request);
  set_pins(order.addresses, pins_to_drop);
}

void Transfer::set_method(const ClientRequest& request, std::string_view body) {
  const bool has_body = !body.empty() || request.method == Method::post || request.method == Method::put ||
                        request.method == Method::patch;
  const std::pair wanted(request.method, has_body);
  if (method_set_ != wanted) {
    set(easy_, CURLOPT_NOBODY, is_head_ ? 1L : 0L);
    if (!is_head_) set(easy_, has_body ? CURLOPT_POST : CURLOPT_HTTPGET, 1L);
    const bool is_implied = is_head_ || request.method == (has_body ? Method::post : Method::get);
    set(easy_, CURLOPT_CUSTOMREQUEST, is_implied ? nullptr : std::string(to_text(request.method)).c_str());
    method_set_ = wanted;
  }
  if (!has_body) return;
  set(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  // NOLINTNEXTLINE(bugprone-suspicious-stringview-data-usage): its size is told above
  set(easy_, CURLOPT_POSTFIELDS, body.data());
}

void Transfer::set_headers(const ClientRequest& request) {
  header_lines_->clear();
  bool has_type = false;
  bool has_agent = false;
  for (const auto& [name, value] : request.headers) {
    has_type = has_type || equal_ignoring_case(name, "Content-Type");
    has_agent = has_agent || equal_ignoring_case(name, "User-Agent");
    // "Name:" would take a header away; "Name;" sends it empty.
    value.empty() ? header_lines_->add(name, ";") : header_lines_->add(name, ": ", value);
  }
  if (!has_agent && !user_agent_.empty()) header_lines_->add("User-Agent: ", user_agent_);
  if (!has_type) header_lines_->add("Content-Type:");
  if (request.body.size() >= expect_from_bytes) header_lines_->add("Expect:");
  set(easy_, CURLOPT_HTTPHEADER, header_lines_->list());
}

// Libcurl connects to these addresses when it finds no open connection.
void Transfer::set_pins(std::span<const IpAddress> addresses, std::span<const std::string> pins_to_drop) {
  pin_lines_->clear();
  for (const std::string& pin : pins_to_drop) pin_lines_->add("-", pin);
  if (!url_->literal()) {
    std::string list;
    for (const IpAddress& address : addresses) {
      if (!list.empty()) list += ',';
      list += address.is_v4() ? address.to_text() : "[" + address.to_text() + "]";
    }
    pin_lines_->add(url_->host_and_port(), ":", list);
  }
  set(easy_, CURLOPT_RESOLVE, pin_lines_->list());
}

void Transfer::rest() {
  url_.reset();
  header_lines_->clear();
  own_body_ = std::string();
  headers_ = Headers();
  body_ = std::string();
}

}  // namespace trunkline::net
