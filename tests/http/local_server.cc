#include "tests/http/local_server.h"

#include <csignal>
#include <stdexcept>

namespace sconce::tests {

namespace {

using namespace server;

constexpr std::uint64_t kObjectBytesMax = 64 << 20;

net::NetOptions options() {
  return {.listen_host = "127.0.0.1",
          .listen_port = 0,
          .io_threads = 1,
          .worker_threads = 1,
          .bulk_threads = 1,
          .connections_max = 100,
          .connections_per_address_max = 100,
          .requests_max = 1,
          .header_bytes_max = 16 * 1024,
          .body_bytes_max = kObjectBytesMax,
          .handshake_timeout_ms = 30'000,
          .idle_timeout_ms = 30'000,
          .header_timeout_ms = 30'000,
          .body_timeout_ms = 30'000,
          .write_timeout_ms = 30'000,
          .bytes_per_second_min = 1,
          .shutdown_timeout_ms = 30'000};
}

}  // namespace

ListeningServer::ListeningServer(const net::Handler& handler, observe::Log& log, observe::Metrics& metrics,
                                 net::MemoryBudget& memory) {
  auto listening = net::Server::listen(options(), handler, log, metrics, memory, nullptr, [] {});
  if (!listening) throw std::runtime_error("cannot listen");
  server_ = std::move(*listening);
  running_ = std::thread([this] { server_->run(); });
}

ListeningServer::~ListeningServer() {
  raise(SIGTERM);
  running_.join();
}

LocalServer::LocalServer(storage::StorageEngine& store)
    : metrics_(store.counters()),
      api_({.store = store,
            .admin = store,
            .scratch = store,
            .log = log_,
            .metrics = metrics_,
            .classes = classes_,
            .outlines = outlines_,
            .memory = &memory_.pool_of(net::MemoryBudget::Client::known),
            .memory_of_strangers = &memory_.pool_of(net::MemoryBudget::Client::stranger),
            .spool_directory = directory_,
            .held_bytes_max = 1 << 20,
            .expanded_bytes_max = 1 << 20,
            .body_bytes_max = kObjectBytesMax,
            .batch_entries_max = 10,
            .require_conditions = false},
           access_),
      server_(api_, log_, metrics_, memory_) {}

}  // namespace sconce::tests
