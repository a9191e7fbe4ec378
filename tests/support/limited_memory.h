#pragma once

#include <cstdint>

#include "core/memory_pool.h"

namespace sconce::tests {

/// A pool of so many bytes. Threads: one at a time.
class LimitedMemory final : public core::MemoryPool {
 public:
  explicit LimitedMemory(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}
  bool take(std::uint64_t bytes) override {
    if (bytes > bytes_max_ - taken_bytes_) return false;
    taken_bytes_ += bytes;
    return true;
  }
  void give_back(std::uint64_t bytes) noexcept override { taken_bytes_ -= bytes; }
  std::uint64_t taken_bytes() const override { return taken_bytes_; }

 private:
  const std::uint64_t bytes_max_;
  std::uint64_t taken_bytes_ = 0;
};

}  // namespace sconce::tests
