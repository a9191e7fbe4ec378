#pragma once

#include <string_view>

#include "core/error.h"

namespace sconce::cli {

// What the program exits with.
inline constexpr int kExitOk = 0;
inline constexpr int kExitBadInput = 1;  ///< The input, a file or the server is at fault; one line on stderr says how.
inline constexpr int kExitUsage = 2;     ///< The command line is.

/// Writes `sconce: FILE: byte N: at PATH: what` to stderr, without the parts that the error does not know. Always one
/// line. Threads: safe from many.
void report(std::string_view file, const core::Error& error);

/// The same of what is no error.
void note(std::string_view file, std::string_view text);

}  // namespace sconce::cli
