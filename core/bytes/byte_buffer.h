#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <utility>

namespace sconce::core {

/// Bytes that arrive in parts and whose announced size is not to be believed: memory follows what has come, and growing
/// moves pages rather than bytes where the C library can.
///
/// Lifetime: owns its bytes; spans last until the next `append`. Threads: one at a time. Errors: std::bad_alloc.
class ByteBuffer {
 public:
  /// `expected_bytes` is what is announced in all; the first part, if it is all, is allocated exactly.
  explicit ByteBuffer(std::uint64_t expected_bytes = 0) : expected_(expected_bytes) {}

  void append(std::span<const std::byte> bytes) {
    if (bytes.empty()) return;
    if (capacity_ - size_ < bytes.size()) grow(size_ + bytes.size());
    std::memcpy(data_.get() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
  }

  std::span<const std::byte> bytes() const { return {data_.get(), size_}; }

  /// Hands the memory over; the bytes stay where they are.
  std::shared_ptr<const void> release() { return std::shared_ptr<std::byte>(std::move(data_)); }

 private:
  struct Free {
    void operator()(std::byte* data) const { std::free(data); }
  };

  void grow(std::size_t needed) {
    const std::size_t doubled = std::max(needed, 2 * capacity_);
    const auto capacity =
        static_cast<std::size_t>(std::max<std::uint64_t>(needed, std::min<std::uint64_t>(doubled, expected_)));
    auto* grown = static_cast<std::byte*>(std::realloc(data_.get(), capacity));
    if (grown == nullptr) throw std::bad_alloc();
    (void)data_.release();  // realloc has freed it, or moved nothing
    data_.reset(grown);
    capacity_ = capacity;
  }

  std::unique_ptr<std::byte, Free> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  std::uint64_t expected_;
};

}  // namespace sconce::core
