#pragma once

#include <memory>
#include <thread>

#include "server/api/api.h"
#include "server/net/server.h"
#include "server/storage/engine.h"

namespace sconce::tests {

/// Connections in this process, to a handler of the test's, with one thread of each kind, and one request at a time for
/// each of them. Stops at its end, by SIGTERM, so there is one at a time. Lifetime: all is borrowed.
class ListeningServer {
 public:
  ListeningServer(const server::net::Handler& handler, server::observe::Log& log, server::observe::Metrics& metrics,
                  server::net::MemoryBudget& memory);
  ~ListeningServer();
  ListeningServer(const ListeningServer&) = delete;
  ListeningServer& operator=(const ListeningServer&) = delete;

  std::uint16_t port() const { return server_->port(); }

 private:
  std::unique_ptr<server::net::Server> server_;
  std::thread running_;
};

/// A server in this process, over a store of the test's. Lifetime: `store` is borrowed.
class LocalServer {
 public:
  explicit LocalServer(server::storage::StorageEngine& store);

  std::uint16_t port() const { return server_.port(); }
  const server::observe::Metrics& metrics() const { return metrics_; }

 private:
  server::observe::Log log_;
  server::observe::Metrics metrics_;
  server::net::MemoryBudget memory_{100 << 20, [this] { metrics_.limit_reached(server::observe::Limit::memory); }};
  const core::ClassLayouts classes_;
  server::api::OutlineCache outlines_{1 << 20};
  const std::filesystem::path directory_ = std::filesystem::temp_directory_path();
  const server::api::Access access_{proto::Anonymous::everything};
  const server::api::Api api_;
  const ListeningServer server_;
};

}  // namespace sconce::tests
