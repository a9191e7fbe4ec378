#pragma once

#include <cstddef>
#include <string_view>

namespace sconce::core {

/// Threads: no state. Errors: none.

/// Bytes of the UTF-8 sequence that `text` begins with: 1 to 4, or 0 if it begins with none or is empty. Overlong
/// forms, surrogates and code points above U+10FFFF are not UTF-8. Source: RFC 3629, section 4.
std::size_t utf8_sequence_bytes(std::string_view text);

/// Whether `text` is UTF-8 from its first byte to its last.
bool is_utf8(std::string_view text);

}  // namespace sconce::core
