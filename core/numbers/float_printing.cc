#include "core/numbers/float_printing.h"

#include <array>
#include <bit>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "core/little_endian.h"
#include "core/numbers/powers_of_ten.h"
#include "core/numbers/swar_digits.h"

// A number m·2^e is scaled by the power of ten that makes its wanted digits an integer, and that is rounded. The power
// is cut off at 64 (doubles: 128) bits, so that the product may be too small by a little, and it is known by how
// little: where that might tell whether it is rounded up, std::to_chars, which is exact, decides. So it does for ties.
// The rest is without branches that depend on the number: its decade tells how it is laid out.

namespace sconce::core {
namespace {

template <class Float>
struct Traits {
  static constexpr bool kDouble = std::is_same_v<Float, double>;
  using Bits = std::conditional_t<kDouble, std::uint64_t, std::uint32_t>;
  static constexpr int kDigits = kDouble ? 17 : 9;
  static constexpr int kMantissaBits = std::numeric_limits<Float>::digits;  // with the highest, which is not stored
  static constexpr int kBias = std::numeric_limits<Float>::max_exponent - 1;
  static constexpr int kDecadeMin = std::numeric_limits<Float>::min_exponent10 - 1;
  static constexpr int kDecadeMax = std::numeric_limits<Float>::max_exponent10;
  static constexpr Bits kInfinity = static_cast<Bits>(2 * kBias + 1) << (kMantissaBits - 1);
  static constexpr Bits kSmallestNormal = Bits{1} << (kMantissaBits - 1);
};

/// How a number with its first digit at 10^d is scaled, and laid out: prefix, digits, suffix. There is a point after
/// the first `point` digits if there are more of them.
struct Decade {
  std::uint64_t high;          // the power that scales it
  std::uint64_t low;           // doubles only
  std::array<char, 8> prefix;  // "0.00"
  std::array<char, 8> suffix;  // "e-05"
  std::int16_t shift;          // of the product to the right, and the number's exponent as it is stored
  std::uint8_t prefix_bytes;
  std::uint8_t suffix_bytes;
  std::uint8_t point;
  std::uint8_t digits_min;  // zeros in front of the point are written
};

constexpr void write_suffix(Decade& decade, int d) {
  const int exponent = d < 0 ? -d : d;
  std::size_t at = 0;
  decade.suffix[at++] = 'e';
  decade.suffix[at++] = d < 0 ? '-' : '+';
  if (exponent >= 100) decade.suffix[at++] = static_cast<char>('0' + exponent / 100);
  decade.suffix[at++] = static_cast<char>('0' + exponent / 10 % 10);
  decade.suffix[at++] = static_cast<char>('0' + exponent % 10);
  decade.suffix_bytes = static_cast<std::uint8_t>(at);
}

template <class Float>
constexpr Decade make_decade(int d) {
  using T = Traits<Float>;
  const int k = T::kDigits - 1 - d;
  Decade decade{.high = power_of_ten(k).high,
                .low = power_of_ten(k).low,
                .prefix = {'0', '.', '0', '0', '0', '0', '0', '0'},
                .suffix = {},
                // The number is M·2^(stored - bias - 63) with M from 2^63, the power t·2^(exponent2 - 63), and the
                // highest word of M·t stands for 2^64.
                .shift = static_cast<std::int16_t>(T::kBias + 62 - exponent2_of_power(k)),
                .prefix_bytes = 0,
                .suffix_bytes = 0,
                .point = 1,
                .digits_min = 1};
  if (d < -4 || d >= T::kDigits) {
    write_suffix(decade, d);
  } else if (d < 0) {
    decade.prefix_bytes = static_cast<std::uint8_t>(1 - d);
    decade.point = T::kDigits;
  } else {
    decade.point = decade.digits_min = static_cast<std::uint8_t>(d + 1);
  }
  return decade;
}

/// The bits of the smallest number that is not below 10^d.
template <class Float>
constexpr typename Traits<Float>::Bits decade_begin(int d) {
  using T = Traits<Float>;
  using Bits = typename T::Bits;
  if (d > T::kDecadeMax) return T::kInfinity;
  const PowerOfTen power = power_of_ten(d);
  const Wide all = Wide{power.high} << 64 | power.low;
  const bool exact = d >= 0 && d <= kExactPowerMax && all << T::kMantissaBits == 0;
  const auto mantissa = static_cast<Bits>(all >> (128 - T::kMantissaBits)) + (exact ? 0 : 1);
  // The highest bit of the mantissa counts the exponent up.
  return static_cast<Bits>((static_cast<Bits>(exponent2_of_power(d) + T::kBias - 1) << (T::kMantissaBits - 1)) +
                           mantissa);
}

template <class Float>
struct Decades {
  using T = Traits<Float>;
  static constexpr std::size_t kCount = T::kDecadeMax - T::kDecadeMin + 1;
  std::array<Decade, kCount> decades{};
  std::array<typename T::Bits, kCount> ends{};

  consteval Decades() {
    for (int d = T::kDecadeMin; d <= T::kDecadeMax; ++d) {
      const auto i = static_cast<std::size_t>(d - T::kDecadeMin);
      decades[i] = make_decade<Float>(d);
      ends[i] = decade_begin<Float>(d + 1);
    }
  }
};

template <class Float>
constexpr Decades<Float> kDecades;

/// A number's digits, one in each byte.
struct Digits {
  std::uint64_t first;
  std::uint64_t next8;
  std::uint64_t last8;  // doubles only
};

Digits split(std::uint32_t scaled) {
  const std::uint32_t first = scaled / 100'000'000;
  return {first, digits_of(scaled - first * 100'000'000), 0};
}
Digits split(std::uint64_t scaled) {
  const std::uint64_t upper = scaled / 100'000'000;
  const std::uint64_t first = upper / 100'000'000;
  return {first, digits_of(static_cast<std::uint32_t>(upper - first * 100'000'000)),
          digits_of(static_cast<std::uint32_t>(scaled - upper * 100'000'000))};
}

/// m·2^e scaled and rounded; false where the power's precision does not tell.
bool scale(const Decade& decade, std::uint64_t mantissa, int shift, std::uint32_t& scaled) {
  const auto high = static_cast<std::uint64_t>(Wide{mantissa} * decade.high >> 64);
  const std::uint64_t half = std::uint64_t{1} << (shift - 1);
  const std::uint64_t rest = high & (2 * half - 1);
  // What was cut off of the power and of the product makes less than 2.
  if (rest - (half - 1) <= 1) [[unlikely]]
    return false;
  scaled = static_cast<std::uint32_t>(high >> shift) + (rest > half ? 1 : 0);
  return true;
}
bool scale(const Decade& decade, std::uint64_t mantissa, int shift, std::uint64_t& scaled) {
  const Wide product = Wide{mantissa} * decade.high + (Wide{mantissa} * decade.low >> 64);
  const auto high = static_cast<std::uint64_t>(product >> 64);
  const auto rest = static_cast<std::uint64_t>(product >> shift);
  constexpr std::uint64_t kHalf = std::uint64_t{1} << 63;
  if (rest - (kHalf - 1) <= 1) [[unlikely]]
    return false;
  scaled = (high >> shift) + (rest > kHalf ? 1 : 0);
  return true;
}

/// Writes digits, the point among them, and what stands around.
template <class Float>
char* lay_out(char* to, const Decade& decade, const Digits& digits) {
  std::memcpy(to, decade.prefix.data(), decade.prefix.size());
  to += decade.prefix_bytes;
  *to = static_cast<char>('0' + digits.first);
  const std::uint64_t next8 = digits.next8 + kEightZeros;
  store_little_endian(to + 1, next8);
  int count = 1 + significant_digits(digits.next8);
  const unsigned moved = decade.point - 1U;
  if constexpr (Traits<Float>::kDouble) {
    const std::uint64_t last8 = digits.last8 + kEightZeros;
    store_little_endian(to + 9, last8);
    if (digits.last8 != 0) count = 9 + significant_digits(digits.last8);
    const Wide fraction = (Wide{last8} << 64 | next8) >> 4 * moved >> 4 * moved;
    to[decade.point] = '.';
    store_little_endian(to + decade.point + 1, static_cast<std::uint64_t>(fraction));
    store_little_endian(to + decade.point + 9, static_cast<std::uint64_t>(fraction >> 64));
  } else {
    to[decade.point] = '.';
    store_little_endian(to + decade.point + 1, next8 >> 4 * moved >> 4 * moved);
  }
  to += count > decade.point ? count + 1 : (count > decade.digits_min ? count : decade.digits_min);
  std::memcpy(to, decade.suffix.data(), decade.suffix.size());
  return to + decade.suffix_bytes;
}

template <class Float>
[[gnu::noinline]] char* print_exactly(char* to, Float value) {
  return std::to_chars(to, to + kFloatRoomBytes - 1, value, std::chars_format::general, Traits<Float>::kDigits).ptr;
}

template <class Float>
char* print(char* to, Float value) {
  using T = Traits<Float>;
  using Bits = typename T::Bits;
  const auto all = std::bit_cast<Bits>(value);
  const Bits bits = all & ~(Bits{1} << (8 * sizeof(Bits) - 1));
  // Zero, subnormal, infinite or no number.
  if (bits - T::kSmallestNormal >= T::kInfinity - T::kSmallestNormal) [[unlikely]] {
    *to = '-';
    if (all != bits) ++to;
    *to = '0';
    return bits == 0 ? to + 1 : print_exactly(to, std::bit_cast<Float>(bits));
  }
  const int stored_exponent = static_cast<int>(bits >> (T::kMantissaBits - 1));
  auto i = static_cast<std::size_t>(exponent10_of_bit(stored_exponent - T::kBias) - T::kDecadeMin);
  i += bits >= kDecades<Float>.ends[i] ? 1 : 0;
  const Decade* decade = &kDecades<Float>.decades[i];
  const Bits mantissa = (bits & (T::kSmallestNormal - 1)) | T::kSmallestNormal;
  Bits scaled = 0;
  if (!scale(*decade, std::uint64_t{mantissa} << (64 - T::kMantissaBits), decade->shift - stored_exponent, scaled))
      [[unlikely]] {
    return print_exactly(to, value);
  }
  constexpr Bits kLimit = T::kDouble ? static_cast<Bits>(100'000'000'000'000'000) : static_cast<Bits>(1'000'000'000);
  if (scaled == kLimit) [[unlikely]] {
    scaled /= 10;
    ++decade;
  }
  *to = '-';
  return lay_out<Float>(to + (all != bits ? 1 : 0), *decade, split(scaled));
}

}  // namespace

template <class Float>
char* print_floats(char* to, const std::byte* from, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    to = print(to, load_little_endian<Float>(from + i * sizeof(Float)));
    *to++ = ' ';
  }
  return to;
}
template char* print_floats<float>(char* to, const std::byte* from, std::size_t count);
template char* print_floats<double>(char* to, const std::byte* from, std::size_t count);

}  // namespace sconce::core
