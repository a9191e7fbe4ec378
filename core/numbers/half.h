#pragma once

#include <cstdint>

namespace sconce::core {

/// IEEE 754 binary16, as Torch converts it. Threads: no state. Errors: none.

/// Exact; every NaN is the positive quiet one.
float half_to_float(std::uint16_t bits);

/// To nearest, ties to even; |x| >= 65520 is infinity. Every NaN is 0x7fff.
std::uint16_t float_to_half(float value);

}  // namespace sconce::core
