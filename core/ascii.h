#pragma once

#include <array>
#include <string>
#include <string_view>

namespace sconce::core {

/// Characters of ASCII, whatever the locale. Threads: no state. Errors: none.

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
constexpr bool is_letter(char c) { return to_lower(c) >= 'a' && to_lower(c) <= 'z'; }
constexpr bool is_lower_hex_digit(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }
constexpr bool is_hex_digit(char c) { return is_lower_hex_digit(to_lower(c)); }

/// The value of a hexadecimal digit in either case; -1 for another character.
constexpr int hex_digit_value(char c) {
  if (is_digit(c)) return c - '0';
  return is_hex_digit(c) ? to_lower(c) - 'a' + 10 : -1;
}

enum class HexCase : bool { lower, upper };

/// The digits of `byte`, the high one first.
constexpr std::array<char, 2> hex_digits(unsigned char byte, HexCase letters = HexCase::lower) {
  const std::string_view digits = letters == HexCase::lower ? "0123456789abcdef" : "0123456789ABCDEF";
  return {digits[byte >> 4U], digits[byte & 15U]};
}
/// Appends them.
constexpr void append_hex(std::string& text, unsigned char byte, HexCase letters = HexCase::lower) {
  const std::array digits = hex_digits(byte, letters);
  text.append(digits.data(), digits.size());
}

/// `text` with its letters in lower case.
inline std::string to_lower(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered) c = to_lower(c);
  return lowered;
}

/// Whether `text` is `lowered`, which is in lower case, but for the case of its letters.
constexpr bool equals_ignoring_case(std::string_view text, std::string_view lowered) {
  if (text.size() != lowered.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (to_lower(text[i]) != lowered[i]) return false;
  }
  return true;
}

/// A set of characters that is asked in one step.
class CharacterSet {
 public:
  /// The characters of `characters`.
  constexpr explicit CharacterSet(std::string_view characters) {
    for (const char c : characters) contains_[static_cast<unsigned char>(c)] = true;
  }
  /// Letters, digits, and the characters of `others`.
  static constexpr CharacterSet alphanumeric_and(std::string_view others) {
    CharacterSet set(others);
    for (unsigned c = 0; c < 128; ++c) {
      set.contains_[c] = set.contains_[c] || is_digit(static_cast<char>(c)) || is_letter(static_cast<char>(c));
    }
    return set;
  }

  constexpr bool contains(char c) const { return contains_[static_cast<unsigned char>(c)]; }

  /// Where the first character outside the set is; the size of `text` if all are in it.
  constexpr std::size_t end_of_run(std::string_view text) const {
    std::size_t end = 0;
    while (end < text.size() && contains(text[end])) ++end;
    return end;
  }
  constexpr bool contains_all(std::string_view text) const { return end_of_run(text) == text.size(); }

 private:
  std::array<bool, 256> contains_{};
};

}  // namespace sconce::core
