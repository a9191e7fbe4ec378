#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "core/bytes/byte_source.h"
#include "core/error.h"

namespace sconce::core {

/// The piece of a source that was read last, for those who read small things from nearly the same place. Things that
/// the source hands out in two pieces are put together.
/// Lifetime: the source is borrowed, and nobody else reads from it meanwhile. Threads: one at a time.
class CachedReads {
 public:
  /// The largest thing that is put together.
  static constexpr std::size_t kWholeBytesMax = 8;

  explicit CachedReads(ByteSource& source) : source_(source) {}

  /// The bytes from `offset` on, which lie below `end`: the first `whole` of them, and as many more as lie together.
  /// The span lasts until the next call. Errors: the source's.
  Result<std::span<const std::byte>> at(std::uint64_t offset, std::size_t whole, std::uint64_t end) {
    const std::span<const std::byte> held = held_from(offset);
    if (held.size() >= whole) return held.first(std::min<std::uint64_t>(held.size(), end - offset));
    if (held.empty()) {
      if (Status read = read_at(offset, end); !read) return std::unexpected(std::move(read.error()));
      if (piece_.size() >= whole) return piece_;
    }
    return put_together(offset, whole, end);
  }

 private:
  // A source that copies is not asked for what may never be used.
  static constexpr std::size_t kReadBytesMax = std::size_t{1} << 20;

  std::span<const std::byte> held_from(std::uint64_t offset) const {
    if (offset < begin_ || offset - begin_ >= piece_.size()) return {};
    return piece_.subspan(offset - begin_);
  }

  Status read_at(std::uint64_t offset, std::uint64_t end) {
    const auto piece = source_.read(offset, std::min<std::uint64_t>(end - offset, kReadBytesMax));
    piece_ = piece ? *piece : std::span<const std::byte>();
    begin_ = offset;
    if (!piece) return std::unexpected(piece.error());
    return {};
  }

  Result<std::span<const std::byte>> put_together(std::uint64_t offset, std::size_t whole, std::uint64_t end) {
    std::size_t have = 0;
    while (true) {
      const std::span<const std::byte> more = held_from(offset + have);
      const std::size_t taken = std::min(more.size(), whole - have);
      std::memcpy(whole_.data() + have, more.data(), taken);
      have += taken;
      if (have == whole) return std::span<const std::byte>(whole_).first(whole);
      if (Status read = read_at(offset + have, end); !read) return std::unexpected(std::move(read.error()));
    }
  }

  ByteSource& source_;
  std::uint64_t begin_ = 0;
  std::span<const std::byte> piece_;
  std::array<std::byte, kWholeBytesMax> whole_{};
};

}  // namespace sconce::core
