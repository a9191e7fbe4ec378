#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "server/storage/failure_report.h"
#include "server/storage/rocksdb/database/stored_object.h"

namespace sconce::server::storage {

/// Drops garbage on a thread of its own, so that neither a commit nor the end of a reader waits for it. What fails is
/// tried again from time to time.
/// Threads: `add` and `drain` are safe from many. Ends with what was added before, unless a drop fails: what is left
/// then stays marked as garbage for the next start.
class GarbageSweeper {
 public:
  using Drop = std::function<Status(std::span<const Placement>)>;

  /// `drop` and `report` are called on the sweeper's thread, and must be callable until the destructor returns.
  GarbageSweeper(Drop drop, Report report);
  ~GarbageSweeper();

  /// Where there is no memory for it, it is left for the next start, too.
  void add(std::span<const Placement> garbage) noexcept;

  /// Waits until all that was added before has been dropped, or has failed to be once more.
  void drain();

 private:
  void run();
  void pass(std::unique_lock<std::mutex>& lock);
  Status drop(std::span<const Placement> garbage);

  Drop drop_;
  Report report_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Placement> waiting_;
  std::uint64_t passes_asked_ = 0;
  std::uint64_t passes_done_ = 0;
  int drains_ = 0;  // under way
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace sconce::server::storage
