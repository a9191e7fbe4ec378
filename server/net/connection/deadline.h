#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "server/net/types.h"

namespace sconce::server::net {

/// A moment at which what is waited for is given up: `cancel` is called, again and again until `clear`, so that the
/// operation under way ends, and the connection can still be written to. To set it costs nothing as long as it moves
/// on: the timer that waits for an earlier one is left alone. Threads: the executor's.
class Deadline {
 public:
  using Clock = std::chrono::steady_clock;

  /// `cancel` is called from the executor, as long as this lives.
  Deadline(const Executor& executor, std::function<void()> cancel);
  ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  /// From now on it is this moment. To be called right before the operation begins that it is for.
  void set(Clock::time_point due);
  /// There is none: nothing is waited for. To be called when the operation has ended.
  void clear();
  /// Whether the last one that was set has passed.
  bool passed() const;

 private:
  struct State;
  static void arm(const std::shared_ptr<State>& state);

  std::shared_ptr<State> state_;
};

/// What another side may take its time with, in one direction: `grace` at a time, and in the long run no more than
/// `bytes / bytes_per_second_min`. So a slow link may take as long as it needs, and one byte a second, or nothing, ends
/// after about `grace`. Only the time counts that the other side was waited for. Lifetime: `deadline` is borrowed.
class RateLimit {
 public:
  struct Limits {
    std::chrono::milliseconds grace;
    std::uint64_t bytes_per_second_min;
  };
  RateLimit(Deadline& deadline, const Limits& limits) : deadline_(deadline), limits_(limits), left_(limits.grace) {}

  /// The other side is waited for from now on.
  void wait();
  /// It has sent, or taken, so many bytes.
  void moved(std::uint64_t bytes);

 private:
  Deadline& deadline_;
  const Limits limits_;
  Deadline::Clock::duration left_;
  Deadline::Clock::time_point began_;
};

}  // namespace sconce::server::net
