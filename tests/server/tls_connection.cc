#include "tests/server/tls_connection.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <stdexcept>

namespace sconce::tests {

namespace {

std::string reason() {
  const char* const text = ERR_reason_error_string(ERR_peek_error());
  ERR_clear_error();
  return text != nullptr ? text : "the connection ended";
}

void require(bool holds) {
  if (!holds) throw std::runtime_error("the client's side of TLS: " + reason());
}

void apply(SSL_CTX& context, const TlsClientOptions& options) {
  SSL_CTX_set_security_level(&context, 0);  // what is refused is to be refused by the server
  SSL_CTX_set_verify(&context, SSL_VERIFY_PEER, nullptr);
  require(SSL_CTX_set_min_proto_version(&context, TLS1_VERSION) == 1);
  require(SSL_CTX_set_max_proto_version(&context, options.version_max) == 1);
  require(SSL_CTX_load_verify_file(&context, options.authority.c_str()) == 1);
  if (!options.ciphers.empty()) require(SSL_CTX_set_cipher_list(&context, options.ciphers.c_str()) == 1);
  if (options.certificate.empty()) return;
  require(SSL_CTX_use_certificate_chain_file(&context, options.certificate.c_str()) == 1);
  require(SSL_CTX_use_PrivateKey_file(&context, options.key.c_str(), SSL_FILETYPE_PEM) == 1);
}

}  // namespace

TlsConnection::TlsConnection(std::uint16_t port, const TlsClientOptions& options)
    : HttpConnection(port), context_(SSL_CTX_new(TLS_client_method())), session_(nullptr) {
  apply(*context_, options);
  session_ = SSL_new(context_);
  if (!options.protocol.empty()) {
    const std::string offered = static_cast<char>(options.protocol.size()) + options.protocol;
    require(SSL_set_alpn_protos(session_, reinterpret_cast<const unsigned char*>(offered.data()),
                                static_cast<unsigned>(offered.size())) == 0);
  }
  require(SSL_set1_host(session_, "localhost") == 1 && SSL_set_fd(session_, socket()) == 1);
  if (SSL_connect(session_) != 1) error_ = reason();
}

TlsConnection::~TlsConnection() {
  SSL_free(session_);
  SSL_CTX_free(context_);
}

std::string TlsConnection::server_name() const {
  char name[256] = {};
  X509* const certificate = SSL_get0_peer_certificate(session_);
  if (certificate == nullptr) return {};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
  return name;
}

std::string TlsConnection::version() const { return SSL_get_version(session_); }

std::string TlsConnection::protocol() const {
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(session_, &chosen, &size);
  return {reinterpret_cast<const char*>(chosen), size};
}

bool TlsConnection::can_resume() const { return SSL_SESSION_is_resumable(SSL_get0_session(session_)) == 1; }

bool TlsConnection::renegotiate() {
  const bool done = SSL_renegotiate(session_) == 1 && SSL_do_handshake(session_) == 1;
  if (!done) error_ = reason();
  return done;
}

void TlsConnection::say_end() { SSL_shutdown(session_); }

bool TlsConnection::send(std::string_view bytes) const {
  return bytes.empty() || SSL_write(session_, bytes.data(), static_cast<int>(bytes.size())) > 0;
}

/// An alert that says why the server ended the connection comes here, too: a client of TLS 1.3 is done before it.
long TlsConnection::receive_some(char* out, std::size_t size) {
  const int got = SSL_read(session_, out, static_cast<int>(size));
  if (got > 0) return got;
  was_told_of_end_ = SSL_get_error(session_, got) == SSL_ERROR_ZERO_RETURN;
  if (!was_told_of_end_) error_ = reason();
  return got;
}

}  // namespace sconce::tests
