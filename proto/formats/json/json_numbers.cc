#include "proto/formats/json/json_numbers.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <iterator>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>

#include "core/ascii.h"
#include "core/little_endian.h"
#include "core/numbers/half.h"
#include "core/numbers/number_text.h"

namespace sconce::proto {

namespace {

using core::ElementType;

// The greatest double has 309, and a sign.
constexpr std::size_t kExactDigitsMax = 312;

/// How floats of each width are made of bits.
template <class Bits>
struct FloatBits {
  Bits sign;
  Bits infinity;
  Bits quiet_nan;
};
constexpr FloatBits<std::uint16_t> bits_of(std::uint16_t) { return {0x8000, 0x7c00, 0x7e00}; }
constexpr FloatBits<std::uint32_t> bits_of(std::uint32_t) { return {0x80000000, 0x7f800000, 0x7fc00000}; }
constexpr FloatBits<std::uint64_t> bits_of(std::uint64_t) {
  return {0x8000000000000000, 0x7ff0000000000000, 0x7ff8000000000000};
}

char* append(char* to, std::string_view text) {
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

constexpr std::string_view kRawNan = "nan:0x";

template <class Bits>
char* print_raw_nan(char* to, Bits bits) {
  to = append(to, kRawNan);
  for (int shift = std::numeric_limits<Bits>::digits - 8; shift >= 0; shift -= 8)
    to = std::ranges::copy(core::hex_digits(static_cast<unsigned char>(bits >> shift)), to).out;
  return to;
}

template <class Bits>
char* print_non_finite(char* to, Bits bits) {
  constexpr auto kBits = bits_of(Bits{});
  const auto magnitude = static_cast<Bits>(bits & static_cast<Bits>(~kBits.sign));
  const bool negative = magnitude != bits;
  *to++ = '"';
  if (magnitude == kBits.infinity) {
    to = append(to, negative ? "-inf" : "inf");
  } else if (magnitude == kBits.quiet_nan) {
    to = append(to, negative ? "-nan" : "nan");
  } else {
    to = print_raw_nan(to, bits);
  }
  *to++ = '"';
  return to;
}

/// Shortest: as few digits as give back the half, unless its exact value takes no more characters.
char* print_half(char* to, std::uint16_t bits) {
  const float value = core::half_to_float(bits);
  char* const exact_end = std::to_chars(to, to + kJsonNumberBytesMax, value).ptr;
  char text[kJsonNumberBytesMax];
  for (int digits = std::abs(value) < 0x1p-14F ? 1 : 3; digits < 5; ++digits) {
    char* end = std::to_chars(text, std::end(text), value, std::chars_format::general, digits).ptr;
    float shorter = 0;
    std::from_chars(text, end, shorter);
    if (core::float_to_half(shorter) != bits) continue;
    end = std::to_chars(text, std::end(text), shorter).ptr;
    return end - text < exact_end - to ? std::copy(text, end, to) : exact_end;
  }
  return exact_end;
}

template <class Bits>
char* print_float(char* to, Bits bits) {
  constexpr auto kBits = bits_of(Bits{});
  if ((bits & kBits.infinity) == kBits.infinity) return print_non_finite(to, bits);
  if (bits == kBits.sign) return append(to, "-0.0");
  if constexpr (sizeof(Bits) == 2) {
    return print_half(to, bits);
  } else {
    using Float = std::conditional_t<sizeof(Bits) == 4, float, double>;
    return std::to_chars(to, to + kJsonNumberBytesMax, std::bit_cast<Float>(bits)).ptr;
  }
}

template <class T>
char* print_integer(char* to, const std::byte* from) {
  return std::to_chars(to, to + kJsonNumberBytesMax, core::load_little_endian<T>(from)).ptr;
}

template <class T>
NumberRead read_integer(std::string_view text, std::byte* to) {
  std::int64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ptr != text.data() + text.size()) return NumberRead::wrong_kind;
  if (result.ec != std::errc() || !std::in_range<T>(value)) return NumberRead::out_of_range;
  core::store_little_endian(to, static_cast<T>(value));
  return NumberRead::done;
}

template <class Float>
NumberRead read_float(std::string_view text, Float& value) {
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc()) value = core::scan_float<Float>(text).value;
  return std::isfinite(value) ? NumberRead::done : NumberRead::out_of_range;
}

template <class Float>
NumberRead read_float(std::string_view text, std::byte* to) {
  Float value = 0;
  const NumberRead read = read_float(text, value);
  core::store_little_endian(to, value);
  return read;
}

NumberRead read_half(std::string_view text, std::byte* to) {
  float value = 0;
  const NumberRead read = read_float(text, value);
  const std::uint16_t bits = core::float_to_half(value);
  core::store_little_endian(to, bits);
  return std::isfinite(core::half_to_float(bits)) ? read : NumberRead::out_of_range;
}

/// `text` is behind `nan:0x`.
template <class Bits>
NumberRead read_raw_nan(std::string_view digits, std::byte* to) {
  constexpr auto kBits = bits_of(Bits{});
  Bits bits = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), bits, 16);
  const bool is_whole = result.ec == std::errc() && result.ptr == digits.data() + digits.size();
  if (!is_whole || digits.size() != 2 * sizeof(Bits)) return NumberRead::wrong_kind;
  if (static_cast<Bits>(bits & static_cast<Bits>(~kBits.sign)) <= kBits.infinity) return NumberRead::wrong_kind;
  core::store_little_endian(to, bits);
  return NumberRead::done;
}

template <class Bits>
NumberRead read_non_finite(std::string_view text, std::byte* to) {
  constexpr auto kBits = bits_of(Bits{});
  if (text.starts_with(kRawNan)) return read_raw_nan<Bits>(text.substr(kRawNan.size()), to);
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text != "inf" && text != "nan") return NumberRead::wrong_kind;
  const Bits magnitude = text == "inf" ? kBits.infinity : kBits.quiet_nan;
  core::store_little_endian(to, static_cast<Bits>(negative ? magnitude | kBits.sign : magnitude));
  return NumberRead::done;
}

}  // namespace

bool is_finite(double value) { return std::isfinite(value); }

char* print_json_element(char* to, ElementType type, const std::byte* from) {
  switch (type) {
    case ElementType::u8: return print_integer<std::uint8_t>(to, from);
    case ElementType::i8: return print_integer<std::int8_t>(to, from);
    case ElementType::i16: return print_integer<std::int16_t>(to, from);
    case ElementType::i32: return print_integer<std::int32_t>(to, from);
    case ElementType::i64: return print_integer<std::int64_t>(to, from);
    case ElementType::f16: return print_float(to, core::load_little_endian<std::uint16_t>(from));
    case ElementType::f32: return print_float(to, core::load_little_endian<std::uint32_t>(from));
    case ElementType::f64: return print_float(to, core::load_little_endian<std::uint64_t>(from));
  }
  return to;
}

NumberRead read_json_number(ElementType type, std::string_view text, std::byte* to) {
  switch (type) {
    case ElementType::u8: return read_integer<std::uint8_t>(text, to);
    case ElementType::i8: return read_integer<std::int8_t>(text, to);
    case ElementType::i16: return read_integer<std::int16_t>(text, to);
    case ElementType::i32: return read_integer<std::int32_t>(text, to);
    case ElementType::i64: return read_integer<std::int64_t>(text, to);
    case ElementType::f16: return read_half(text, to);
    case ElementType::f32: return read_float<float>(text, to);
    case ElementType::f64: return read_float<double>(text, to);
  }
  return NumberRead::wrong_kind;
}

bool keeps_integer(std::string_view text, double value) {
  constexpr double kExactMax = 0x1p53;
  if (std::abs(value) < kExactMax || text.find_first_of(".eE") != std::string_view::npos) return true;
  char exact[kExactDigitsMax];
  const auto printed = std::to_chars(std::begin(exact), std::end(exact), value, std::chars_format::fixed, 0);
  if (text == std::string_view(std::begin(exact), printed.ptr)) return true;
  char shortest[kJsonNumberBytesMax];
  const auto shown = std::to_chars(std::begin(shortest), std::end(shortest), value, std::chars_format::scientific);
  std::string digits(std::begin(shortest), std::find(std::begin(shortest), shown.ptr, 'e'));
  std::erase(digits, '.');
  const auto without_zeros = [](std::string_view number) { return number.substr(0, number.find_last_not_of('0') + 1); };
  return without_zeros(text) == without_zeros(digits);
}

NumberRead read_json_non_finite(ElementType type, std::string_view text, std::byte* to) {
  switch (type) {
    case ElementType::f16: return read_non_finite<std::uint16_t>(text, to);
    case ElementType::f32: return read_non_finite<std::uint32_t>(text, to);
    case ElementType::f64: return read_non_finite<std::uint64_t>(text, to);
    default: return NumberRead::wrong_kind;
  }
}

}  // namespace sconce::proto
