#include "server/net/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <cstring>
#include <new>
#include <string>
#include <system_error>
#include <utility>

namespace sconce::server::net {

namespace {

using core::ErrorCode;
using core::Status;

// Of TLS 1.2; those of 1.3 are all good. Source: Mozilla's "intermediate", without DHE: a client can make the server
// compute for it at will (CVE-2002-20001), and whoever has these ciphers has ECDHE.
constexpr const char* kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* kCurves = "X25519:P-256:P-384";
constexpr int kSecurityLevel = 2;  // at least 112 bits: RSA of 2048

constexpr unsigned char kProtocols[] = "\x08http/1.1";  // RFC 7301, section 3.1: each behind its length

// Above what certificates of clients need. Stops a chain that takes long to check.
constexpr int kClientChainMax = 8;

/// What OpenSSL says of the failure, which it forgets. The first of its errors is the nearest to the cause.
std::string reason() {
  const unsigned long error = ERR_peek_error();
  ERR_clear_error();
  if (ERR_SYSTEM_ERROR(error)) return std::generic_category().message(ERR_GET_REASON(error));
  const char* const text = ERR_reason_error_string(error);
  return text != nullptr ? text : "unknown reason";
}

std::unexpected<core::Error> cannot_read(const std::string& what, const std::filesystem::path& file) {
  const unsigned long error = ERR_peek_error();
  const bool is_missing = ERR_SYSTEM_ERROR(error) && ERR_GET_REASON(error) == ENOENT;
  const ErrorCode code = is_missing ? ErrorCode::not_found : ErrorCode::invalid_argument;
  return core::fail(code, "cannot read " + what + " in " + file.string() + ", which is to be PEM: " + reason());
}

bool is_other_key(unsigned long error) {
  const int why = ERR_GET_REASON(error);
  if (ERR_GET_LIB(error) == ERR_LIB_SSL) return why == SSL_R_NO_CERTIFICATE_ASSIGNED;  // the key's kind is another one
  return ERR_GET_LIB(error) == ERR_LIB_X509 && (why == X509_R_KEY_TYPE_MISMATCH || why == X509_R_KEY_VALUES_MISMATCH);
}

/// Never asks: the server has nobody to ask, and would stand still.
int no_passphrase(char* /*out*/, int /*size*/, int /*writing*/, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

/// The first protocol of ours that the client offers; who offers others only is turned away.
int choose_protocol(SSL* /*session*/, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                    unsigned int offered_size, void* /*unused*/) {
  unsigned char* chosen = nullptr;
  const int found = SSL_select_next_proto(&chosen, out_size, kProtocols, sizeof kProtocols - 1, offered, offered_size);
  *out = chosen;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

Status set_defaults(SSL_CTX& context) {
  SSL_CTX_set_security_level(&context, kSecurityLevel);
  const bool set = SSL_CTX_set_min_proto_version(&context, TLS1_2_VERSION) == 1 &&
                   SSL_CTX_set_max_proto_version(&context, 0) == 1 &&
                   SSL_CTX_set_cipher_list(&context, kCiphers) == 1 &&
                   SSL_CTX_set1_groups_list(&context, kCurves) == 1 && SSL_CTX_set_num_tickets(&context, 0) == 1;
  if (!set) return core::fail(ErrorCode::invalid_argument, "OpenSSL does not take the defaults of TLS: " + reason());
  // The client's choice of a cipher stands: all are good, and it knows which its machine is fast at.
  SSL_CTX_clear_options(&context, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_options(&context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode(&context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(&context, choose_protocol, nullptr);
  return {};
}

Status use_certificate(SSL_CTX& context, const TlsFiles& files) {
  if (SSL_CTX_use_certificate_chain_file(&context, files.certificate.c_str()) == 1) return {};
  return cannot_read("a certificate", files.certificate);
}

Status use_key(SSL_CTX& context, const TlsFiles& files) {
  bool asked = false;
  SSL_CTX_set_default_passwd_cb(&context, no_passphrase);
  SSL_CTX_set_default_passwd_cb_userdata(&context, &asked);
  const bool used = SSL_CTX_use_PrivateKey_file(&context, files.key.c_str(), SSL_FILETYPE_PEM) == 1;
  SSL_CTX_set_default_passwd_cb_userdata(&context, nullptr);
  if (used && SSL_CTX_check_private_key(&context) == 1) return {};
  if (asked) {
    ERR_clear_error();
    return core::fail(ErrorCode::invalid_argument,
                      "the private key in " + files.key.string() + " has a passphrase; give one without");
  }
  if (!is_other_key(ERR_peek_error())) return cannot_read("a private key", files.key);
  ERR_clear_error();
  return core::fail(ErrorCode::invalid_argument, "the private key in " + files.key.string() +
                                                     " is not that of the first certificate in " +
                                                     files.certificate.string());
}

Status ask_for_certificates(SSL_CTX& context, const TlsFiles& files) {
  const std::filesystem::path& authorities = files.client_authorities;
  if (SSL_CTX_load_verify_file(&context, authorities.c_str()) != 1) {
    return cannot_read("certificates of authorities", authorities);
  }
  STACK_OF(X509_NAME)* const names = SSL_load_client_CA_file(authorities.c_str());
  if (names == nullptr) return cannot_read("certificates of authorities", authorities);
  SSL_CTX_set_client_CA_list(&context, names);
  SSL_CTX_set_verify(&context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_verify_depth(&context, kClientChainMax);
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(&context), X509_V_FLAG_PARTIAL_CHAIN);
  return {};
}

/// As `Nov 25 04:43:04 2027 GMT`.
std::string text_of(const ASN1_TIME* time) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  if (out == nullptr || ASN1_TIME_print(out.get(), time) != 1) return "an unknown time";
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

void report(SSL_CTX& context, const TlsFiles& files, observe::Log& log) {
  const ASN1_TIME* const end = X509_get0_notAfter(SSL_CTX_get0_certificate(&context));
  const std::string until = "the certificate in " + files.certificate.string() + " is valid until " + text_of(end);
  if (X509_cmp_current_time(end) < 0) log.warning("clients will refuse it: " + until);
  else log.info("TLS: " + until);
  struct stat status{};
  const bool is_open = ::stat(files.key.c_str(), &status) == 0 && (status.st_mode & (S_IROTH | S_IWOTH)) != 0;
  if (is_open) log.warning("every user of this machine has access to the private key in " + files.key.string());
}

}  // namespace

void TlsFree::operator()(ssl_st* session) const { SSL_free(session); }
void TlsFree::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }

core::Result<std::unique_ptr<TlsCredentials>> TlsCredentials::load(const TlsFiles& files, observe::Log& log) {
  std::unique_ptr<TlsCredentials> credentials(new TlsCredentials(files, log));
  if (Status loaded = credentials->reload(); !loaded) return std::unexpected(std::move(loaded.error()));
  return credentials;
}

Status TlsCredentials::reload() {
  ERR_clear_error();
  Context context(SSL_CTX_new(TLS_server_method()));
  if (context == nullptr) throw std::bad_alloc();
  Status status = set_defaults(*context);
  if (status) status = use_certificate(*context, files_);
  if (status) status = use_key(*context, files_);
  if (status && !files_.client_authorities.empty()) status = ask_for_certificates(*context, files_);
  if (!status) return status;
  {
    const std::lock_guard lock(mutex_);
    context_.swap(context);
  }
  report(*context_, files_, log_);  // once it is true; nothing else changes the context
  return {};
}

TlsSession TlsCredentials::new_session() const {
  const std::lock_guard lock(mutex_);
  TlsSession session(SSL_new(context_.get()));  // holds on to the context
  if (session == nullptr) throw std::bad_alloc();
  return session;
}

}  // namespace sconce::server::net
