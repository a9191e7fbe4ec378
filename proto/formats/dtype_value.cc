#include "proto/formats/dtype_value.h"

#include <bit>
#include <cmath>
#include <limits>

namespace sconce::proto {

namespace {

/// Which patterns are no numbers.
enum class Special : std::uint8_t {
  none,
  ieee,      // the greatest exponent: infinities and NaN
  all_ones,  // all but the sign: NaN, and no infinities
  negative_zero,
};

/// A sign, an exponent, a mantissa.
struct SmallFloat {
  int exponent_bits;
  int mantissa_bits;
  int bias;
  Special special;
};

constexpr SmallFloat kF4 = {2, 1, 1, Special::none};
constexpr SmallFloat kF8E5m2 = {5, 2, 15, Special::ieee};
constexpr SmallFloat kF8E4m3 = {4, 3, 7, Special::all_ones};
constexpr SmallFloat kF8E5m2Fnuz = {5, 2, 16, Special::negative_zero};
constexpr SmallFloat kF8E4m3Fnuz = {4, 3, 8, Special::negative_zero};

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

float value_of(const SmallFloat& form, std::uint32_t bits) {
  const std::uint32_t sign_bit = 1U << (form.exponent_bits + form.mantissa_bits);
  const std::uint32_t magnitude = bits & (sign_bit - 1);
  const std::uint32_t mantissa = magnitude & ((1U << form.mantissa_bits) - 1);
  const auto exponent = static_cast<int>(magnitude >> form.mantissa_bits);
  const float sign = (bits & sign_bit) == 0 ? 1.0F : -1.0F;
  if (form.special == Special::negative_zero && bits == sign_bit) return kNan;
  if (form.special == Special::all_ones && magnitude == sign_bit - 1) return kNan;
  if (form.special == Special::ieee && exponent == (1 << form.exponent_bits) - 1) {
    return mantissa == 0 ? sign * std::numeric_limits<float>::infinity() : kNan;
  }
  const std::uint32_t significand = exponent == 0 ? mantissa : mantissa | 1U << form.mantissa_bits;
  const int scale = (exponent == 0 ? 1 : exponent) - form.bias - form.mantissa_bits;
  return sign * std::ldexp(static_cast<float>(significand), scale);
}

}  // namespace

std::optional<float> float_value_of(Dtype dtype, std::uint32_t bits) {
  constexpr std::uint32_t kE8m0Nan = 0xff;
  constexpr int kE8m0Bias = 127;
  switch (dtype) {
    case Dtype::bf16: return std::bit_cast<float>(bits << 16U);
    case Dtype::f4: return value_of(kF4, bits);
    case Dtype::f8_e5m2: return value_of(kF8E5m2, bits);
    case Dtype::f8_e4m3: return value_of(kF8E4m3, bits);
    case Dtype::f8_e5m2_fnuz: return value_of(kF8E5m2Fnuz, bits);
    case Dtype::f8_e4m3_fnuz: return value_of(kF8E4m3Fnuz, bits);
    case Dtype::f8_e8m0: return bits == kE8m0Nan ? kNan : std::ldexp(1.0F, static_cast<int>(bits) - kE8m0Bias);
    default: return std::nullopt;
  }
}

}  // namespace sconce::proto
