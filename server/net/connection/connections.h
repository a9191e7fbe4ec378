#pragma once

#include <set>
#include <vector>

namespace sconce::server::net {

/// A connection as shutdown sees it.
class Connection {
 public:
  virtual ~Connection() = default;
  /// Ends the connection if no request is under way on it.
  virtual void close_if_idle() = 0;
};

/// The connections of one I/O thread, as shutdown sees them. Threads: that one.
class Connections {
 public:
  void add(Connection& connection) { open_.insert(&connection); }
  void remove(Connection& connection) { open_.erase(&connection); }

  /// From now on `stopping` is true: idle connections end, and the others end after the request under way.
  void stop() {
    stopping_ = true;
    const std::vector<Connection*> open(open_.begin(), open_.end());
    for (Connection* const connection : open) connection->close_if_idle();
  }
  bool stopping() const { return stopping_; }

 private:
  std::set<Connection*> open_;
  bool stopping_ = false;
};

}  // namespace sconce::server::net
