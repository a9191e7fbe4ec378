#pragma once

#include <bit>
#include <cstdint>

#include "core/little_endian.h"

namespace sconce::core {

/// Eight decimal digits at once, one in each byte of a word, the first one in the lowest.
/// Threads: no state. Source: SIMD within a register, as in Lemire, "Quickly parsing eight digits" (2018).

static_assert(std::endian::native == std::endian::little, "the first character is the lowest byte");

inline constexpr std::uint64_t kEightZeros = 0x3030303030303030;

/// The digits of `value` < 10^8, leading zeros included: numbers, to which kEightZeros is added for text.
inline std::uint64_t digits_of(std::uint32_t value) {
  const std::uint32_t high = value / 10'000;
  // Two lanes of four digits, then four lanes of two, then eight of one.
  std::uint64_t lanes = high | std::uint64_t{value - high * 10'000} << 32;
  std::uint64_t upper = lanes * 10486 >> 20 & 0x0000007f0000007f;
  lanes = upper | (lanes - upper * 100) << 16;
  upper = lanes * 103 >> 10 & 0x000f000f000f000f;
  return upper | (lanes - upper * 10) << 8;
}

/// How many significant digits there are if zeros at the end do not count.
inline int significant_digits(std::uint64_t digits) { return 8 - std::countl_zero(digits) / 8; }

/// The eight characters at `from`, as digits where they are digits.
inline std::uint64_t load_digits(const char* from) { return load_little_endian<std::uint64_t>(from) ^ kEightZeros; }

/// The highest bit of each byte that is no digit, and of some behind the first of them.
inline std::uint64_t mark_others(std::uint64_t word) {
  // What carries over only reaches bytes behind one that is no digit.
  return ((word + 0x7676767676767676) | word) & 0x8080808080808080;
}
/// How many are digits before the first that is marked; 8 if none is.
inline int digits_before(std::uint64_t marks) { return std::countr_zero(marks) / 8; }

/// The number that eight digits make.
inline std::uint64_t number_of(std::uint64_t word) {
  const std::uint64_t lanes = word * 10 + (word >> 8);
  constexpr std::uint64_t kPairs = 0x000000ff000000ff;
  return ((lanes & kPairs) * 0x000f424000000064 + (lanes >> 16 & kPairs) * 0x0000271000000001) >> 32;
}
/// The number that the first `count` of them make.
inline std::uint64_t number_of(std::uint64_t word, int count) {
  return number_of(word << 4 * (8 - count) << 4 * (8 - count));  // zeros in front; two shifts, for 64 is too much
}

}  // namespace sconce::core
