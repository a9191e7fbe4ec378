#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sconce::core {

/// Appends the first character of `text`, which is not empty, and returns how many bytes it was. Control characters and
/// bytes that are not UTF-8 are written as \n, \r, \t or \xHH, and what is in `also_escaped` after a backslash.
/// Threads: no state. Errors: none.
std::size_t append_printable(std::string& out, std::string_view text, std::string_view also_escaped);

/// All of `text` so. Stops a name out of an object or a request from steering a terminal, breaking a line in two, or
/// making a document that is not UTF-8. Printing it again changes nothing.
std::string printable(std::string_view text);

}  // namespace sconce::core
