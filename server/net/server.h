#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/error.h"
#include "server/net/admission.h"
#include "server/net/handler.h"
#include "server/net/options.h"
#include "server/net/tls.h"
#include "server/observe/log.h"
#include "server/observe/metrics.h"

namespace sconce::server::net {

/// HTTP/1.1 over TCP: some threads, each with its own io_context and its own socket on the same port, workers for what
/// blocks, and threads of a lower priority for what takes long. Threads: one at a time; `run` has its own.
class Server {
 public:
  /// Listens when it returns; answers once `run` is called. `handler`, `log`, `metrics` and `memory` are borrowed and
  /// outlive the server. `reload` is called at each SIGHUP, on the thread of `run`, while connections go on: it may
  /// read files, and keeps what it had where it cannot. Signals wait for it; it does not throw. `tls` is borrowed, too;
  /// null: plaintext. Errors: io_error (the port is in use, also where another process would share it),
  /// invalid_argument (no address, no name of a host, no origin).
  static core::Result<std::unique_ptr<Server>> listen(const NetOptions& options, const Handler& handler,
                                                      observe::Log& log, observe::Metrics& metrics,
                                                      MemoryBudget& memory, const TlsCredentials* tls,
                                                      std::function<void()> reload);
  virtual ~Server() = default;

  virtual std::uint16_t port() const = 0;

  /// Serves until SIGTERM or SIGINT; then takes no more connections, finishes what is under way, and returns. A second
  /// signal, or the shutdown timeout, ends what is still under way.
  virtual void run() = 0;
};

}  // namespace sconce::server::net
