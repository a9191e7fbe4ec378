#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/event/element_type.h"

namespace sconce::proto {

/// The element types that the tensor formats outside Torch know, by the names that safetensors gives them. Torch7 has
/// some of them as element types of its own; an array of another one, or one without dimensions that has an element, is
/// kept as an instance of `sconce.Tensor`:
///
///   class `sconce.Tensor`, version `V 1`, payload a table of three fields in this order:
///     dtype  string   one of the names below
///     shape  table    1..n of numbers, the sizes; empty for an array without dimensions, which has one element
///     data   tensor   its elements, in row-major order, are those of the array. One dimension; those of `shape`, with
///                     strides, where the array came in Fortran order. Its type is that of Torch's that has these
///                     elements; for a dtype that Torch7 lacks, integers that hold their bits: torch.ByteTensor,
///                     ShortTensor, IntTensor or LongTensor, as `Packing` says
enum class Dtype : std::uint8_t {
  boolean,       // BOOL: one byte, 0 or 1
  f4,            // F4: 1 sign, 2 exponent, 1 mantissa; two in a byte, the first in the low half
  u8,            // U8
  i8,            // I8
  f8_e5m2,       // F8_E5M2
  f8_e4m3,       // F8_E4M3
  f8_e8m0,       // F8_E8M0: powers of two
  f8_e4m3_fnuz,  // F8_E4M3FNUZ
  f8_e5m2_fnuz,  // F8_E5M2FNUZ
  v1,            // V1: one byte, of which npy does not say more
  i16,           // I16
  u16,           // U16
  f16,           // F16
  bf16,          // BF16
  v2,            // V2: two bytes, of which npy does not say more
  i32,           // I32
  u32,           // U32
  f32,           // F32
  f64,           // F64
  i64,           // I64
  u64,           // U64
  c64,           // C64: two floats, the real part first
  c128,          // C128: two doubles
};

/// How elements lie in those of the carrier: so many `elements` in so many `units`.
struct Packing {
  std::int64_t elements = 1;
  std::int64_t units = 1;
};

inline constexpr std::string_view kExtensionClass = "sconce.Tensor";

/// `BOOL`, `U8`, … Threads: no state.
std::string_view name_of(Dtype dtype);
std::optional<Dtype> dtype_from_name(std::string_view name);
/// Not those that npy alone has.
bool is_in_safetensors(Dtype dtype);
/// Of one element; of F4, of the two in a byte.
std::size_t size_bytes_of(Dtype dtype);
/// What Torch7 has of the same meaning; nothing for BOOL, U16, BF16, ….
std::optional<core::ElementType> element_type_of(Dtype dtype);
Dtype dtype_of(core::ElementType type);
/// The type of `data` in an instance of sconce.Tensor, and how many of its elements there are.
core::ElementType carrier_of(Dtype dtype);
Packing packing_of(Dtype dtype);

}  // namespace sconce::proto
