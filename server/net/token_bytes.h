#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace sconce::server::net {

/// Whether a byte may stand in a token: the name of a field or of a method. Source: RFC 9110, section 5.6.2.
constexpr bool is_token_byte(char byte) {
  constexpr auto kBytes = [] {
    std::array<bool, 256> bytes{};
    for (const char punctuation : std::string_view("!#$%&'*+-.^_`|~")) {
      bytes[static_cast<unsigned char>(punctuation)] = true;
    }
    for (unsigned char digit = '0'; digit <= '9'; ++digit) bytes[digit] = true;
    for (unsigned char letter = 'a'; letter <= 'z'; ++letter) bytes[letter] = true;
    for (unsigned char letter = 'A'; letter <= 'Z'; ++letter) bytes[letter] = true;
    return bytes;
  }();
  return kBytes[static_cast<unsigned char>(byte)];
}

/// How many bytes of a token `text` begins with.
constexpr std::size_t token_bytes(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is_token_byte) - text.begin());
}

}  // namespace sconce::server::net
