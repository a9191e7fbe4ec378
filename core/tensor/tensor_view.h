#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/bytes/byte_source.h"
#include "core/bytes/cached_reads.h"
#include "core/error.h"
#include "core/event/element_type.h"

namespace sconce::core {

/// A tensor whose elements lie in a byte source: element (i0, …) is the one at byte
/// storage_offset_bytes + (first + Σ i_d·strides[d]) · size_bytes_of(type), in the canonical encoding.
struct TensorView {
  ElementType type = ElementType::u8;
  std::vector<std::int64_t> sizes;    // without dimensions: no elements
  std::vector<std::int64_t> strides;  // in elements
  std::int64_t first = 0;             // in elements, from 0
  std::uint64_t storage_offset_bytes = 0;

  /// Of all elements, row-major. Sizes have been checked to multiply.
  std::uint64_t size_bytes() const;
};

/// Hands out the elements of a tensor in row-major order (the last index fastest), whatever its strides. Long runs of
/// elements that lie together are not copied; otherwise whole blocks are gathered, in the order of the source, so that
/// one block reads each byte of it at most once, unless elements overlap. A block has 16 MiB: a large transposed tensor
/// is read once for every 16 MiB of it.
/// Lifetime: the source is borrowed. Threads: one at a time.
class StridedReader {
 public:
  static constexpr std::size_t kBlockBytesMax = std::size_t{16} << 20;

  /// `block_bytes_max` bounds the memory; one element is the least.
  StridedReader(ByteSource& source, const TensorView& view, std::size_t block_bytes_max = kBlockBytesMax);

  /// True if elements can be returned without copying (except those that straddle two chunks), or there are none.
  bool lies_in_runs() const;

  /// The next whole elements; empty at the end. The span lasts until the next call. Errors: the source's; then it is
  /// over.
  Result<std::span<const std::byte>> next();

 private:
  /// One dimension, in bytes of the source.
  struct Axis {
    std::int64_t size;
    std::int64_t stride_bytes;
  };
  /// A dimension of a block, which also has a place in the output.
  struct BlockAxis {
    std::int64_t size;
    std::int64_t from_stride_bytes;  // not negative
    std::int64_t to_stride_bytes;
  };
  /// A part of the tensor that is one run in row-major order: a range of one dimension, and all of those behind it.
  struct Block {
    std::vector<BlockAxis> axes;  // the largest stride in the source first
    std::uint64_t from_bytes = 0;
    std::int64_t to_bytes = 0;
    std::uint64_t size_bytes = 0;
  };

  std::uint64_t offset_of(std::uint64_t element) const;
  Result<std::span<const std::byte>> next_of_run();
  Block next_block() const;
  Status gather(const Block& block);
  Status gather_line(std::uint64_t from_bytes, std::int64_t to_bytes, const BlockAxis& axis, std::uint64_t end_bytes);

  CachedReads window_;
  std::size_t width_;
  std::size_t block_bytes_max_;
  std::vector<Axis> axes_;  // the outermost first; neighbours that lie together are one
  std::uint64_t begin_bytes_ = 0;
  std::uint64_t size_bytes_ = 0;
  std::uint64_t done_bytes_ = 0;
  std::vector<std::byte> block_;
};

}  // namespace sconce::core
