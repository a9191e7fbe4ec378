#include "proto/formats/dtype.h"

#include <array>
#include <utility>

namespace sconce::proto {

namespace {

using core::ElementType;

struct Row {
  Dtype dtype;
  std::string_view name;
  ElementType carrier;
  bool is_torch = false;  // the carrier means the same
  Packing packing = {};
  bool is_in_safetensors = true;
};

constexpr Packing kTwoInAByte = {.elements = 2, .units = 1};
constexpr Packing kComplex = {.elements = 1, .units = 2};

constexpr std::array kRows{
    Row{Dtype::boolean, "BOOL", ElementType::u8},
    Row{Dtype::f4, "F4", ElementType::u8, false, kTwoInAByte},
    Row{Dtype::u8, "U8", ElementType::u8, true},
    Row{Dtype::i8, "I8", ElementType::i8, true},
    Row{Dtype::f8_e5m2, "F8_E5M2", ElementType::u8},
    Row{Dtype::f8_e4m3, "F8_E4M3", ElementType::u8},
    Row{Dtype::f8_e8m0, "F8_E8M0", ElementType::u8},
    Row{Dtype::f8_e4m3_fnuz, "F8_E4M3FNUZ", ElementType::u8},
    Row{Dtype::f8_e5m2_fnuz, "F8_E5M2FNUZ", ElementType::u8},
    Row{Dtype::v1, "V1", ElementType::u8, false, {}, false},
    Row{Dtype::i16, "I16", ElementType::i16, true},
    Row{Dtype::u16, "U16", ElementType::i16},
    Row{Dtype::f16, "F16", ElementType::f16, true},
    Row{Dtype::bf16, "BF16", ElementType::i16},
    Row{Dtype::v2, "V2", ElementType::i16, false, {}, false},
    Row{Dtype::i32, "I32", ElementType::i32, true},
    Row{Dtype::u32, "U32", ElementType::i32},
    Row{Dtype::f32, "F32", ElementType::f32, true},
    Row{Dtype::f64, "F64", ElementType::f64, true},
    Row{Dtype::i64, "I64", ElementType::i64, true},
    Row{Dtype::u64, "U64", ElementType::i64},
    Row{Dtype::c64, "C64", ElementType::i32, false, kComplex},
    Row{Dtype::c128, "C128", ElementType::i64, false, kComplex, false},
};

const Row& row_of(Dtype dtype) {
  for (const Row& row : kRows) {
    if (row.dtype == dtype) return row;
  }
  std::unreachable();
}

}  // namespace

std::string_view name_of(Dtype dtype) { return row_of(dtype).name; }

std::optional<Dtype> dtype_from_name(std::string_view name) {
  for (const Row& row : kRows) {
    if (row.name == name) return row.dtype;
  }
  return std::nullopt;
}

bool is_in_safetensors(Dtype dtype) { return row_of(dtype).is_in_safetensors; }

std::size_t size_bytes_of(Dtype dtype) {
  const Row& row = row_of(dtype);
  return core::size_bytes_of(row.carrier) * static_cast<std::size_t>(row.packing.units);
}

std::optional<ElementType> element_type_of(Dtype dtype) {
  const Row& row = row_of(dtype);
  if (!row.is_torch) return std::nullopt;
  return row.carrier;
}

Dtype dtype_of(ElementType type) {
  for (const Row& row : kRows) {
    if (row.is_torch && row.carrier == type) return row.dtype;
  }
  std::unreachable();
}

ElementType carrier_of(Dtype dtype) { return row_of(dtype).carrier; }

Packing packing_of(Dtype dtype) { return row_of(dtype).packing; }

}  // namespace sconce::proto
