#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include "core/event/element_type.h"
#include "core/event/geometry.h"
#include "core/little_endian.h"

namespace sconce::core {

/// The class header of an instance: its name and the version string in front of it (core/event/event.h).
struct ClassHeader;

/// A run of elements of one type, shared by the tensors that view it. A node of an `Object`, in the canonical encoding.
///
/// Lifetime: lives in its Object; so do the bytes, unless the object was made as a view of bytes of the caller's.
class Storage {
 public:
  Storage(TensorClass tensor_class, const ClassHeader* header, const std::byte* data, std::int64_t count)
      : tensor_class_(tensor_class), header_(header), data_(data), count_(count) {}

  TensorClass tensor_class() const { return tensor_class_; }
  ElementType type() const { return tensor_class_.type; }
  const ClassHeader& header() const { return *header_; }
  std::int64_t count() const { return count_; }
  std::size_t size_bytes() const { return static_cast<std::size_t>(count_) * size_bytes_of(type()); }

  /// All elements: little-endian, not necessarily aligned.
  std::span<const std::byte> bytes() const { return {data_, size_bytes()}; }

  /// Element `i`, 0 ≤ i < count(). `T` must have the size of the type; f16 is read as its bits, a uint16_t.
  template <class T>
  T at(std::int64_t i) const {
    static_assert(std::is_arithmetic_v<T>);
    return load_little_endian<T>(data_ + static_cast<std::size_t>(i) * sizeof(T));
  }

 private:
  TensorClass tensor_class_;
  const ClassHeader* header_;
  const std::byte* data_;
  std::int64_t count_;
};

/// A view on a storage: sizes[d] and strides[d] count elements; element (i0, …) is storage[offset - 1 + Σ
/// i_d·strides[d]]. A tensor without dimensions has no elements: Torch7 has no scalars.
///
/// A node of an `Object`. Every element has been checked to lie in the storage. Threads: reading is safe from many.
class Tensor {
 public:
  Tensor(TensorClass tensor_class, const ClassHeader* header, std::span<const std::int64_t> sizes,
         std::span<const std::int64_t> strides, std::int64_t offset, const Storage* storage)
      : tensor_class_(tensor_class),
        header_(header),
        sizes_(sizes),
        strides_(strides),
        offset_(offset),
        storage_(storage) {}

  TensorClass tensor_class() const { return tensor_class_; }
  ElementType type() const { return tensor_class_.type; }
  const ClassHeader& header() const { return *header_; }
  std::span<const std::int64_t> sizes() const { return sizes_; }
  std::span<const std::int64_t> strides() const { return strides_; }
  /// Counts from 1, as Torch's `storageOffset()`. Anything in a tensor without elements.
  std::int64_t offset() const { return offset_; }
  /// Null only if there are no elements.
  const Storage* storage() const { return storage_; }

 private:
  TensorClass tensor_class_;
  const ClassHeader* header_;
  std::span<const std::int64_t> sizes_;
  std::span<const std::int64_t> strides_;
  std::int64_t offset_;
  const Storage* storage_;
};

/// Walks a tensor's elements in row-major order (the last index fastest).
///
///   for (ElementWalk walk(tensor); !walk.at_end(); walk.advance()) use(tensor.storage()->at<float>(walk.position()));
class ElementWalk {
 public:
  /// Lifetime: the tensor is borrowed.
  explicit ElementWalk(const Tensor& tensor);
  bool at_end() const { return left_ == 0; }
  /// The element's position in the storage, from 0.
  std::int64_t position() const { return position_; }
  void advance();

 private:
  std::span<const std::int64_t> sizes_;
  std::span<const std::int64_t> strides_;
  std::vector<std::int64_t> index_;
  std::int64_t position_;
  std::int64_t left_;
};

}  // namespace sconce::core
