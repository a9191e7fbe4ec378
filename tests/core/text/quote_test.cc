#include "core/text/quote.h"

#include <gtest/gtest.h>

namespace sconce::core {
namespace {

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
}  // namespace sconce::core
