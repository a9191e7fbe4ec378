#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sconce::core {

/// What an answer repeats of a word that a client sent. Stops a header of many KiB from coming back in full.
inline constexpr std::size_t kQuotedBytesMax = 64;

/// The word between backticks, for a sentence. A longer one is cut between characters and ends in `...`.
/// Threads: no state.
std::string in_backticks(std::string_view word);

}  // namespace sconce::core
