#pragma once

#include <cstddef>

namespace sconce::core {

/// Reads decimal numbers that are written as usual, quickly: digits with or without a point and an exponent, a minus in
/// front or not, and one space or newline in front or not; a space or a newline must follow. The value is what
/// scan_float reads (number_text.h), whose work this does where it can.
///
/// Reads up to `count` of them from [from, end) to `to`, as bytes, aligned or not, and moves `from` after the last one
/// (not behind the white space that follows). Returns how many. What stops it (a number that is not so simple, whose
/// value is not decided by 19 digits, that is subnormal or infinite, or of which not kFloatScanBytes are at hand) has
/// to be read by scan_float. Threads: no state. Errors: none.
template <class Float>
std::size_t scan_floats(const char*& from, const char* end, std::byte* to, std::size_t count);

/// No number that it reads is longer, white space on both sides included.
inline constexpr std::size_t kFloatScanBytes = 64;

}  // namespace sconce::core
