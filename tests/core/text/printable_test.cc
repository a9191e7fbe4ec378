#include "core/text/printable.h"

#include <gtest/gtest.h>

namespace sconce::core {
namespace {

TEST(Printable, TextStays) {
  EXPECT_EQ(printable(""), "");
  EXPECT_EQ(printable("a \"b\" \\ gr\xc3\xbc\xc3\x9f \xf0\x9f\x94\xa5"),
            "a \"b\" \\ gr\xc3\xbc\xc3\x9f \xf0\x9f\x94\xa5");
}

TEST(Printable, ControlCharactersAreEscaped) {
  EXPECT_EQ(printable("a\nb\rc\td"), R"(a\nb\rc\td)");
  EXPECT_EQ(printable(std::string_view("\0\x1b[2J\x7f", 6)), R"(\x00\x1b[2J\x7f)");
  EXPECT_EQ(printable("\xc2\x9b"), R"(\xc2\x9b)");
}

TEST(Printable, WhatIsNotUtf8IsEscaped) {
  EXPECT_EQ(printable("\xff\xc3"), R"(\xff\xc3)");
  EXPECT_EQ(printable("\xed\xa0\x80"), R"(\xed\xa0\x80)");
}

TEST(Printable, OneCharacterIsAppendedAtATime) {
  std::string out = "x";
  EXPECT_EQ(append_printable(out, "\"a", "\""), 1U);
  EXPECT_EQ(append_printable(out,
                             "\xc3\xbc"
                             "a",
                             ""),
            2U);
  EXPECT_EQ(append_printable(out, "\xc2\x9b", ""), 1U);
  EXPECT_EQ(out, "x\\\"\xc3\xbc\\xc2");
}

}  // namespace
}  // namespace sconce::core
