#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/error.h"

struct ssl_st;  // NOLINT(readability-identifier-naming): OpenSSL's SSL

namespace sconce::cli {

/// By what a server is known, and by what it knows us. Files are PEM.
struct TlsArguments {
  std::string authorities_file;  ///< Whom to trust; empty: the system's, or SSL_CERT_FILE and SSL_CERT_DIR.
  std::string server_name;       ///< What the server's certificate is to be for; empty: the host of the URL.
  std::string certificate_file;  ///< Ours, and its key; empty: none.
  std::string key_file;

  bool given() const {
    return !(authorities_file.empty() && server_name.empty() && certificate_file.empty() && key_file.empty());
  }
};

/// The client's side of TLS 1.2 or 1.3 on a connected socket, which is borrowed and becomes non-blocking. What a server
/// shows is always verified. Threads: one at a time.
class TlsClient {
 public:
  /// Errors: invalid_argument (a file), io_error: no TLS, or another server, or not within `step`.
  static core::Result<TlsClient> begin(int socket, const std::string& host, const TlsArguments& arguments,
                                       std::chrono::seconds step);

  /// Errors: io_error, also if it takes longer than `step`.
  core::Status send(std::string_view bytes);
  /// Waits for at least one byte; 0: the server has said that this is the end. Errors: as `send`, also where the
  /// connection ends without that.
  core::Result<std::size_t> receive(std::span<char> out);

 private:
  struct Free {
    void operator()(ssl_st* session) const;
  };

  TlsClient(int socket, ssl_st* session, std::chrono::seconds step) : socket_(socket), session_(session), step_(step) {}

  template <class Operation>
  core::Result<std::size_t> perform(const char* doing, Operation operation);

  int socket_;
  std::unique_ptr<ssl_st, Free> session_;
  std::chrono::seconds step_;
};

}  // namespace sconce::cli
