#include "proto/formats/dtype.h"

#include <gtest/gtest.h>

namespace sconce::proto {
namespace {

TEST(Dtype, NamesAreReadAsTheyAreWritten) {
  for (int i = 0; i <= static_cast<int>(Dtype::c128); ++i) {
    const auto dtype = static_cast<Dtype>(i);
    EXPECT_EQ(dtype_from_name(name_of(dtype)), dtype);
    const auto units = static_cast<std::size_t>(packing_of(dtype).units);
    EXPECT_EQ(core::size_bytes_of(carrier_of(dtype)) * units, size_bytes_of(dtype));
    if (const auto type = element_type_of(dtype)) {
      EXPECT_EQ(dtype_of(*type), dtype);
      EXPECT_EQ(*type, carrier_of(dtype));
    }
  }
  EXPECT_EQ(name_of(Dtype::f8_e4m3), "F8_E4M3");
  EXPECT_FALSE(dtype_from_name("f32"));
  EXPECT_FALSE(dtype_from_name(""));
}

TEST(Dtype, WhatTorchLacksIsCarriedByIntegersOfItsWidth) {
  EXPECT_FALSE(element_type_of(Dtype::boolean));
  EXPECT_FALSE(element_type_of(Dtype::bf16));
  EXPECT_FALSE(element_type_of(Dtype::u64));
  EXPECT_EQ(carrier_of(Dtype::boolean), core::ElementType::u8);
  EXPECT_EQ(carrier_of(Dtype::bf16), core::ElementType::i16);
  EXPECT_EQ(carrier_of(Dtype::u32), core::ElementType::i32);
  EXPECT_EQ(carrier_of(Dtype::u64), core::ElementType::i64);
}

}  // namespace
}  // namespace sconce::proto
