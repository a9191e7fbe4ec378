#pragma once

#include <span>
#include <string>
#include <string_view>

namespace sconce::core {

/// The one of `words` that was probably meant by `word`; empty if none is like it: more than two letters, or a half of
/// the word, would have to be changed, left out or added. Threads: no state. Lifetime: that of the word.
std::string_view similar_word(std::string_view word, std::span<const std::string> words);

}  // namespace sconce::core
