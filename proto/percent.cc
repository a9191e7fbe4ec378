#include "proto/percent.h"

namespace sconce::proto {

namespace {

bool is_letter_or_digit(char byte) {
  const bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
  return letter || (byte >= '0' && byte <= '9');
}

constexpr std::string_view kStaysInPath = "-._~/!$&'()*+,;=:@";
constexpr std::string_view kStaysInQuery = "-._~/!$'()*,;=:@[]";

std::string encode(std::string_view text, std::string_view stays) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char byte : text) {
    if (is_letter_or_digit(byte) || stays.contains(byte)) {
      encoded += byte;
      continue;
    }
    const auto value = static_cast<unsigned char>(byte);
    encoded += {'%', kDigits[value >> 4U], kDigits[value & 15U]};
  }
  return encoded;
}

/// The value of a hexadecimal digit in either case; -1 if it is none.
int digit_of(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

core::Result<std::string> decode(std::string_view text, bool plus_is_blank) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += plus_is_blank && text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const int high = i + 1 < text.size() ? digit_of(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? digit_of(text[i + 2]) : -1;
    if (high < 0 || low < 0) {
      return std::unexpected(core::Error{.code = core::ErrorCode::invalid_argument,
                                         .what = "a % must be followed by two hexadecimal digits",
                                         .offset = i});
    }
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

}  // namespace

core::Result<std::string> percent_decode(std::string_view text) { return decode(text, false); }
core::Result<std::string> form_decode(std::string_view text) { return decode(text, true); }

std::string percent_encode_path(std::string_view path) { return encode(path, kStaysInPath); }
std::string form_encode(std::string_view value) { return encode(value, kStaysInQuery); }

}  // namespace sconce::proto
