#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/error.h"
#include "server/config.h"

namespace sconce::server {

/// Whether the configuration can be right, as far as it can be told without opening a file. Errors: invalid_argument.
core::Status check_config(const Config& config);

/// The process: the store, the endpoints and the listening sockets, wired. Threads: one at a time; `run` has its own.
class App {
 public:
  /// Opens the store and listens. Errors: invalid_argument (the configuration), limit_exceeded (the tokens), not_found,
  /// io_error, corrupt, no_space.
  static core::Result<std::unique_ptr<App>> start(const Config& config);
  virtual ~App() = default;

  /// Serves until SIGTERM or SIGINT, finishes what is under way, and returns. Called once.
  virtual void run() = 0;
};

}  // namespace sconce::server
