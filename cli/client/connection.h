#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string_view>

#include "cli/client/descriptor.h"
#include "cli/client/host_port.h"
#include "cli/client/tls_client.h"
#include "core/error.h"

namespace sconce::cli {

/// A connection to a server, plain or over TLS. Each step ends in time. Threads: one at a time.
class Connection {
 public:
  /// Over TLS if there are arguments for it. Errors: not_found (the host), io_error, and as TlsClient.
  static core::Result<Connection> open(const HostPort& to, const std::optional<TlsArguments>& tls,
                                       std::chrono::seconds step);

  /// Errors: io_error, also if it takes longer than `step`.
  core::Status send(std::string_view bytes);
  /// Waits for at least one byte; 0: the server has ended the connection. Errors: as `send`.
  core::Result<std::size_t> receive(std::span<char> out);

 private:
  explicit Connection(Descriptor socket) : socket_(std::move(socket)) {}

  Descriptor socket_;
  std::optional<TlsClient> tls_;
};

}  // namespace sconce::cli
