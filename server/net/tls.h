#pragma once

#include <filesystem>
#include <memory>
#include <mutex>

#include "core/error.h"
#include "server/observe/log.h"

struct ssl_st;      // NOLINT(readability-identifier-naming): OpenSSL's SSL
struct ssl_ctx_st;  // NOLINT(readability-identifier-naming): OpenSSL's SSL_CTX

namespace sconce::server::net {

/// PEM files.
struct TlsFiles {
  std::filesystem::path certificate;  ///< The server's, and behind it those that lead to its authority.
  std::filesystem::path key;          ///< Of the first of them; without a passphrase.
  /// Who connects must show a certificate of one of these; each is trusted as it stands. Empty: need not show any.
  std::filesystem::path client_authorities;
};

struct TlsFree {
  void operator()(ssl_st* session) const;
  void operator()(ssl_ctx_st* context) const;
};

/// The TLS side of one connection, not yet begun.
using TlsSession = std::unique_ptr<ssl_st, TlsFree>;

/// What the server shows its clients, and what it asks of them: TLS 1.2 and 1.3, ciphers with forward secrecy and
/// authentication only, no compression, no renegotiation, no resumption, ALPN `http/1.1` (docs/decisions/0034-tls.md).
///
/// Lifetime: the log is borrowed. Threads: `new_session` from many, while one reloads.
class TlsCredentials {
 public:
  /// What does not stop it but should be mended goes to `log`. Errors: not_found, io_error, invalid_argument: a file
  /// cannot be read, or is not what it should be; the key is another certificate's.
  static core::Result<std::unique_ptr<TlsCredentials>> load(const TlsFiles& files, observe::Log& log);

  /// Reads the files again, for the connections that come from now on; those that are open keep what they began with.
  /// Errors: as `load`; then nothing changes.
  core::Status reload();

  /// Throws bad_alloc.
  TlsSession new_session() const;

 private:
  using Context = std::unique_ptr<ssl_ctx_st, TlsFree>;

  TlsCredentials(TlsFiles files, observe::Log& log) : files_(std::move(files)), log_(log) {}

  const TlsFiles files_;
  observe::Log& log_;
  mutable std::mutex mutex_;  // of `context_`
  Context context_;
};

}  // namespace sconce::server::net
