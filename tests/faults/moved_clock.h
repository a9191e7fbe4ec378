#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <random>
#include <vector>

namespace sconce::tests {

/// A wall clock that is set back and forward, for a program that is started with it. The clock of this machine, and of
/// this process, is left alone. Threads: one at a time.
class MovedClock {
 public:
  using Time = std::chrono::system_clock::time_point;

  /// `file` is how the program is told; it is made. The clock begins as the system's.
  MovedClock(std::filesystem::path file, std::uint64_t seed);
  ~MovedClock();
  MovedClock(const MovedClock&) = delete;
  MovedClock& operator=(const MovedClock&) = delete;

  /// In a child process, before it becomes the program.
  void give_to_child() const;

  /// Sets it: to some time in the first months of 1970, back or forward by hours, forward by years, or to the system's.
  void set_at_random();

  /// Whether this is a time that it has shown, to a millisecond.
  bool has_shown(Time time) const;
  std::size_t times_set() const { return settings_.size() - 1; }

 private:
  /// How much it is ahead of the system's clock, and the times between which it is so, on that one.
  struct Setting {
    Time from;
    Time until;
    std::chrono::nanoseconds ahead;
  };
  void set_ahead(std::chrono::nanoseconds ahead);

  const std::filesystem::path file_;
  std::mt19937_64 random_;
  std::atomic<std::int64_t>* ahead_ns_ = nullptr;  // in the file
  std::vector<Setting> settings_;
};

}  // namespace sconce::tests
