#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/event/element_type.h"

namespace sconce::proto {

/// Numbers as docs/json.md has them. Elements are in the canonical encoding, not necessarily aligned. Threads: no
/// state.

/// The longest text that the functions below write.
inline constexpr std::size_t kJsonNumberBytesMax = 40;

/// Writes an element to [to, to + kJsonNumberBytesMax) and returns the end: the shortest text that gives back the same
/// value of its type; -0 as `-0.0`; what is not finite in quotes: "inf", "-inf", "nan", "-nan", "nan:0x<its bits>".
char* print_json_element(char* to, core::ElementType type, const std::byte* from);

bool is_finite(double value);

/// How reading a number's text went.
enum class NumberRead : std::uint8_t {
  done,
  wrong_kind,    ///< A fraction or an exponent where an integer is wanted, or text that is not one of the above.
  out_of_range,  ///< The type has no such number. Floats that are too small are zero.
};

/// Reads the text of a JSON number as an element, rounded once.
NumberRead read_json_number(core::ElementType type, std::string_view text, std::byte* to);

/// Whether `text`, of which `value` was read, is no integer that a double would change in silence: one without point
/// and exponent is `value` exactly, or its shortest digits with zeros behind them, as JavaScript writes numbers below
/// 1e21.
bool keeps_integer(std::string_view text, double value);

/// Reads what stood in quotes.
NumberRead read_json_non_finite(core::ElementType type, std::string_view text, std::byte* to);

}  // namespace sconce::proto
