#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace sconce::core {

/// How reading one primitive ended.
enum class ReadStatus : std::uint8_t {
  complete,   ///< It was read, and the cursor is after it.
  need_more,  ///< It is not all there; the cursor is where it begins.
  failed,     ///< It cannot be read; the cursor's `token` says where.
};

/// The fewest bytes that a number of equal parts can take.
struct MinimumBytes {
  std::size_t each;
  std::size_t saved_once;  // by the last one
};

/// A place in the bytes at hand. Lifetime: the bytes are borrowed. Threads: as a value.
struct Cursor {
  Cursor(std::span<const std::byte> bytes, bool last)
      : begin(bytes.data()), position(begin), token(begin), end(begin + bytes.size()), is_last(last) {}

  const std::byte* begin;
  const std::byte* position;
  const std::byte* token;  // where the primitive that was read last begins
  const std::byte* end;
  bool is_last;  // nothing follows `end`

  std::size_t left() const { return static_cast<std::size_t>(end - position); }
};

}  // namespace sconce::core
