#pragma once

#include <atomic>

#include "core/memory_pool.h"

namespace sconce::tests {

/// A pool that has as much as anybody takes.
class UnlimitedMemory final : public core::MemoryPool {
 public:
  bool take(std::uint64_t bytes) override {
    taken_bytes_ += bytes;
    return true;
  }
  void give_back(std::uint64_t bytes) noexcept override { taken_bytes_ -= bytes; }
  std::uint64_t taken_bytes() const override { return taken_bytes_; }

 private:
  std::atomic<std::uint64_t> taken_bytes_ = 0;
};

}  // namespace sconce::tests
