#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "server/storage/stored_object.h"

namespace sconce::server::storage {

/// Drops garbage on a thread of its own, so that neither a commit nor the end of a reader waits for it.
/// Threads: `add` is safe from many. Ends with what was added before, unless a drop fails: what is left then stays
/// marked as garbage for the next start.
class GarbageSweeper {
 public:
  using Drop = std::function<Status(std::span<const Garbage>)>;
  using Report = std::function<void(const core::Error&)>;

  /// `drop` and `report` are called on the sweeper's thread, and must be callable until the destructor returns.
  GarbageSweeper(Drop drop, Report report);
  ~GarbageSweeper();

  void add(std::span<const Garbage> garbage);

 private:
  void run();

  Drop drop_;
  Report report_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Garbage> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace sconce::server::storage
