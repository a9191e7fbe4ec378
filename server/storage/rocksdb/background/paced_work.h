#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace sconce::server::storage {

/// A thread for work that can wait. After each piece of it the thread rests as long as the piece took, so that it has
/// half of the disk at most. Threads: safe from many.
class PacedWork {
 public:
  /// Between two pieces: rests. False if the work is to end.
  using GoOn = std::function<bool()>;
  /// Does all that there is to do; whether there was anything. Must not throw.
  using Work = std::function<bool(const GoOn&)>;

  /// Begins with the work, and looks again and again whether there is more.
  explicit PacedWork(Work work);
  ~PacedWork();
  PacedWork(const PacedWork&) = delete;
  PacedWork& operator=(const PacedWork&) = delete;

  /// For good. Does not wait for a piece under way.
  void stop() noexcept;

 private:
  using Clock = std::chrono::steady_clock;

  void run();
  bool rest();

  const Work work_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_stopping_ = false;
  Clock::time_point resumed_at_;  // of the thread
  std::thread thread_;
};

}  // namespace sconce::server::storage
