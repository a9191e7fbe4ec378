#include "cli/text.h"

#include "core/utf8.h"

namespace sconce::cli {
namespace {

void append_hex(std::string& out, char byte) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto value = static_cast<unsigned char>(byte);
  out += "\\x";
  out += kDigits[value >> 4U];
  out += kDigits[value & 15U];
}

void append_ascii(std::string& out, char byte, std::string_view also_escaped) {
  if (byte == '\n') {
    out += "\\n";
  } else if (byte == '\r') {
    out += "\\r";
  } else if (byte == '\t') {
    out += "\\t";
  } else if (byte < 0x20 || byte == 0x7f) {
    append_hex(out, byte);
  } else {
    if (also_escaped.contains(byte)) out += '\\';
    out += byte;
  }
}

/// U+0080 to U+009F, which some terminals obey.
bool is_upper_control(std::string_view sequence) {
  return sequence.size() == 2 && sequence[0] == '\xc2' && static_cast<unsigned char>(sequence[1]) < 0xa0;
}

/// Appends one character, and returns how many bytes it was.
std::size_t append_character(std::string& out, std::string_view text, std::string_view also_escaped) {
  const std::size_t size_bytes = core::utf8_sequence_bytes(text);
  if (size_bytes == 1) {
    append_ascii(out, text.front(), also_escaped);
  } else if (size_bytes == 0 || is_upper_control(text.substr(0, size_bytes))) {
    append_hex(out, text.front());
    return 1;
  } else {
    out += text.substr(0, size_bytes);
  }
  return size_bytes;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  while (!text.empty()) text.remove_prefix(append_character(out, text, ""));
  return out;
}

std::string quoted(std::string_view text, std::size_t bytes_max) {
  std::string out = "\"";
  std::size_t done = 0;
  while (done < text.size() && done + core::utf8_sequence_bytes(text.substr(done)) <= bytes_max && done < bytes_max) {
    done += append_character(out, text.substr(done), "\"\\");
  }
  out += '"';
  if (done < text.size()) out += "...";
  return out;
}

std::string counted(std::uint64_t count, std::string_view noun) {
  std::string out = std::to_string(count);
  out += ' ';
  out += noun;
  if (count != 1) out += 's';
  return out;
}

}  // namespace sconce::cli
