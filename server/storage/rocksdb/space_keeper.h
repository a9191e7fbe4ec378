#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace sconce::server::storage {

/// Wakes one thread. Threads: safe from many.
class Bell {
 public:
  void ring();
  /// For good: `wait` returns at once.
  void break_up();
  bool is_broken() const { return broken_; }
  /// Returns when it was rung since the last wait; `soon`: or after a second.
  void wait(bool soon);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool rung_ = false;
  std::atomic<bool> broken_ = false;
};

/// A thread that makes room on a volume that is full, and looks whether there is some again: with nobody writing, a
/// store must come back by itself.
class SpaceKeeper {
 public:
  /// Makes one attempt. Returns whether there is to be another one soon; otherwise it waits for the bell.
  using Attempt = std::function<bool()>;

  /// Begins with an attempt. `stop`, called once, ends one that is under way.
  SpaceKeeper(std::shared_ptr<Bell> bell, Attempt attempt, std::function<void()> stop);
  ~SpaceKeeper();
  SpaceKeeper(const SpaceKeeper&) = delete;
  SpaceKeeper& operator=(const SpaceKeeper&) = delete;

 private:
  void run();

  const std::shared_ptr<Bell> bell_;
  const Attempt attempt_;
  const std::function<void()> stop_;
  std::thread thread_;
};

}  // namespace sconce::server::storage
