#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/error.h"
#include "server/net/types.h"

namespace sconce::server::net {

/// Opens one listening socket per context, all on the same port by SO_REUSEPORT, so that the system spreads connections
/// over the threads. Port 0 is any free one. The first socket is bound without the option: where any other process
/// listens on the port, even one that would share it, that fails. Lifetime: `contexts` outlive the sockets.
/// Threads: no state. Errors: io_error, invalid_argument (`host` is no address).
core::Result<std::vector<Acceptor>> listen_on(const std::string& host, std::uint16_t port,
                                              const std::vector<std::unique_ptr<asio::io_context>>& contexts);

}  // namespace sconce::server::net
