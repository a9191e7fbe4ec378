#pragma once

#include <cstdint>
#include <utility>

#include "core/error.h"

namespace sconce::core {

/// Memory that many requests draw from, so that together they hold no more than there is. Nobody waits for it, which
/// could not end where each waits for the others: what cannot be had is refused. Threads: safe from many.
class MemoryPool {
 public:
  virtual ~MemoryPool() = default;
  /// False: there is not as much left, and nothing was taken.
  [[nodiscard]] virtual bool take(std::uint64_t bytes) = 0;
  virtual void give_back(std::uint64_t bytes) noexcept = 0;
  /// What has been taken of it, by all.
  virtual std::uint64_t taken_bytes() const = 0;
};

/// Memory that is drawn from a pool while this lives, in few steps. As long as it is little nothing is drawn, so that
/// what needs little goes on when there is nothing left. Lifetime: the pool is borrowed. Threads: one at a time.
class Drawn {
 public:
  /// Null: from nothing, and as much as is wanted.
  explicit Drawn(MemoryPool* pool) : pool_(pool), covered_bytes_(pool == nullptr ? UINT64_MAX : kUndrawnBytes) {}
  Drawn(Drawn&& other) noexcept
      : pool_(other.pool_),
        covered_bytes_(std::exchange(other.covered_bytes_, 0)),
        drawn_bytes_(std::exchange(other.drawn_bytes_, 0)),
        bytes_(std::exchange(other.bytes_, 0)) {}
  Drawn& operator=(Drawn&&) = delete;
  ~Drawn() {
    if (drawn_bytes_ > 0) pool_->give_back(drawn_bytes_);
  }

  /// Errors: overloaded; then it is as much as before.
  Status add(std::uint64_t bytes) {
    if (bytes > covered_bytes_ - bytes_) {
      if (Status drawn = draw(bytes - (covered_bytes_ - bytes_)); !drawn) return drawn;
    }
    bytes_ += bytes;
    return {};
  }
  void release(std::uint64_t bytes) {
    bytes_ -= bytes;
    if (drawn_bytes_ > 0) give_back();
  }

  std::uint64_t bytes() const { return bytes_; }

 private:
  static constexpr std::uint64_t kUndrawnBytes = 16 * 1024;

  Status draw(std::uint64_t bytes);
  void give_back();

  MemoryPool* const pool_;
  std::uint64_t covered_bytes_;  // that it may be before more has to be drawn
  std::uint64_t drawn_bytes_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace sconce::core
