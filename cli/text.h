#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sconce::cli {

/// `text` made safe to print: control characters and what is not UTF-8 stand as \n, \r, \t or \xHH. Stops a file name
/// or a string in an object from steering the terminal, and from breaking a line in two.
std::string escaped(std::string_view text);

/// `text` between quotes, with `"` and `\` escaped too. Beyond `bytes_max` it is cut, and `...` follows the closing
/// quote.
std::string quoted(std::string_view text, std::size_t bytes_max);

/// `1 pair`, `2 pairs`.
std::string counted(std::uint64_t count, std::string_view noun);

}  // namespace sconce::cli
