#include "proto/http/percent.h"

#include "core/ascii.h"

namespace sconce::proto {

namespace {

constexpr auto kStaysInPath = core::CharacterSet::alphanumeric_and("-._~/!$&'()*+,;=:@");
constexpr auto kStaysInQuery = core::CharacterSet::alphanumeric_and("-._~/!$'()*,;=:@[]");

std::string encode(std::string_view text, const core::CharacterSet& stays) {
  std::string encoded;
  for (const char byte : text) {
    if (stays.contains(byte)) {
      encoded += byte;
      continue;
    }
    encoded += '%';
    core::append_hex(encoded, static_cast<unsigned char>(byte), core::HexCase::upper);
  }
  return encoded;
}

core::Result<std::string> decode(std::string_view text, bool plus_is_blank) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += plus_is_blank && text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const int high = i + 1 < text.size() ? core::hex_digit_value(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? core::hex_digit_value(text[i + 2]) : -1;
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
