#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/event/element_type.h"
#include "core/event/event.h"

namespace sconce::core {

/// Which index moves fastest through the elements of a contiguous tensor.
enum class ElementOrder : std::uint8_t {
  last_index_first,   ///< Row-major, as C and Torch write arrays.
  first_index_first,  ///< Column-major, as Fortran does.
};

/// In elements. Sizes of 0 count as 1, so that a tensor without elements has strides too.
std::vector<std::int64_t> contiguous_strides(std::span<const std::int64_t> sizes, ElementOrder order);

/// A new tensor with a storage of its own, which its elements fill. Lifetime: `sizes` is borrowed. Threads: as a value.
struct ContiguousTensor {
  TensorClass tensor_class;
  std::span<const std::int64_t> sizes;
  ElementOrder order = ElementOrder::last_index_first;
  std::int32_t index = 1;          ///< Of the tensor.
  std::int32_t storage_index = 2;  ///< Of its storage.
};

/// Emits all before the elements; `count` of them follow. Errors: the sink's.
Status begin_contiguous_tensor(EventSink& sink, const ContiguousTensor& tensor, std::int64_t count);
/// The same with these strides, by which the elements fill the storage too. Lifetime: `strides` is borrowed.
Status begin_tensor(EventSink& sink, const ContiguousTensor& tensor, std::span<const std::int64_t> strides,
                    std::int64_t count);
/// Emits all after them. Errors: the sink's.
Status end_contiguous_tensor(EventSink& sink);

}  // namespace sconce::core
