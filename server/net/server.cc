#include "server/net/server.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/as_tuple.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <optional>
#include <thread>
#include <vector>

#include "server/net/connection/session.h"
#include "server/net/listener.h"

namespace sconce::server::net {

namespace {

using boost::system::error_code;
using std::chrono::milliseconds;

// Where the process has no descriptors left, accepting again at once would spin.
constexpr milliseconds kAcceptPause(100);

WorkerCounts worker_counts(const NetOptions& options) {
  return {.reads = options.worker_threads, .writes = options.worker_threads, .bulk = options.bulk_threads};
}

/// Clients that were refused and go on sending must not take all connections, of an address or of all.
std::size_t all_but_a_few(std::size_t connections_max) {
  return std::max<std::size_t>(1, connections_max - connections_max / 8);
}

/// Says so to a client for which there is no room, if that needs no waiting. A new socket takes that much at once.
void turn_away(Socket& socket) {
  constexpr std::string_view kAnswer =
      "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
  error_code ignored;
  socket.non_blocking(true, ignored);
  socket.send(asio::buffer(kAnswer), 0, ignored);
  socket.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
}

/// One I/O thread: its connections and the socket that it accepts them from.
struct Lane {
  Lane(asio::io_context& io_context, Acceptor listening) : context(io_context), acceptor(std::move(listening)) {}

  asio::io_context& context;
  std::optional<Acceptor> acceptor;
  Connections connections;
};

class AsioServer final : public Server {
 public:
  using Contexts = std::vector<std::unique_ptr<asio::io_context>>;

  AsioServer(const NetOptions& options, Sites sites, const Handler& handler, observe::Log& log,
             observe::Metrics& metrics, MemoryBudget& memory, const TlsCredentials* tls, std::function<void()> reload,
             Contexts contexts, std::vector<Acceptor> acceptors)
      : options_(options),
        sites_(std::move(sites)),
        log_(log),
        reload_(std::move(reload)),
        contexts_(std::move(contexts)),
        workers_(std::make_unique<Workers>(worker_counts(options))),
        gate_(options.connections_max, options.connections_per_address_max),
        drains_(all_but_a_few(options.connections_max), all_but_a_few(options.connections_per_address_max)),
        session_context_{options_, handler, log, metrics, *workers_, memory, drains_, sites_, tls},
        signals_(control_, SIGINT, SIGTERM),
        reload_signal_(control_, SIGHUP),
        deadline_(control_) {
    for (std::size_t i = 0; i < contexts_.size(); ++i) {
      lanes_.push_back(std::make_unique<Lane>(*contexts_[i], std::move(acceptors[i])));
    }
    port_ = lanes_.front()->acceptor->local_endpoint().port();
  }

  /// Coroutines that a hard stop left behind go before what they point to.
  ~AsioServer() override {
    workers_.reset();
    for (const auto& lane : lanes_) lane->acceptor.reset();  // it belongs to the context
    contexts_.clear();
  }

  std::uint16_t port() const override { return port_; }

  void run() override {
    wait_for_signal();
    wait_for_reload();
    std::vector<std::thread> threads;
    threads.reserve(lanes_.size());
    for (const auto& lane : lanes_) {
      threads.emplace_back([this, &lane = *lane] {
        spawn_accept_loop(lane);
        run_to_end(lane.context);
        asio::post(control_, [this] {
          if (++lanes_done_ == lanes_.size()) control_.stop();
        });
      });
    }
    run_to_end(control_);
    for (std::thread& thread : threads) thread.join();
  }

 private:
  /// What an operation of Asio throws, out of memory above all, ends that operation, and not the process.
  void run_to_end(asio::io_context& context) {
    while (true) {
      try {
        context.run();
        return;
      } catch (...) {
        report(std::current_exception());
      }
    }
  }

  void wait_for_signal() {
    signals_.async_wait([this](error_code error, int) {
      if (error) return;
      log_.info("stopping: finishing what is under way");
      session_context_.handler.stop();
      for (const auto& lane : lanes_) asio::post(lane->context, [&lane = *lane] { stop(lane); });
      signals_.async_wait([this](error_code again, int) {
        if (!again) stop_hard("a second signal");
      });
      deadline_.expires_after(milliseconds(options_.shutdown_timeout_ms));
      deadline_.async_wait([this](error_code passed) {
        if (!passed) stop_hard("the shutdown timeout");
      });
    });
  }

  void wait_for_reload() {
    reload_signal_.async_wait([this](error_code error, int) {
      if (error) return;
      reload_();
      wait_for_reload();
    });
  }

  static void stop(Lane& lane) {
    error_code ignored;
    lane.acceptor->close(ignored);
    lane.connections.stop();
  }

  void stop_hard(std::string_view why) {
    log_.error("ending what is still under way: " + std::string(why));
    for (const auto& lane : lanes_) lane->context.stop();
  }

  /// Out of memory ends one round of the loop, not the loop.
  void spawn_accept_loop(Lane& lane) {
    asio::co_spawn(lane.context, accept_loop(lane), [this, &lane](const std::exception_ptr& thrown) {
      report(thrown);
      if (thrown) spawn_accept_loop(lane);
    });
  }

  Awaitable<void> accept_loop(Lane& lane) {
    while (!lane.connections.stopping()) {
      Socket socket(lane.context);
      const auto [error] = co_await lane.acceptor->async_accept(socket, asio::as_tuple(UseAwaitable()));
      if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) co_return;
      if (error) {
        log_.error("cannot accept a connection: " + error.message());
        Timer pause(lane.context, kAcceptPause);
        co_await pause.async_wait(asio::as_tuple(UseAwaitable()));
        continue;
      }
      spawn_session(lane, std::move(socket));
    }
  }

  void spawn_session(Lane& lane, Socket socket) {
    error_code gone;
    const asio::ip::tcp::endpoint client = socket.remote_endpoint(gone);
    if (gone) return;
    std::expected<ConnectionGate::Permit, observe::Limit> permit = gate_.admit(client.address());
    if (!permit) {
      session_context_.metrics.limit_reached(permit.error());
      if (session_context_.tls == nullptr) turn_away(socket);  // over TLS an answer would need a handshake first
      return;
    }
    asio::co_spawn(lane.context,
                   serve_connection(std::move(socket), std::move(*permit), session_context_, lane.connections),
                   [this](const std::exception_ptr& thrown) { report(thrown); });
  }

  /// A connection that ended by an exception: out of memory, or a bug. The others go on.
  void report(const std::exception_ptr& thrown) {
    if (!thrown) return;
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& exception) {
      log_.error(std::string("a connection failed: ") + exception.what());
    } catch (...) {
      log_.error("a connection failed");
    }
  }

  const NetOptions options_;
  const Sites sites_;
  observe::Log& log_;
  const std::function<void()> reload_;
  asio::io_context control_;
  Contexts contexts_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::unique_ptr<Workers> workers_;
  ConnectionGate gate_;
  ConnectionGate drains_;
  SessionContext session_context_;
  asio::signal_set signals_;  // from the start: a signal that comes before `run` waits for it
  asio::signal_set reload_signal_;
  asio::steady_timer deadline_;
  std::uint16_t port_ = 0;
  std::size_t lanes_done_ = 0;
};

}  // namespace

core::Result<std::unique_ptr<Server>> Server::listen(const NetOptions& options, const Handler& handler,
                                                     observe::Log& log, observe::Metrics& metrics, MemoryBudget& memory,
                                                     const TlsCredentials* tls, std::function<void()> reload) {
  auto sites = Sites::of(options.sites);
  if (!sites) return std::unexpected(std::move(sites.error()));
  AsioServer::Contexts contexts;
  for (unsigned i = 0; i < std::max(1U, options.io_threads); ++i)
    contexts.push_back(std::make_unique<asio::io_context>(1));
  auto acceptors = listen_on(options.listen_host, options.listen_port, contexts);
  if (!acceptors) return std::unexpected(std::move(acceptors.error()));
  return std::make_unique<AsioServer>(options, std::move(*sites), handler, log, metrics, memory, tls, std::move(reload),
                                      std::move(contexts), std::move(*acceptors));
}

}  // namespace sconce::server::net
