#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <utility>

namespace sconce::server::storage {

/// Files that may be open at once, so that there are descriptors for what else needs some. Threads: safe from many.
class FileCount {
 public:
  explicit FileCount(std::size_t files_max) : files_max_(files_max) {}

  /// One file, as long as this lives. Lifetime: not longer than the count.
  class Share {
   public:
    explicit Share(FileCount& count) : count_(&count) {}
    ~Share() {
      if (count_ != nullptr) count_->files_ -= 1;
    }
    Share(Share&& other) noexcept : count_(std::exchange(other.count_, nullptr)) {}
    Share& operator=(Share&&) = delete;

   private:
    FileCount* count_;
  };

  /// Nothing if as many are open as may be.
  std::optional<Share> take() {
    if (files_.fetch_add(1) < files_max_) return std::optional<Share>(std::in_place, *this);
    files_ -= 1;
    return std::nullopt;
  }

 private:
  const std::size_t files_max_;
  std::atomic<std::size_t> files_ = 0;
};

}  // namespace sconce::server::storage
