#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sconce::cli {

/// `text` printable and between quotes, with `"` and `\` escaped too. Beyond `bytes_max` it is cut, and `...` follows
/// the closing quote. Threads: no state.
std::string quoted(std::string_view text, std::size_t bytes_max);

/// `1 pair`, `2 pairs`.
std::string counted(std::uint64_t count, std::string_view noun);

}  // namespace sconce::cli
