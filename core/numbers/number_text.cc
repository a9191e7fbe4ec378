#include "core/numbers/number_text.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>
#include <system_error>

#include "core/ascii.h"

namespace sconce::core {
namespace {

constexpr bool is_word(char c) { return is_digit(c) || is_letter(c) || c == '_'; }

bool has_prefix_ignoring_case(std::string_view text, std::string_view prefix) {
  if (text.size() < prefix.size()) return false;
  for (std::size_t i = 0; i < prefix.size(); ++i) {
    if (to_lower(text[i]) != prefix[i]) return false;
  }
  return true;
}

std::size_t sign_size(std::string_view text) { return !text.empty() && (text[0] == '+' || text[0] == '-') ? 1 : 0; }

/// Bytes of `nan`, and of the `(…)` behind it if it is complete.
std::size_t nan_size(std::string_view text) {
  std::size_t end = 3;
  if (end == text.size() || text[end] != '(') return end;
  for (++end; end < text.size() && is_word(text[end]); ++end) {
  }
  return end < text.size() && text[end] == ')' ? end + 1 : 3;
}

/// Where the parts of a number's text end. `consumed` includes an exponent that scanf swallows but which has no digits.
struct Extent {
  std::size_t value_end = 0;  // mantissa, and the exponent if it is complete
  std::size_t consumed = 0;
};

/// Digits with at most one point, then an exponent that begins with `exponent_letter`. Without a digit: 0.
Extent scan_extent(std::string_view text, bool (*is_mantissa_digit)(char), char exponent_letter) {
  std::size_t at = 0;
  std::size_t digits = 0;
  bool point = false;
  for (; at < text.size(); ++at) {
    if (is_mantissa_digit(text[at])) {
      ++digits;
    } else if (text[at] == '.' && !point) {
      point = true;
    } else {
      break;
    }
  }
  if (digits == 0) return {};
  Extent extent{at, at};
  if (at == text.size() || to_lower(text[at]) != exponent_letter) return extent;
  ++at;
  at += sign_size(text.substr(at));
  const std::size_t exponent = at;
  while (at < text.size() && is_digit(text[at])) ++at;
  extent.consumed = at;
  if (at > exponent) extent.value_end = at;
  return extent;
}

/// The exponent of the leading digit of a number that from_chars found out of range: which end of the range it is
/// beyond.
bool is_huge(std::string_view text, std::chars_format format) {
  const bool hex = format == std::chars_format::hex;
  const std::size_t exponent_at = text.find_first_of(hex ? "pP" : "eE");
  const std::string_view mantissa = text.substr(0, exponent_at);
  long exponent = 0;
  if (exponent_at != std::string_view::npos) {
    std::string_view digits = text.substr(exponent_at + 1);
    if (digits[0] == '+') digits.remove_prefix(1);
    const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    if (result.ec == std::errc::result_out_of_range) return digits[0] != '-';
  }
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  const std::size_t leading = mantissa.find_first_not_of("0.");
  const long scale = leading < point ? static_cast<long>(point - leading) : -static_cast<long>(leading - point);
  return exponent > -scale * (hex ? 4 : 1);  // no sum: the exponent may be any long
}

template <class Float>
Float convert(std::string_view text, std::chars_format format) {
  Float value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value, format);
  if (result.ec != std::errc::result_out_of_range) return value;
  return is_huge(text, format) ? std::numeric_limits<Float>::infinity() : Float{0};
}

template <class Float>
FloatText<Float> scan_unsigned(std::string_view text) {
  if (has_prefix_ignoring_case(text, "nan")) return {std::numeric_limits<Float>::quiet_NaN(), nan_size(text)};
  if (has_prefix_ignoring_case(text, "infinity")) return {std::numeric_limits<Float>::infinity(), 8};
  if (has_prefix_ignoring_case(text, "inf")) return {std::numeric_limits<Float>::infinity(), 3};
  if (has_prefix_ignoring_case(text, "0x")) {
    const std::string_view digits = text.substr(2);
    const Extent extent = scan_extent(digits, is_hex_digit, 'p');
    if (extent.consumed == 0) return {};
    return {convert<Float>(digits.substr(0, extent.value_end), std::chars_format::hex), extent.consumed + 2};
  }
  const Extent extent = scan_extent(text, is_digit, 'e');
  if (extent.consumed == 0) return {};
  return {convert<Float>(text.substr(0, extent.value_end), std::chars_format::general), extent.consumed};
}

}  // namespace

IntegerText scan_integer(std::string_view text) {
  const std::size_t sign = sign_size(text);
  const bool negative = sign == 1 && text[0] == '-';
  std::size_t end = sign;
  while (end < text.size() && is_digit(text[end])) ++end;
  if (end == sign) return {};
  const std::size_t first = negative ? 0 : sign;
  std::int64_t value = 0;
  const auto result = std::from_chars(text.data() + first, text.data() + end, value);
  if (result.ec == std::errc::result_out_of_range) {
    value = negative ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
  }
  return {value, end};
}

template <class Float>
FloatText<Float> scan_float(std::string_view text) {
  const std::size_t sign = sign_size(text);
  FloatText<Float> scanned = scan_unsigned<Float>(text.substr(sign));
  if (scanned.size == 0) return {};
  if (sign == 1 && text[0] == '-') scanned.value = -scanned.value;
  scanned.size += sign;
  return scanned;
}
template FloatText<float> scan_float<float>(std::string_view text);
template FloatText<double> scan_float<double>(std::string_view text);

char* print_integer(char* to, std::int64_t value) { return std::to_chars(to, to + kIntegerTextBytesMax, value).ptr; }

}  // namespace sconce::core
