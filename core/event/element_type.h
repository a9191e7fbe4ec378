#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sconce::core {

/// The primitives that arrays are made of: elements of storages, and the scalars of declared class layouts. Threads: no
/// state. Units: sizes in bytes.
enum class ElementType : std::uint8_t { u8, i8, i16, i32, i64, f16, f32, f64 };

/// Bytes of one element in the canonical encoding: little-endian, 64-bit longs.
constexpr std::size_t size_bytes_of(ElementType type) {
  switch (type) {
    case ElementType::u8:
    case ElementType::i8: return 1;
    case ElementType::i16:
    case ElementType::f16: return 2;
    case ElementType::i32:
    case ElementType::f32: return 4;
    case ElementType::i64:
    case ElementType::f64: return 8;
  }
  return 0;
}

/// `u8`, `i64`, `f16`, …
std::string_view name_of(ElementType type);

/// Where the tensor lived when it was written. The bytes are the same; only the class names differ.
enum class Device : std::uint8_t { cpu, cuda, cl };  // cl: OpenCL, f32 alone

/// What a tensor's or storage's class name says: `torch.FloatTensor` is f32 on cpu, `torch.CudaTensor` f32 on cuda.
struct TensorClass {
  ElementType type;
  Device device;

  friend bool operator==(const TensorClass&, const TensorClass&) = default;
};

/// Whether Torch has such a class.
bool exists(TensorClass tensor_class);

/// Nothing if `class_name` is not that of a tensor (storage).
std::optional<TensorClass> tensor_class_from_name(std::string_view class_name);
std::optional<TensorClass> storage_class_from_name(std::string_view class_name);

/// `torch.FloatTensor`, `torch.CudaLongStorage`, … The class exists.
std::string tensor_name_of(TensorClass tensor_class);
std::string storage_name_of(TensorClass tensor_class);

}  // namespace sconce::core
