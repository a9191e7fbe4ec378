#include "core/text/quote.h"

#include <algorithm>

#include "core/text/printable.h"
#include "core/text/utf8.h"

namespace sconce::core {

namespace {

/// Bytes of the character that `text`, which is not empty, begins with; a byte outside UTF-8 is a character of its own.
std::size_t character_bytes(std::string_view text) { return std::max<std::size_t>(utf8_sequence_bytes(text), 1); }

}  // namespace

std::string in_backticks(std::string_view word) {
  std::size_t end = 0;
  while (end < word.size()) {
    const std::size_t bytes = character_bytes(word.substr(end));
    if (end + bytes > kQuotedBytesMax) break;
    end += bytes;
  }
  return '`' + printable(word.substr(0, end)) + (end < word.size() ? "...`" : "`");
}

}  // namespace sconce::core
