#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/byte_source.h"
#include "core/element_type.h"
#include "core/error.h"

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

/// Hands out the elements of a tensor in row-major order (the last index fastest), whatever its strides. Memory is
/// bounded by kBlockBytesMax. Contiguous runs are not copied; of a tensor that is not contiguous each byte of the source is
/// read at most once for every block.
/// Lifetime: the source is borrowed. Threads: none.
class ElementGather {
 public:
  static constexpr std::size_t kBlockBytesMax = std::size_t{16} << 20;

  ElementGather(ByteSource& source, TensorView view);

  /// The next whole elements; empty at the end. The span lasts until the next call. Errors: the source's.
  Result<std::span<const std::byte>> next();

 private:
  Result<std::span<const std::byte>> next_contiguous();
  Status gather_block();

  ByteSource& source_;
  TensorView view_;
  std::uint64_t done_bytes_ = 0;
  std::vector<std::byte> block_;
};

}  // namespace sconce::core
