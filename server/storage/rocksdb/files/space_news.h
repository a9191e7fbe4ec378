#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

namespace sconce::server::storage {

/// Tells the log that the volume is full, and that it no longer is: each once, and where that changes again and again,
/// once a minute. What is told last is true. Likewise that there is no room for something large. Threads: safe from
/// many.
class SpaceNews {
 public:
  explicit SpaceNews(std::function<void(const std::string&)> tell) : tell_(std::move(tell)) {}

  void begins(const std::string& text);
  void ends(const std::string& text);
  /// There is no room for something, though the volume is not full. Told at most once a minute.
  void refuses(const std::string& text);
  /// Tells that the volume is full where that had to wait. To be called now and then while it is.
  void tell_overdue();

 private:
  using Clock = std::chrono::steady_clock;

  void tell_if_due();

  const std::function<void(const std::string&)> tell_;
  std::mutex mutex_;
  std::optional<std::string> begun_;               // and not told yet
  bool is_told_ = false;                           // that it is full
  std::optional<Clock::time_point> told_;          // when that was told last
  std::optional<Clock::time_point> refusal_told_;  // when a refusal was
};

}  // namespace sconce::server::storage
