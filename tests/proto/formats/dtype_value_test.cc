#include "proto/formats/dtype_value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace sconce::proto {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// Values from the tables of OCP's FP8 and MX formats, and of ml_dtypes.
TEST(DtypeValue, SmallFloatsHaveTheirValues) {
  struct Row {
    Dtype dtype;
    std::uint32_t bits;
    float value;
  };
  const Row rows[] = {
      {Dtype::bf16, 0x3f80, 1},
      {Dtype::bf16, 0xc000, -2},
      {Dtype::bf16, 0xff80, -kInfinity},
      {Dtype::f4, 0x1, 0.5F},
      {Dtype::f4, 0x7, 6},
      {Dtype::f4, 0xf, -6},
      {Dtype::f4, 0x2, 1},
      {Dtype::f8_e4m3, 0x38, 1},
      {Dtype::f8_e4m3, 0x7e, 448},
      {Dtype::f8_e4m3, 0x01, 0x1p-9F},
      {Dtype::f8_e5m2, 0x3c, 1},
      {Dtype::f8_e5m2, 0x7b, 57344},
      {Dtype::f8_e5m2, 0xfc, -kInfinity},
      {Dtype::f8_e5m2, 0x01, 0x1p-16F},
      {Dtype::f8_e4m3_fnuz, 0x40, 1},
      {Dtype::f8_e4m3_fnuz, 0x7f, 240},
      {Dtype::f8_e5m2_fnuz, 0x40, 1},
      {Dtype::f8_e5m2_fnuz, 0x7f, 57344},
      {Dtype::f8_e8m0, 0x7f, 1},
      {Dtype::f8_e8m0, 0x00, 0x1p-127F},
      {Dtype::f8_e8m0, 0xfe, 0x1p127F},
  };
  for (const Row& row : rows) EXPECT_EQ(float_value_of(row.dtype, row.bits), row.value) << name_of(row.dtype);
}

TEST(DtypeValue, EachHasItsOwnNan) {
  const std::pair<Dtype, std::uint32_t> rows[] = {
      {Dtype::bf16, 0x7fc0},       {Dtype::f8_e4m3, 0x7f},      {Dtype::f8_e4m3, 0xff}, {Dtype::f8_e5m2, 0x7d},
      {Dtype::f8_e4m3_fnuz, 0x80}, {Dtype::f8_e5m2_fnuz, 0x80}, {Dtype::f8_e8m0, 0xff}};
  for (const auto& [dtype, bits] : rows) {
    const auto value = float_value_of(dtype, bits);
    EXPECT_TRUE(value && std::isnan(*value)) << name_of(dtype);
  }
}

TEST(DtypeValue, WhatIsNoSmallFloatHasNone) {
  for (const Dtype dtype : {Dtype::boolean, Dtype::u16, Dtype::u64, Dtype::v2, Dtype::f32, Dtype::c64}) {
    EXPECT_FALSE(float_value_of(dtype, 1)) << name_of(dtype);
  }
}

}  // namespace
}  // namespace sconce::proto
