#include "proto/percent.h"

#include <charconv>

namespace sconce::proto {

namespace {

bool stays_in_path(char byte) {
  const bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
  const bool digit = byte >= '0' && byte <= '9';
  return letter || digit || std::string_view("-._~/!$&'()*+,;=:@").find(byte) != std::string_view::npos;
}

}  // namespace

core::Result<std::string> percent_decode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    unsigned char byte = 0;
    const std::string_view digits = text.substr(i + 1, 2);
    const char* const end = digits.data() + digits.size();
    if (digits.size() != 2 || std::from_chars(digits.data(), end, byte, 16).ptr != end) {
      return std::unexpected(core::Error{.code = core::ErrorCode::invalid_argument,
                                         .what = "a % must be followed by two hexadecimal digits",
                                         .offset = i});
    }
    decoded += static_cast<char>(byte);
    i += 2;
  }
  return decoded;
}

std::string percent_encode_path(std::string_view path) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char byte : path) {
    if (stays_in_path(byte)) {
      encoded += byte;
      continue;
    }
    const auto value = static_cast<unsigned char>(byte);
    encoded += '%';
    encoded += kDigits[value >> 4U];
    encoded += kDigits[value & 15U];
  }
  return encoded;
}

}  // namespace sconce::proto
