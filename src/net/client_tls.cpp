#include "net/client_tls.hpp"

#include <future>
#include <optional>

#include <fmt/core.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <unistd.h>

#include "base/log.hpp"
#include "net/transport.hpp"

namespace trunkline::net {
namespace {

namespace asio = boost::asio;

constexpr const char* certificates_of_system = "/etc/ssl/certs/ca-certificates.crt";

struct FreeCertificates {
  void operator()(X509_STORE* store) const { X509_STORE_free(store); }
};
using Certificates = std::unique_ptr<X509_STORE, FreeCertificates>;

Certificates load_certificates(const std::string& file) {
  Certificates store(X509_STORE_new());
  if (!store) throw std::bad_alloc();
  if (X509_STORE_load_file(store.get(), file.c_str()) != 1) {
    throw std::runtime_error(fmt::format("The CA file {} cannot be read or has no certificates.", file));
  }
  // An authority in the file is trusted whether or not it is a root.
  X509_STORE_set_flags(store.get(), X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
  return store;
}

// The system's file has some hundred authorities, and reading them takes longer than the rest of the
// program's start: that happens beside it. A file of one's own is read at once, so that a wrong name shows at
// once.
std::shared_future<Certificates> begin_loading_certificates(const std::string& file) {
  if (file.empty() && access(certificates_of_system, R_OK) == 0)
    return std::async(std::launch::async, load_certificates, std::string(certificates_of_system));
  std::promise<Certificates> loaded;
  loaded.set_value(load_certificates(file.empty() ? certificates_of_system : file));
  return loaded.get_future();
}

asio::ssl::context context_trusting(X509_STORE* certificates) {
  asio::ssl::context context = tls_context(asio::ssl::context::tls_client);
  context.set_verify_mode(asio::ssl::verify_peer);
  SSL_CTX* tls = context.native_handle();
  SSL_CTX_set1_cert_store(tls, certificates);
  SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);  // much memory, few hits
  SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS);          // idle connections need none
  // RFC 7301, section 3.1: this client speaks nothing else.
  constexpr unsigned char protocols[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_CTX_set_alpn_protos(tls, protocols, sizeof protocols);
  return context;
}

}  // namespace

struct ClientTls::State {
  std::shared_future<Certificates> certificates;
  std::optional<asio::ssl::context> context;  // made for the first connection that needs it
};

ClientTls::ClientTls(const std::string& ca_file)
    : state_(std::make_unique<State>(begin_loading_certificates(ca_file))) {}

ClientTls::~ClientTls() = default;

asio::ssl::context* ClientTls::context() {
  try {
    if (!state_->context) state_->context.emplace(context_trusting(state_->certificates.get().get()));
    return &*state_->context;
  } catch (const std::exception& problem) {
    log::error("the certificates of the authorities cannot be read", {{"what", problem.what()}});
    return nullptr;
  }
}

}  // namespace trunkline::net
