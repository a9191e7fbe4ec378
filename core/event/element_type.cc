#include "core/event/element_type.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sconce::core {
namespace {

struct Row {
  std::string_view infix;  // between "torch." and "Tensor" or "Storage"
  TensorClass tensor_class;
};

// Cuda has no "CudaFloat": torch.CudaTensor is the float one. OpenCL's only element type is float.
constexpr std::array kRows{
    Row{"Byte", {ElementType::u8, Device::cpu}},        Row{"Char", {ElementType::i8, Device::cpu}},
    Row{"Short", {ElementType::i16, Device::cpu}},      Row{"Int", {ElementType::i32, Device::cpu}},
    Row{"Long", {ElementType::i64, Device::cpu}},       Row{"Half", {ElementType::f16, Device::cpu}},
    Row{"Float", {ElementType::f32, Device::cpu}},      Row{"Double", {ElementType::f64, Device::cpu}},
    Row{"CudaByte", {ElementType::u8, Device::cuda}},   Row{"CudaChar", {ElementType::i8, Device::cuda}},
    Row{"CudaShort", {ElementType::i16, Device::cuda}}, Row{"CudaInt", {ElementType::i32, Device::cuda}},
    Row{"CudaLong", {ElementType::i64, Device::cuda}},  Row{"CudaHalf", {ElementType::f16, Device::cuda}},
    Row{"Cuda", {ElementType::f32, Device::cuda}},      Row{"CudaDouble", {ElementType::f64, Device::cuda}},
    Row{"Cl", {ElementType::f32, Device::cl}},
};

constexpr std::string_view kPrefix = "torch.";

std::optional<TensorClass> from_name(std::string_view name, std::string_view suffix) {
  if (!name.starts_with(kPrefix) || !name.ends_with(suffix)) return std::nullopt;
  name.remove_prefix(kPrefix.size());
  if (name.size() < suffix.size()) return std::nullopt;
  name.remove_suffix(suffix.size());
  for (const Row& row : kRows) {
    if (row.infix == name) return row.tensor_class;
  }
  return std::nullopt;
}

const Row* row_of(TensorClass tensor_class) {
  const auto* row = std::ranges::find(kRows, tensor_class, &Row::tensor_class);
  return row == kRows.end() ? nullptr : row;
}

std::string name_with(TensorClass tensor_class, std::string_view suffix) {
  return std::string(kPrefix).append(row_of(tensor_class)->infix).append(suffix);
}

}  // namespace

std::string_view name_of(ElementType type) {
  switch (type) {
    case ElementType::u8: return "u8";
    case ElementType::i8: return "i8";
    case ElementType::i16: return "i16";
    case ElementType::i32: return "i32";
    case ElementType::i64: return "i64";
    case ElementType::f16: return "f16";
    case ElementType::f32: return "f32";
    case ElementType::f64: return "f64";
  }
  std::unreachable();
}

bool exists(TensorClass tensor_class) { return row_of(tensor_class) != nullptr; }

std::optional<TensorClass> tensor_class_from_name(std::string_view class_name) {
  return from_name(class_name, "Tensor");
}
std::optional<TensorClass> storage_class_from_name(std::string_view class_name) {
  return from_name(class_name, "Storage");
}
std::string tensor_name_of(TensorClass tensor_class) { return name_with(tensor_class, "Tensor"); }
std::string storage_name_of(TensorClass tensor_class) { return name_with(tensor_class, "Storage"); }

}  // namespace sconce::core
