#include "proto/formats/arrays/dtype.h"

#include <array>
#include <utility>

namespace sconce::proto {

namespace {

using core::ElementType;

struct Row {
  Dtype dtype;
  std::string_view name;
  ElementType carrier;
  bool is_torch;  // the carrier means the same
};

constexpr std::array kRows{
    Row{Dtype::boolean, "BOOL", ElementType::u8, false},
    Row{Dtype::u8, "U8", ElementType::u8, true},
    Row{Dtype::i8, "I8", ElementType::i8, true},
    Row{Dtype::f8_e5m2, "F8_E5M2", ElementType::u8, false},
    Row{Dtype::f8_e4m3, "F8_E4M3", ElementType::u8, false},
    Row{Dtype::i16, "I16", ElementType::i16, true},
    Row{Dtype::u16, "U16", ElementType::i16, false},
    Row{Dtype::f16, "F16", ElementType::f16, true},
    Row{Dtype::bf16, "BF16", ElementType::i16, false},
    Row{Dtype::i32, "I32", ElementType::i32, true},
    Row{Dtype::u32, "U32", ElementType::i32, false},
    Row{Dtype::f32, "F32", ElementType::f32, true},
    Row{Dtype::f64, "F64", ElementType::f64, true},
    Row{Dtype::i64, "I64", ElementType::i64, true},
    Row{Dtype::u64, "U64", ElementType::i64, false},
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

std::size_t size_bytes_of(Dtype dtype) { return core::size_bytes_of(carrier_of(dtype)); }

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

}  // namespace sconce::proto
