#include "core/text/printable.h"

#include "core/ascii.h"
#include "core/text/utf8.h"

namespace sconce::core {

namespace {

void append_escape(std::string& out, char byte) {
  out += "\\x";
  append_hex(out, static_cast<unsigned char>(byte));
}

void append_ascii(std::string& out, char byte, std::string_view also_escaped) {
  constexpr std::string_view kBlanks = "\n\r\t";
  constexpr std::string_view kLetters = "nrt";
  if (const std::size_t blank = kBlanks.find(byte); blank != std::string_view::npos) {
    out += '\\';
    out += kLetters[blank];
  } else if (byte < 0x20 || byte == 0x7f) {
    append_escape(out, byte);
  } else {
    if (also_escaped.contains(byte)) out += '\\';
    out += byte;
  }
}

/// U+0080 to U+009F, which some terminals obey.
bool is_upper_control(std::string_view sequence) {
  return sequence.size() == 2 && sequence[0] == '\xc2' && static_cast<unsigned char>(sequence[1]) < 0xa0;
}

}  // namespace

std::size_t append_printable(std::string& out, std::string_view text, std::string_view also_escaped) {
  const std::string_view sequence = text.substr(0, utf8_sequence_bytes(text));
  if (sequence.size() == 1) {
    append_ascii(out, text.front(), also_escaped);
  } else if (sequence.empty() || is_upper_control(sequence)) {
    append_escape(out, text.front());
    return 1;
  } else {
    out += sequence;
  }
  return sequence.size();
}

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) text.remove_prefix(append_printable(out, text, ""));
  return out;
}

}  // namespace sconce::core
