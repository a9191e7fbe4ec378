#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/bytes/byte_source.h"

namespace sconce::tests {

/// Bytes in memory, of which only a few lie together, and what was read of them. A span is overwritten by the next
/// call.
class SmallPiecesSource final : public core::ByteSource {
 public:
  SmallPiecesSource(std::span<const std::byte> bytes, std::size_t piece_bytes) : bytes_(bytes), piece_(piece_bytes) {}

  std::uint64_t size_bytes() const override { return bytes_.size(); }

  core::Result<std::span<const std::byte>> read(std::uint64_t offset, std::size_t size) override {
    const std::size_t size_to_border = piece_.size() - offset % piece_.size();
    const auto bytes = bytes_.subspan(offset, std::min(size, size_to_border));
    std::ranges::fill(piece_, std::byte{0xee});
    std::ranges::copy(bytes, piece_.begin());
    bytes_read_ += bytes.size();
    return std::span<const std::byte>(piece_).first(bytes.size());
  }

  std::uint64_t bytes_read() const { return bytes_read_; }

 private:
  std::span<const std::byte> bytes_;
  std::vector<std::byte> piece_;
  std::uint64_t bytes_read_ = 0;
};

}  // namespace sconce::tests
