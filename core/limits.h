#pragma once

#include <cstddef>
#include <cstdint>

namespace sconce::core {

/// What one input may ask of a reader. Each limit names the attack that it stops. Exceeding one is
/// `ErrorCode::limit_exceeded`, at the byte and path where it happened. The defaults are for a program that reads one
/// file of its own; server/config.h says where a server differs. Threads: as a value.
struct ReadLimits {
  /// Containers inside containers. Stops `{{{{…` from growing the reader's stack: about 300 bytes a level.
  /// Torch7 itself reads 4,672 levels of tables before its C stack ends.
  std::size_t depth_max = 10'000;

  /// Bytes of one string. Strings longer than `kInlineStringBytesMax` stream, so this bounds what a sink may be
  /// made to keep. The default is what the format itself can say.
  std::uint64_t string_bytes_max = 0x7fffffff;

  /// Bytes of a class name or a version string, which the reader must hold whole. Stops a 2 GiB "class name".
  std::size_t class_name_bytes_max = 1024;

  /// Bytes of a header that must be held whole, as safetensors has one, and its tensors again. Stops 100 MB of names
  /// from becoming several times that in memory. The default is that format's own limit.
  std::size_t header_bytes_max = 100'000'000;

  /// Bytes of one number in ascii, which must be seen whole to be read. A double written out exactly has up to 1,077.
  std::size_t number_bytes_max = 4096;

  /// Dimensions of one tensor; sizes and strides are held while it is read. Stops "2147483647 dimensions".
  std::int32_t dimensions_max = 1024;

  /// Indices that the reader must remember one by one: every storage (16 to 24 bytes), and every index that is not the
  /// successor of the one before it (about 48 bytes). Stops an input of nothing but tiny storages or scattered
  /// indices from filling memory. Indices numbered 1, 2, 3, … as Torch writes them cost nothing.
  std::size_t indices_max = std::size_t{1} << 24;
};

/// A string up to this size is one event; a longer one is announced and followed by its bytes in parts.
inline constexpr std::size_t kInlineStringBytesMax = 64 * 1024;

}  // namespace sconce::core
