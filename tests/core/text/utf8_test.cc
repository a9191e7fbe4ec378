#include "core/text/utf8.h"

#include <gtest/gtest.h>

namespace sconce::core {
namespace {

TEST(Utf8, MeasuresTheFirstSequence) {
  EXPECT_EQ(utf8_sequence_bytes("ab"), 1U);
  EXPECT_EQ(utf8_sequence_bytes(std::string_view("\0", 1)), 1U);
  EXPECT_EQ(utf8_sequence_bytes("\xc2\x80z"), 2U);
  EXPECT_EQ(utf8_sequence_bytes("\xe0\xa0\x80"), 3U);
  EXPECT_EQ(utf8_sequence_bytes("\xed\x9f\xbf"), 3U);
  EXPECT_EQ(utf8_sequence_bytes("\xf4\x8f\xbf\xbf"), 4U);
}

TEST(Utf8, RefusesWhatIsNone) {
  for (const std::string_view text : {"", "\x80", "\xc1\xbf", "\xc3", "\xc3(", "\xe0\x9f\xbf", "\xed\xa0\x80",
                                      "\xe1\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"}) {
    EXPECT_EQ(utf8_sequence_bytes(text), 0U) << testing::PrintToString(text);
  }
}

}  // namespace
}  // namespace sconce::core
