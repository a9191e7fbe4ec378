#pragma once

#include <cstddef>
#include <optional>
#include <set>

#include "server/net/types.h"

namespace sconce::server::net {

/// A connection as shutdown sees it.
class Connection {
 public:
  virtual ~Connection() = default;
  /// Ends the connection if no request is under way on it.
  virtual void close_if_idle() = 0;
};

/// The connections of one I/O thread: their number is bounded, and shutdown waits for them. Threads: that one.
class Connections {
 public:
  Connections(asio::io_context& context, std::size_t count_max)
      : count_max_(count_max), free_slot_(std::in_place, context) {}

  void add(Connection& connection) { open_.insert(&connection); }
  void remove(Connection& connection) {
    open_.erase(&connection);
    if (free_slot_) free_slot_->cancel();
  }

  /// Returns when one more connection may be opened, or everything stops.
  Awaitable<void> wait_for_slot();

  /// From now on `stopping` is true: idle connections end, and the others end after the request under way.
  void stop();
  bool stopping() const { return stopping_; }

  /// Must be called before the context goes, if connections may outlive it.
  void release() { free_slot_.reset(); }

 private:
  const std::size_t count_max_;
  std::set<Connection*> open_;
  std::optional<Timer> free_slot_;
  bool stopping_ = false;
};

}  // namespace sconce::server::net
