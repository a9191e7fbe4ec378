#pragma once

#include <string>
#include <vector>

#include "tests/server/certificates.h"
#include "tests/server/server_process.h"
#include "tests/server/tls_connection.h"
#include "tests/support/files.h"

namespace sconce::tests {

/// The files of a server with TLS, whose certificate is for `localhost`, and those of its clients.
class TlsFiles {
 public:
  TlsFiles() { write_server(authority_.issue("first")); }

  void write_server(const Certificate& certificate) const {
    directory_.write("server.pem", certificate.chain);
    directory_.write("server.key", certificate.key);
  }

  const Authority& authority() const { return authority_; }
  const TemporaryDirectory& directory() const { return directory_; }

  std::vector<std::string> flags(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all = {"--tls-cert", directory_ / "server.pem", "--tls-key", directory_ / "server.key"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  /// A client's that trusts the authority.
  TlsClientOptions client() const { return {.authority = authority_file_}; }
  /// The same, with a certificate of its own.
  TlsClientOptions client_with(const Certificate& certificate) const {
    return {.authority = authority_file_,
            .certificate = directory_.write("client.pem", certificate.chain),
            .key = directory_.write("client.key", certificate.key)};
  }
  const std::string& authority_file() const { return authority_file_; }

 private:
  const TemporaryDirectory directory_;
  const Authority authority_;
  const std::string authority_file_ = directory_.write("authority.pem", authority_.certificate());
};

}  // namespace sconce::tests
