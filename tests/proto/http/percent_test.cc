#include "proto/http/percent.h"

#include <gtest/gtest.h>

namespace sconce::proto {
namespace {

TEST(PercentDecode, DecodesOnce) {
  struct Row {
    std::string_view text;
    std::string_view decoded;
  };
  constexpr Row kRows[] = {{"", ""},         {"abc", "abc"},   {"a%2Fb", "a/b"},       {"a%2fb", "a/b"},
                           {"%2525", "%25"}, {"a+b", "a+b"},   {"%C3%BC", "\xc3\xbc"}, {"%00", {"\0", 1}},
                           {"%fF", "\xff"},  {"\xff", "\xff"}, {"%41%42%43", "ABC"}};
  for (const Row& row : kRows) EXPECT_EQ(percent_decode(row.text), row.decoded) << row.text;
}

TEST(PercentDecode, NamesThePercentThatNoDigitsFollow) {
  struct Row {
    std::string_view text;
    std::uint64_t offset;
  };
  constexpr Row kRows[] = {{"%", 0},   {"ab%", 2}, {"ab%4", 2}, {"%4g", 0},   {"%g4", 0}, {"%+1", 0},
                           {"%-1", 0}, {"% 1", 0}, {"%%41", 0}, {"%41%4", 3}, {"%0x", 0}};
  for (const Row& row : kRows) {
    const core::Result<std::string> decoded = percent_decode(row.text);
    ASSERT_FALSE(decoded) << row.text;
    EXPECT_EQ(decoded.error().code, core::ErrorCode::invalid_argument) << row.text;
    EXPECT_EQ(decoded.error().offset, row.offset) << row.text;
  }
}

TEST(FormDecode, IsPercentDecodeWithBlanksForPlus) {
  EXPECT_EQ(form_decode("a+b%2B%20+"), "a b+  ");
  EXPECT_EQ(form_decode("%+1").error().offset, 0U);
}

TEST(FormEncode, EncodesWhatAQueryWouldReadOtherwise) {
  EXPECT_EQ(form_encode("modules[1].weight,0:2"), "modules[1].weight,0:2");
  EXPECT_EQ(form_encode("[\"a b+c&d%e#f?g\"]"), "[%22a%20b%2Bc%26d%25e%23f%3Fg%22]");
}

TEST(FormEncode, DecodesToTheSameForEveryByte) {
  std::string every;
  for (int byte = 0; byte < 256; ++byte) every += static_cast<char>(byte);
  EXPECT_EQ(form_decode(form_encode(every)), every);
}

TEST(PercentEncodePath, EncodesWhatMayNotStandInAPath) {
  EXPECT_EQ(percent_encode_path("runs/42/step-1000"), "runs/42/step-1000");
  EXPECT_EQ(percent_encode_path("a b?c#d%e\"<>\\^`{|}"), "a%20b%3Fc%23d%25e%22%3C%3E%5C%5E%60%7B%7C%7D");
  EXPECT_EQ(percent_encode_path("\xc3\xbc\x7f"), "%C3%BC%7F");
  EXPECT_EQ(percent_encode_path("-._~!$&'()*+,;=:@"), "-._~!$&'()*+,;=:@");
}

TEST(PercentEncodePath, DecodesToTheSameForEveryByte) {
  std::string every;
  for (int byte = 0; byte < 256; ++byte) every += static_cast<char>(byte);
  EXPECT_EQ(percent_decode(percent_encode_path(every)), every);
}

}  // namespace
}  // namespace sconce::proto
