#include "core/event/element_type.h"

#include <gtest/gtest.h>

#include <set>

namespace sconce::core {
namespace {

constexpr ElementType kTypes[] = {ElementType::u8,  ElementType::i8,  ElementType::i16, ElementType::i32,
                                  ElementType::i64, ElementType::f16, ElementType::f32, ElementType::f64};

TEST(TensorClass, EveryNameIsReadBack) {
  std::set<std::string> names;
  for (const ElementType type : kTypes) {
    for (const Device device : {Device::cpu, Device::cuda, Device::cl}) {
      const TensorClass tensor_class{type, device};
      if (!exists(tensor_class)) continue;
      EXPECT_EQ(tensor_class_from_name(tensor_name_of(tensor_class)), tensor_class);
      EXPECT_EQ(storage_class_from_name(storage_name_of(tensor_class)), tensor_class);
      names.insert(tensor_name_of(tensor_class));
    }
  }
  EXPECT_EQ(names.size(), 17U);
}

TEST(TensorClass, CudaFloatHasNoFloatInItsName) {
  EXPECT_EQ(tensor_class_from_name("torch.CudaTensor"), (TensorClass{ElementType::f32, Device::cuda}));
  EXPECT_EQ(tensor_class_from_name("torch.CudaFloatTensor"), std::nullopt);
}

TEST(TensorClass, OpenClHasFloatsAlone) {
  EXPECT_EQ(tensor_class_from_name("torch.ClTensor"), (TensorClass{ElementType::f32, Device::cl}));
  EXPECT_EQ(storage_class_from_name("torch.ClStorage"), (TensorClass{ElementType::f32, Device::cl}));
  EXPECT_FALSE(exists({ElementType::f64, Device::cl}));
  EXPECT_EQ(tensor_class_from_name("torch.ClDoubleTensor"), std::nullopt);
}

TEST(TensorClass, OtherNamesAreNone) {
  for (const std::string_view name : {"", "torch.", "torch.Tensor", "FloatTensor", "torch.FloatStorage", "nn.Linear"}) {
    EXPECT_EQ(tensor_class_from_name(name), std::nullopt) << name;
  }
  EXPECT_EQ(storage_class_from_name("torch.FloatTensor"), std::nullopt);
}

TEST(ElementType, HasANameAndASize) {
  constexpr std::string_view kNames[] = {"u8", "i8", "i16", "i32", "i64", "f16", "f32", "f64"};
  constexpr std::size_t kSizes[] = {1, 1, 2, 4, 8, 2, 4, 8};
  for (std::size_t i = 0; i < std::size(kTypes); ++i) {
    EXPECT_EQ(name_of(kTypes[i]), kNames[i]);
    EXPECT_EQ(size_bytes_of(kTypes[i]), kSizes[i]);
  }
}

}  // namespace
}  // namespace sconce::core
