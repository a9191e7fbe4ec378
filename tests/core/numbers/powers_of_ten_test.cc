#include "core/numbers/powers_of_ten.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace sconce::core {
namespace {

struct Known {
  int power;
  std::uint64_t high;
  std::uint64_t low;
};

// Of exact integers: floor(10^k · 2^(127 - floor(log2(10^k)))).
constexpr Known kKnown[] = {
    {.power = -342, .high = 0xeef453d6923bd65a, .low = 0x113faa2906a13b3f},
    {.power = -324, .high = 0xcf42894a5dce35ea, .low = 0x52064cac828675b9},
    {.power = -55, .high = 0x9ced737bb6c4183d, .low = 0x55464dd69685606b},
    {.power = -1, .high = 0xcccccccccccccccc, .low = 0xcccccccccccccccc},
    {.power = 0, .high = 0x8000000000000000, .low = 0x0000000000000000},
    {.power = 1, .high = 0xa000000000000000, .low = 0x0000000000000000},
    {.power = 55, .high = 0xd0cf4b50cfe20765, .low = 0xfff4b4e3f741cf6d},
    {.power = 56, .high = 0x82818f1281ed449f, .low = 0xbff8f10e7a8921a4},
    {.power = 308, .high = 0x8e679c2f5e44ff8f, .low = 0x570f09eaa7ea7648},
    {.power = 340, .high = 0xaf87023b9bf0ee6a, .low = 0xeb8fad7c7f8680b4},
};

TEST(PowersOfTen, AreTheHighestBitsOfThePower) {
  for (const Known& known : kKnown) {
    EXPECT_EQ(power_of_ten(known.power).high, known.high) << known.power;
    EXPECT_EQ(power_of_ten(known.power).low, known.low) << known.power;
  }
}

TEST(PowersOfTen, AllHaveTheirHighestBit) {
  for (int k = kPowerMin; k <= kPowerMax; ++k) EXPECT_EQ(power_of_ten(k).high >> 63, 1U) << k;
}

/// Both are cut off, so the last bit may differ.
TEST(PowersOfTen, EachIsTenTimesTheOneBefore) {
  for (int k = kPowerMin; k < kPowerMax; ++k) {
    const PowerOfTen& power = power_of_ten(k);
    const PowerOfTen& next = power_of_ten(k + 1);
    const int shift = exponent2_of_power(k + 1) - exponent2_of_power(k);  // 3 or 4
    const Wide low = static_cast<Wide>(power.low) * 10;
    const Wide high = static_cast<Wide>(power.high) * 10 + (low >> 64);
    const Wide expected = high << (64 - shift) | static_cast<std::uint64_t>(low) >> shift;
    const Wide found = static_cast<Wide>(next.high) << 64 | next.low;
    EXPECT_TRUE(found - expected <= 1) << k;
  }
}

/// floor(log10(2^e)) is the n with 10^n ≤ 2^e < 10^(n + 1), and no power of ten but 1 is one of two.
TEST(PowersOfTen, APowerOfTwoLiesBetweenTwoOfThem) {
  for (int e = -1074; e <= 1023; ++e) {
    const int n = exponent10_of_bit(e);
    EXPECT_TRUE(exponent2_of_power(n) < e || (n == 0 && e == 0)) << e;
    EXPECT_GE(exponent2_of_power(n + 1), e) << e;
  }
}

}  // namespace
}  // namespace sconce::core
