#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace sconce::core {

/// GCC and Clang have it on every 64-bit target.
__extension__ using Wide = unsigned __int128;

/// The highest 128 bits of a power of ten, cut off: with the value t of `high:low`, the power lies in
/// [t, t + 1) · 2^(exponent2 - 127), and t ≥ 2^127.
struct PowerOfTen {
  std::uint64_t high;
  std::uint64_t low;
};

/// 10^k for k from kPowerMin to kPowerMax: what reading and writing doubles needs. 10^0 to 10^55 are exact.
inline constexpr int kPowerMin = -342;
inline constexpr int kPowerMax = 340;
inline constexpr int kExactPowerMax = 55;

/// floor(log2(10^k)) in the range of the table: where its highest bit lies.
constexpr int exponent2_of_power(int k) { return (k * 217706) >> 16; }
/// floor(log10(2^e)) for all exponents of doubles.
constexpr int exponent10_of_bit(int e) { return (e * 315653) >> 20; }

namespace powers {

/// A natural number of fixed size, least significant digit (of 32 bits) first.
template <std::size_t Size>
struct Natural {
  std::array<std::uint32_t, Size> digits{};

  constexpr void multiply_by_5() {
    std::uint64_t carry = 0;
    for (std::uint32_t& digit : digits) {
      carry += std::uint64_t{digit} * 5;
      digit = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
  }
  /// The remainder is dropped; n times of it is dividing by 5^n and dropping the remainder.
  constexpr void divide_by_5() {
    std::uint64_t rest = 0;
    for (std::size_t i = Size; i > 0; --i) {
      rest = rest << 32 | digits[i - 1];
      digits[i - 1] = static_cast<std::uint32_t>(rest / 5);
      rest %= 5;
    }
  }
  constexpr int bits() const {
    for (std::size_t i = Size; i > 0; --i) {
      if (digits[i - 1] != 0) return static_cast<int>(32 * (i - 1)) + static_cast<int>(std::bit_width(digits[i - 1]));
    }
    return 0;
  }
  constexpr std::uint64_t bit(int i) const {
    return i < 0 ? 0 : digits[static_cast<std::size_t>(i / 32)] >> (i % 32) & 1;
  }
  constexpr PowerOfTen top() const {
    PowerOfTen power{};
    const int end = bits();
    for (int i = 1; i <= 64; ++i) power.high = power.high << 1 | bit(end - i);
    for (int i = 65; i <= 128; ++i) power.low = power.low << 1 | bit(end - i);
    return power;
  }
};

/// 5^k and 10^k have the same highest bits. Those of 5^-k are those of 2^n / 5^k.
consteval std::array<PowerOfTen, kPowerMax - kPowerMin + 1> make() {
  constexpr int kScale = 1023;
  std::array<PowerOfTen, kPowerMax - kPowerMin + 1> table{};
  Natural<32> number{.digits = {1}};
  for (int k = 0; k <= kPowerMax; ++k) {
    // A wrong exponent is an error where this is compiled.
    if (number.bits() - 1 + k != exponent2_of_power(k)) throw k;
    table[static_cast<std::size_t>(k - kPowerMin)] = number.top();
    number.multiply_by_5();
  }
  number = {};
  number.digits.back() = 1U << 31;
  for (int k = -1; k >= kPowerMin; --k) {
    number.divide_by_5();
    if (number.bits() - 1 - kScale + k != exponent2_of_power(k)) throw k;
    table[static_cast<std::size_t>(k - kPowerMin)] = number.top();
  }
  return table;
}

inline constexpr auto kTable = make();

}  // namespace powers

/// 10^k, for k from kPowerMin to kPowerMax. Threads: no state.
constexpr const PowerOfTen& power_of_ten(int k) { return powers::kTable[static_cast<std::size_t>(k - kPowerMin)]; }

}  // namespace sconce::core
