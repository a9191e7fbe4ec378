#include "proto/quote.h"

#include <algorithm>

#include "core/utf8.h"

namespace sconce::proto {

namespace {

/// Bytes of the character that `text`, which is not empty, begins with; a byte outside UTF-8 is a character of its own.
std::size_t character_bytes(std::string_view text) { return std::max<std::size_t>(core::utf8_sequence_bytes(text), 1); }

}  // namespace

std::string escape_non_utf8(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string escaped;
  while (!text.empty()) {
    const std::size_t bytes = character_bytes(text);
    if (core::utf8_sequence_bytes(text) == 0) {
      const auto byte = static_cast<unsigned char>(text.front());
      escaped.append("\\x").append({kDigits[byte >> 4U], kDigits[byte & 15U]});
    } else {
      escaped += text.substr(0, bytes);
    }
    text.remove_prefix(bytes);
  }
  return escaped;
}

std::string in_backticks(std::string_view word) {
  std::size_t end = 0;
  while (end < word.size()) {
    const std::size_t bytes = character_bytes(word.substr(end));
    if (end + bytes > kQuotedBytesMax) break;
    end += bytes;
  }
  return '`' + escape_non_utf8(word.substr(0, end)) + (end < word.size() ? "...`" : "`");
}

}  // namespace sconce::proto
