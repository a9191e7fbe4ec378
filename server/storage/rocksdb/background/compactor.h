#pragma once

#include <functional>
#include <mutex>
#include <thread>

#include "server/storage/store_admin.h"

namespace sconce::server::storage {

/// Compacts on a thread of its own, one compaction at a time. Threads: safe from many.
class Compactor {
 public:
  using Compact = std::function<core::Result<Compaction>()>;

  explicit Compactor(Compact compact) : compact_(std::move(compact)) {}
  /// Waits for the one under way.
  ~Compactor();
  Compactor(const Compactor&) = delete;
  Compactor& operator=(const Compactor&) = delete;

  /// Tells how it ended; at once, where another is under way.
  void begin(StoreAdmin::Compacted compacted);

 private:
  bool start(StoreAdmin::Compacted& compacted);
  void run(StoreAdmin::Compacted compacted) noexcept;

  const Compact compact_;
  std::mutex mutex_;
  bool is_running_ = false;
  std::thread thread_;  // the last one
};

}  // namespace sconce::server::storage
