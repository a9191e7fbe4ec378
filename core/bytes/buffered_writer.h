#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <span>

#include "core/bytes/byte_sink.h"

namespace sconce::core {

/// Gathers small writes into larger ones; 64 KiB of memory.
///
/// Lifetime: `out` is borrowed; what was written is in `out` only after `flush`. Threads: one at a time. Errors: those
/// of `out`, kept in `status`; after one nothing more is written.
class BufferedWriter {
 public:
  explicit BufferedWriter(ByteSink& out) : out_(out) {}

  /// Room for `size` ≤ kRoomBytesMax bytes, to be filled and then taken by `advance`. Null if `out` failed; see
  /// `status`.
  std::byte* room(std::size_t size) {
    if (buffer_.size() - used_ < size && !flush()) return nullptr;
    return buffer_.data() + used_;
  }
  /// How much room there is behind `room`, which asks for less.
  std::size_t room_bytes() const { return buffer_.size() - used_; }
  void advance(std::size_t size) { used_ += size; }

  /// Large writes are passed on as they are.
  bool write(std::span<const std::byte> bytes) {
    if (bytes.size() > kPassOnBytes) return flush() && pass_on(bytes);
    std::byte* to = room(bytes.size());
    if (to == nullptr) return false;
    if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
    advance(bytes.size());
    return true;
  }

  bool flush() {
    const std::size_t size = used_;
    used_ = 0;
    return size == 0 || pass_on({buffer_.data(), size});
  }

  /// The error of `out`, if it had one.
  const Status& status() const { return status_; }

  static constexpr std::size_t kRoomBytesMax = 1024;

 private:
  static constexpr std::size_t kPassOnBytes = 4096;

  bool pass_on(std::span<const std::byte> bytes) {
    if (status_) status_ = out_.write(bytes);
    return status_.has_value();
  }

  ByteSink& out_;
  Status status_;
  std::size_t used_ = 0;
  std::array<std::byte, 64 * 1024> buffer_;
};

}  // namespace sconce::core
