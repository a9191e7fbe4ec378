#pragma once

#include <cstddef>

namespace sconce::core {

/// Floats as printf writes them with `%.9g`, doubles with `%.17g`: correctly rounded, ties to even. A space follows
/// each number. Threads: no state. Errors: none.
///
/// Writes `count` numbers, whose bytes lie at `from`, aligned or not, to [to, to + count * kFloatRoomBytes), and
/// returns the end. What is between the end and there may be overwritten too.
template <class Float>
char* print_floats(char* to, const std::byte* from, std::size_t count);

/// Room for one of them.
inline constexpr std::size_t kFloatRoomBytes = 48;

}  // namespace sconce::core
