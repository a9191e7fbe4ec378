#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace sconce::server::storage {

/// Wakes one thread. Threads: safe from many.
class Wakeup {
 public:
  void notify();
  /// For good: `wait` returns at once.
  void close();
  bool is_closed() const { return closed_; }
  /// Returns when it was notified since the last wait; `soon`: or after a second.
  void wait(bool soon);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool notified_ = false;
  std::atomic<bool> closed_ = false;
};

/// A thread that makes room on a volume that is full, and looks whether there is some again: with nobody writing, a
/// store must come back by itself.
class SpaceKeeper {
 public:
  /// Makes one attempt. Returns whether there is to be another one soon; otherwise it waits to be woken.
  using Attempt = std::function<bool()>;

  /// Begins with an attempt. `stop`, called once, ends one that is under way.
  SpaceKeeper(std::shared_ptr<Wakeup> wakeup, Attempt attempt, std::function<void()> stop);
  ~SpaceKeeper();
  SpaceKeeper(const SpaceKeeper&) = delete;
  SpaceKeeper& operator=(const SpaceKeeper&) = delete;

 private:
  void run();

  const std::shared_ptr<Wakeup> wakeup_;
  const Attempt attempt_;
  const std::function<void()> stop_;
  std::thread thread_;
};

}  // namespace sconce::server::storage
