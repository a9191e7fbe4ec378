#include "core/ascii.h"

#include <gtest/gtest.h>

#include <string>

namespace sconce::core {
namespace {

TEST(Ascii, HexDigitsAreReadAsTheyAreWritten) {
  for (int byte = 0; byte < 256; ++byte) {
    for (const HexCase letters : {HexCase::lower, HexCase::upper}) {
      const auto [high, low] = hex_digits(static_cast<unsigned char>(byte), letters);
      EXPECT_EQ(16 * hex_digit_value(high) + hex_digit_value(low), byte);
    }
  }
}

TEST(Ascii, HexDigitsHaveTheCaseThatIsAskedFor) {
  std::string text;
  append_hex(text, 0xaf);
  append_hex(text, 0x0F, HexCase::upper);
  EXPECT_EQ(text, "af0F");
}

TEST(Ascii, OtherCharactersAreNoHexDigits) {
  for (const char c : {'g', 'G', '/', ':', '@', '`', '\xe9', '\0'}) EXPECT_EQ(hex_digit_value(c), -1) << c;
}

}  // namespace
}  // namespace sconce::core
