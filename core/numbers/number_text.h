#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/ascii.h"

namespace sconce::core {

/// Numbers as text, exactly as C's scanf and printf have them in the C locale, whatever locale the program runs in.
/// Threads: no state. Errors: none; a size of 0 means that there is no number. Source: docs/formats.md, "ascii".

/// What `%ld` reads at the beginning of `text`: an optional sign and digits, saturating at 64 bits. `size` is 0 without
/// a number.
struct IntegerText {
  std::int64_t value = 0;
  std::size_t size = 0;
};
IntegerText scan_integer(std::string_view text);

/// What `%lg` (`%g` for float) reads at the beginning of `text`: decimal, hexadecimal, inf, nan in any case, `1e` as 1;
/// overflow is infinity. `size` is what was consumed, 0 if there is no number.
template <class Float>
struct FloatText {
  Float value = 0;
  std::size_t size = 0;
};
template <class Float>
FloatText<Float> scan_float(std::string_view text);

/// Whether scanning for a number may have to look behind `c`.
constexpr bool can_continue_number(char c) {
  return is_digit(c) || is_letter(c) || c == '+' || c == '-' || c == '.' || c == '(' || c == ')' || c == '_';
}

/// White space of the C locale.
constexpr bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// The longest text that `print_integer` writes.
inline constexpr std::size_t kIntegerTextBytesMax = 20;

/// Writes what printf's `%ld` writes to [to, to + kIntegerTextBytesMax) and returns the end. For floats, see
/// float_printing.h.
char* print_integer(char* to, std::int64_t value);

}  // namespace sconce::core
