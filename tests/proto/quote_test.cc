#include "proto/quote.h"

#include <gtest/gtest.h>

namespace sconce::proto {
namespace {

TEST(EscapeNonUtf8, EscapesOnlyWhatIsNotUtf8) {
  EXPECT_EQ(escape_non_utf8(""), "");
  EXPECT_EQ(escape_non_utf8("a\n\"gr\xc3\xbc\xc3\x9f\xf0\x9f\x94\xa5"), "a\n\"gr\xc3\xbc\xc3\x9f\xf0\x9f\x94\xa5");
  EXPECT_EQ(escape_non_utf8("\xff"
                            "a\xc3"),
            "\\xffa\\xc3");
  EXPECT_EQ(escape_non_utf8("\xc0\x80"), "\\xc0\\x80");
  EXPECT_EQ(escape_non_utf8("\xed\xa0\x80"), "\\xed\\xa0\\x80");
}

TEST(InBackticks, StandsBetweenBackticks) {
  EXPECT_EQ(in_backticks(""), "``");
  EXPECT_EQ(in_backticks("json"), "`json`");
  EXPECT_EQ(in_backticks("\xfe"), "`\\xfe`");
}

TEST(InBackticks, LongWordsAreCutBetweenCharacters) {
  EXPECT_EQ(in_backticks(std::string(64, 'a')), "`" + std::string(64, 'a') + "`");
  EXPECT_EQ(in_backticks(std::string(65, 'a')), "`" + std::string(64, 'a') + "...`");
  EXPECT_EQ(in_backticks(std::string(63, 'a') + "\xc3\xbc"), "`" + std::string(63, 'a') + "...`");
  EXPECT_EQ(in_backticks(std::string(62, 'a') + "\xc3\xbc"), "`" + std::string(62, 'a') + "\xc3\xbc`");
}

}  // namespace
}  // namespace sconce::proto
