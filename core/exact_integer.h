#pragma once

#include <cmath>
#include <cstdint>

namespace sconce::core {

/// 2^53: every integer up to it is a double of its own; above it not every one is.
inline constexpr double kExactIntegerMax = 0x1p53;

/// Whether `number` is an integer from -2^53 to 2^53. False for NaN; true for -0. Threads: no state.
inline bool is_exact_integer(double number) {
  return std::abs(number) <= kExactIntegerMax && std::trunc(number) == number;
}

}  // namespace sconce::core
