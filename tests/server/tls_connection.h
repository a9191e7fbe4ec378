#pragma once

#include <cstdint>
#include <string>

#include "tests/server/http_client.h"

struct ssl_st;      // NOLINT(readability-identifier-naming): OpenSSL's SSL
struct ssl_ctx_st;  // NOLINT(readability-identifier-naming): OpenSSL's SSL_CTX

namespace sconce::tests {

struct TlsClientOptions {
  std::string authority;         // a file; whom the client trusts
  std::string certificate = {};  // files; the client's own; empty: none
  std::string key = {};
  std::string ciphers = {};   // of TLS 1.2; empty: OpenSSL's
  std::string protocol = {};  // of ALPN; empty: none is offered
  int version_max = 0;        // as TLS1_2_VERSION; 0: the newest
};

/// One connection over TLS; what HttpConnection does in the open.
class TlsConnection final : public HttpConnection {
 public:
  /// Agrees on TLS. See `error` for whether that went well.
  TlsConnection(std::uint16_t port, const TlsClientOptions& options);
  ~TlsConnection() override;

  /// Why there is no TLS, as OpenSSL names it; empty: there is.
  const std::string& error() const { return error_; }
  /// The name on the server's certificate.
  std::string server_name() const;
  std::string version() const;
  std::string protocol() const;
  /// Whether the server would go on with this session on another connection.
  bool can_resume() const;
  /// Asks for another handshake, as TLS 1.2 has it. False: the server does not do that.
  bool renegotiate();

  /// Says that nothing more comes.
  void say_end();
  /// Whether the server has said that nothing more comes, rather than just ended the connection.
  bool was_told_of_end() const { return was_told_of_end_; }

  bool send(std::string_view bytes) const override;

 protected:
  long receive_some(char* out, std::size_t size) override;

 private:
  ssl_ctx_st* context_;
  ssl_st* session_;
  std::string error_;
  bool was_told_of_end_ = false;
};

}  // namespace sconce::tests
