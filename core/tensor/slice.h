#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "core/error.h"
#include "core/tensor/tensor_view.h"

namespace sconce::core {

/// Which elements of a tensor, one item a dimension, as NumPy means it: from 0, half-open, negative from the end.
///
///   slice := item ( "," item )*
///   item  := "..."                                            all dimensions that the other items leave; at most once
///          | integer                                          this one; the dimension goes
///          | [ integer ] ":" [ integer ] [ ":" [ integer ] ]  start, stop, step; the step is not 0
///
/// `0:10,:` are the first ten rows, `-1` is the last row, `...,::2` every second of the last dimension. Dimensions
/// without an item are taken whole.
struct SliceRange {
  std::optional<std::int64_t> start;
  std::optional<std::int64_t> stop;
  std::int64_t step = 1;
  friend bool operator==(const SliceRange&, const SliceRange&) = default;
};
struct SliceEllipsis {
  friend bool operator==(const SliceEllipsis&, const SliceEllipsis&) = default;
};
using SliceItem = std::variant<std::int64_t, SliceRange, SliceEllipsis>;
using Slice = std::vector<SliceItem>;

/// Stops a megabyte of commas.
inline constexpr std::size_t kSliceItemsMax = 64;

/// Errors: invalid_argument, with the offset in `text`.
Result<Slice> parse_slice(std::string_view text);

/// The view of these elements. Indexing away every dimension yields shape [1], because Torch7 has no 0-d tensors; an
/// empty tensor is returned unchanged. Threads: no state. Errors: invalid_argument (an index that is out of
/// range, more items than dimensions).
Result<TensorView> apply_slice(const Slice& slice, const TensorView& view);

}  // namespace sconce::core
