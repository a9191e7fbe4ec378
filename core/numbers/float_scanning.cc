#include "core/numbers/float_scanning.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "core/ascii.h"
#include "core/numbers/powers_of_ten.h"
#include "core/numbers/swar_digits.h"

// w·10^q, with w below 2^64, is made binary by multiplying w with 10^q, cut off at 64 (doubles: 128) bits. The product
// may be too small by a little, and it is known by how little: where that might tell whether it is rounded up, it is
// left to scan_float, which is exact. So are ties.
// Source: Lemire, "Number parsing at a gigabyte per second" (2021), with a test of the interval in the place of proofs.

namespace sconce::core {
namespace {

constexpr int kDigitsMax = 19;     // of a number below 2^64
constexpr int kRunDigitsMax = 24;  // that are looked at in one run

constexpr std::array<std::uint32_t, 9> kSmallPowers{1,       10,        100,        1000,       10'000,
                                                    100'000, 1'000'000, 10'000'000, 100'000'000};

// Where the parts of a number are of the same sizes again and again, branches that ask for just these let the next
// number begin before this one is done; a count would have to be waited for.

/// Steps over a run of digits, and appends them to `number`. Returns how many; if they are kRunDigitsMax, there may be
/// more of them.
int take_digits(const char*& at, std::uint64_t& number) {
  for (int taken = 0; taken < kRunDigitsMax; taken += 8) {
    if (!is_digit(*at)) return taken;
    const std::uint64_t word = load_digits(at);
    const std::uint64_t others = mark_others(word);
    if (others != 0) {
      const int count = digits_before(others);
      number = number * kSmallPowers[static_cast<std::size_t>(count)] + number_of(word, count);
      at += count;
      return taken + count;
    }
    number = number * kSmallPowers[8] + number_of(word);
    at += 8;
  }
  return kRunDigitsMax;
}

/// Zeros in front of the first other digit; there may be a point among them.
int leading_zeros(const char* at) {
  int zeros = 0;
  for (; *at == '0' || *at == '.'; ++at) zeros += *at == '0' ? 1 : 0;
  return zeros;
}

/// A number's text, as far as it is of the kind that is read here.
struct Decimal {
  std::uint64_t digits = 0;
  int exponent = 0;
  bool negative = false;
};

/// Steps over an exponent behind its letter, if it has 1 to 4 digits.
bool take_exponent(const char*& at, int& exponent) {
  const int negative = *at == '-' ? 1 : 0;
  if (((*at - '+') & ~('-' - '+')) == 0) ++at;
  int value = 0;
  if (is_digit(at[0]) && is_digit(at[1]) && !is_digit(at[2])) {
    value = (at[0] - '0') * 10 + (at[1] - '0');
    at += 2;
  } else {
    const std::uint64_t word = load_digits(at);
    const int count = digits_before(mark_others(word));
    if (count == 0 || count > 4) return false;
    value = static_cast<int>(number_of(word, count));
    at += count;
  }
  exponent += (value ^ -negative) + negative;
  return true;
}

/// Steps over a number; false if it is of another kind.
bool take_decimal(const char*& at, Decimal& decimal) {
  decimal.negative = *at == '-';
  at += decimal.negative ? 1 : 0;
  const char* const begin = at;
  int count = 0;
  if (at[1] == '.' && *at >= '0' && *at <= '9') [[likely]] {
    decimal.digits = static_cast<std::uint64_t>(*at++ - '0');
    count = 1;
  } else {
    count = take_digits(at, decimal.digits);
    if (count == 0 || count == kRunDigitsMax) return false;
  }
  if (*at == '.') {
    const int places = take_digits(++at, decimal.digits);
    if (places == kRunDigitsMax) return false;
    decimal.exponent = -places;
    count += places;
  }
  if (count > kDigitsMax && count - leading_zeros(begin) > kDigitsMax) return false;
  if ((*at | 0x20) == 'e') {
    ++at;
    if (!take_exponent(at, decimal.exponent)) return false;
  }
  return *at == ' ' || *at == '\n';
}

/// The highest bits of w·10^q, which lie in [mantissa, mantissa + 1) · 2^(exponent - bits + 1), and whether they are
/// rounded up.
struct Binary {
  std::uint64_t mantissa;
  int exponent;
  bool up;
};

/// False where the power's precision does not tell.
bool to_binary(const Decimal& decimal, Binary& binary, float) {
  const int zeros = std::countl_zero(decimal.digits);
  const PowerOfTen& power = power_of_ten(decimal.exponent);
  const auto high = static_cast<std::uint64_t>(Wide{decimal.digits << zeros} * power.high >> 64);
  const int upper = static_cast<int>(high >> 63);
  const int shift = 63 + upper - std::numeric_limits<float>::digits;
  const std::uint64_t half = std::uint64_t{1} << (shift - 1);
  const std::uint64_t rest = high & (2 * half - 1);
  binary = {.mantissa = high >> shift,
            .exponent = exponent2_of_power(decimal.exponent) - zeros + 63 + upper,
            .up = rest > half};
  // What was cut off of the power and of the product makes less than 2.
  return rest - (half - 1) > 1;
}
bool to_binary(const Decimal& decimal, Binary& binary, double) {
  const int zeros = std::countl_zero(decimal.digits);
  const PowerOfTen& power = power_of_ten(decimal.exponent);
  const std::uint64_t digits = decimal.digits << zeros;
  const Wide product = Wide{digits} * power.high + (Wide{digits} * power.low >> 64);
  const auto high = static_cast<std::uint64_t>(product >> 64);
  const int upper = static_cast<int>(high >> 63);
  const int shift = 63 + upper - std::numeric_limits<double>::digits;
  // Of what is behind the mantissa, 64 bits; what is cut off now is less than 1 as well.
  const auto rest = static_cast<std::uint64_t>(product >> shift);
  constexpr std::uint64_t kHalf = std::uint64_t{1} << 63;
  binary = {.mantissa = high >> shift,
            .exponent = exponent2_of_power(decimal.exponent) - zeros + 63 + upper,
            .up = rest > kHalf};
  return rest - (kHalf - 1) > 1;
}

template <class Float>
bool to_float(const Decimal& decimal, std::byte* to) {
  using Bits = std::conditional_t<std::is_same_v<Float, double>, std::uint64_t, std::uint32_t>;
  constexpr int kMantissaBits = std::numeric_limits<Float>::digits;
  constexpr int kBias = std::numeric_limits<Float>::max_exponent - 1;
  Bits bits = 0;
  if (decimal.digits != 0) {
    if (decimal.exponent < kPowerMin || decimal.exponent > kPowerMax) return false;
    Binary binary{};
    if (!to_binary(decimal, binary, Float{})) [[unlikely]]
      return false;
    if (binary.exponent < 1 - kBias || binary.exponent > kBias) [[unlikely]]
      return false;
    // The highest bit of the mantissa counts the exponent up, and so does rounding up to the next power of two.
    bits = (static_cast<Bits>(binary.exponent + kBias - 1) << (kMantissaBits - 1)) +
           static_cast<Bits>(binary.mantissa) + (binary.up ? 1 : 0);
  }
  bits |= static_cast<Bits>(decimal.negative) << (8 * sizeof(Bits) - 1);
  std::memcpy(to, &bits, sizeof bits);
  return true;
}

}  // namespace

template <class Float>
std::size_t scan_floats(const char*& from, const char* end, std::byte* to, std::size_t count) {
  std::size_t done = 0;
  for (; done < count && static_cast<std::size_t>(end - from) >= kFloatScanBytes; ++done) {
    const char* at = from;
    if (*at == ' ' || *at == '\n') ++at;
    Decimal decimal;
    if (!take_decimal(at, decimal) || !to_float<Float>(decimal, to + done * sizeof(Float))) break;
    from = at;
  }
  return done;
}
template std::size_t scan_floats<float>(const char*& from, const char* end, std::byte* to, std::size_t count);
template std::size_t scan_floats<double>(const char*& from, const char* end, std::byte* to, std::size_t count);

}  // namespace sconce::core
