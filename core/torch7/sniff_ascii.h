#pragma once

#include <cstdint>
#include <string_view>

#include "core/torch7/sniff_trial.h"

namespace sconce::core {

enum class AsciiVerdict : std::uint8_t {
  ascii,  ///< As Torch writes it.
  no,     ///< Other text; it may still read as ascii, as another value.
  more,   ///< More has to be seen.
};

/// Torch writes a tag, which is one digit, and a new line. Numbers and words are other text, although scanf may find a
/// tag in them: `1.5` is the tag 1 and the number .5. A nil, number or boolean (tags 0, 1 and 5) is so short that all
/// of the input is looked at: nothing may follow but more objects. `begin` is what `source` begins with, at least three
/// bytes, or all of it. Where the source fails the verdict is ascii, and its reader will say why.
/// Threads: no state. Errors: none.
AsciiVerdict sniff_ascii(std::string_view begin, ByteSource& source, SniffInput input);

}  // namespace sconce::core
