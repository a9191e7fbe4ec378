#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/error.h"

namespace sconce::core {

/// Bytes that can be read from any place: a mapped file, a stored revision.
/// Threads: calls to one source are made by one thread at a time. Errors: each source names its own. Units: bytes.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual std::uint64_t size_bytes() const = 0;

  /// The first of the bytes [offset, offset + size), which must lie in the source: at least one, if `size` is not 0,
  /// and as many as lie together. The span lasts until the next call or the source's end.
  virtual Result<std::span<const std::byte>> read(std::uint64_t offset, std::size_t size) = 0;

  /// Memory that reading has taken, and no budget knows of.
  virtual std::uint64_t held_bytes() const { return 0; }
  /// Gives back that memory; reading goes on all the same. Ends the last span.
  virtual void release() {}
};

/// Bytes in memory. Lifetime: they are borrowed, and spans last as long as they do.
class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::uint64_t size_bytes() const override { return bytes_.size(); }
  Result<std::span<const std::byte>> read(std::uint64_t offset, std::size_t size) override {
    return bytes_.subspan(offset, size);
  }

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace sconce::core
