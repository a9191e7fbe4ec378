#pragma once

#include "server/net/types.h"

namespace sconce::server::net {

struct WorkerCounts {
  unsigned reads;
  unsigned writes;
  unsigned bulk;
};

/// The threads for what an I/O thread must not do, as three queues, so that none waits behind what takes longer.
/// Threads: safe from many.
class Workers {
 public:
  explicit Workers(const WorkerCounts& counts);
  /// Waits for the jobs under way; the others are dropped.
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// For what is short, and waits for the disk at most to read from it.
  asio::thread_pool& reads() { return reads_; }
  /// For what may wait for a commit, and so for the disk to have written it.
  asio::thread_pool& writes() { return writes_; }
  /// For what takes long, and is not urgent: the parsing of large bodies, the making of large answers. These threads
  /// have a lower priority, so that all others take the processor from them at once. Where the system refuses that,
  /// they have the usual one.
  asio::thread_pool& bulk() { return bulk_; }

 private:
  asio::thread_pool reads_;
  asio::thread_pool writes_;
  asio::thread_pool bulk_;
};

}  // namespace sconce::server::net
