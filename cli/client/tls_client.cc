#include "cli/client/tls_client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <new>
#include <utility>

#include "cli/client/descriptor.h"

namespace sconce::cli {
namespace {

using core::ErrorCode;
using core::Result;
using core::Status;
using Clock = std::chrono::steady_clock;

/// OpenSSL writes to sockets as to files; a server that has gone is an error, and no signal.
class NoSigpipe {
 public:
  NoSigpipe() {
    struct sigaction ignore{};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &ignore, &before_);
  }
  ~NoSigpipe() { ::sigaction(SIGPIPE, &before_, nullptr); }
  NoSigpipe(const NoSigpipe&) = delete;
  NoSigpipe& operator=(const NoSigpipe&) = delete;

 private:
  struct sigaction before_{};
};

std::string reason() {
  const unsigned long error = ERR_peek_error();
  ERR_clear_error();
  if (ERR_SYSTEM_ERROR(error)) return std::generic_category().message(ERR_GET_REASON(error));
  const char* const text = ERR_reason_error_string(error);
  return text != nullptr ? text : "unknown reason";
}

Status cannot_read(const std::string& what, const std::string& file) {
  return core::fail(ErrorCode::invalid_argument, "cannot read " + what + " in " + file + ": " + reason());
}

Status set_files(SSL_CTX& context, const TlsArguments& arguments) {
  const std::string& authorities = arguments.authorities_file;
  if (authorities.empty() && SSL_CTX_set_default_verify_paths(&context) != 1) {
    return core::fail(ErrorCode::io_error, "cannot read the system's authorities: " + reason());
  }
  if (!authorities.empty() && SSL_CTX_load_verify_file(&context, authorities.c_str()) != 1) {
    return cannot_read("certificates of authorities", authorities);
  }
  if (arguments.certificate_file.empty()) return {};
  if (SSL_CTX_use_certificate_chain_file(&context, arguments.certificate_file.c_str()) != 1) {
    return cannot_read("a certificate", arguments.certificate_file);
  }
  const std::string& key = arguments.key_file;
  const bool used = SSL_CTX_use_PrivateKey_file(&context, key.c_str(), SSL_FILETYPE_PEM) == 1;
  return used && SSL_CTX_check_private_key(&context) == 1 ? Status() : cannot_read("the certificate's key", key);
}

bool is_address(const std::string& name) {
  std::array<unsigned char, sizeof(in6_addr)> address;
  return ::inet_pton(AF_INET, name.c_str(), address.data()) == 1 ||
         ::inet_pton(AF_INET6, name.c_str(), address.data()) == 1;
}

bool expect_name(SSL& session, const std::string& name) {
  if (is_address(name)) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(&session), name.c_str()) == 1;
  // SSL_set_tlsext_host_name is this, with a cast of C's.
  return SSL_set1_host(&session, name.c_str()) == 1 &&
         SSL_ctrl(&session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(name.c_str())) ==
             1;
}

/// Waits until the socket can be read or written; false: not in time.
bool wait_for(int socket, short events, Clock::time_point until) {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
    if (left.count() <= 0) return false;
    pollfd waited{.fd = socket, .events = events, .revents = 0};
    const int ready = ::poll(&waited, 1, static_cast<int>(std::min<long>(left.count(), INT_MAX)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

std::string why_not_accepted(const SSL& session) {
  const long result = SSL_get_verify_result(&session);
  if (result == X509_V_OK) return reason();
  ERR_clear_error();
  return std::string("the server's certificate is not good: ") + X509_verify_cert_error_string(result);
}

}  // namespace

void TlsClient::Free::operator()(ssl_st* session) const { SSL_free(session); }

template <class Operation>
Result<std::size_t> TlsClient::perform(const char* doing, Operation operation) {
  const NoSigpipe no_sigpipe;
  const Clock::time_point until = Clock::now() + step_;
  while (true) {
    ERR_clear_error();
    std::size_t size = 0;
    const int result = operation(size);
    if (result == 1) return size;
    switch (SSL_get_error(session_.get(), result)) {
      case SSL_ERROR_ZERO_RETURN: return 0;
      case SSL_ERROR_WANT_READ:
      case SSL_ERROR_WANT_WRITE: {
        const short events = SSL_want_write(session_.get()) ? POLLOUT : POLLIN;
        if (!wait_for(socket_, events, until)) return std::unexpected(system_error(ETIMEDOUT, doing));
        break;
      }
      case SSL_ERROR_SYSCALL: return std::unexpected(system_error(errno, doing));
      default: return core::fail(ErrorCode::io_error, doing + (": " + why_not_accepted(*session_)));
    }
  }
}

Result<TlsClient> TlsClient::begin(int socket, const std::string& host, const TlsArguments& arguments,
                                   std::chrono::seconds step) {
  ERR_clear_error();
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  if (context == nullptr) throw std::bad_alloc();
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  if (Status set = set_files(*context, arguments); !set) return std::unexpected(std::move(set.error()));
  TlsClient client(socket, SSL_new(context.get()), step);
  if (client.session_ == nullptr) throw std::bad_alloc();
  SSL& session = *client.session_;
  const std::string& name = arguments.server_name.empty() ? host : arguments.server_name;
  const bool ready =
      expect_name(session, name) && SSL_set_fd(&session, socket) == 1 && ::fcntl(socket, F_SETFL, O_NONBLOCK) == 0;
  if (!ready) return core::fail(ErrorCode::invalid_argument, "cannot begin with TLS: " + reason());
  const auto agreed = client.perform("cannot agree on TLS", [&](std::size_t&) { return SSL_connect(&session); });
  if (!agreed) return std::unexpected(agreed.error());
  if (!SSL_is_init_finished(&session))
    return core::fail(ErrorCode::io_error, "cannot agree on TLS: the server ended it");
  return client;
}

Status TlsClient::send(std::string_view bytes) {
  const auto sent = perform("cannot send", [&](std::size_t& size) {
    return SSL_write_ex(session_.get(), bytes.data(), bytes.size(), &size);
  });
  return sent ? Status() : std::unexpected(sent.error());
}

Result<std::size_t> TlsClient::receive(std::span<char> out) {
  const auto got = perform(
      "cannot receive", [&](std::size_t& size) { return SSL_read_ex(session_.get(), out.data(), out.size(), &size); });
  return got;
}

}  // namespace sconce::cli
