#include "proto/http/fields/byte_range.h"

#include <gmock/gmock.h>

namespace sconce::proto {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

TEST(ByteRange, RangesAreCutToTheRepresentation) {
  EXPECT_THAT(parse_byte_ranges("bytes=0-9", 100), Optional(ElementsAre(ByteRange{0, 9})));
  EXPECT_THAT(parse_byte_ranges("bytes=90-", 100), Optional(ElementsAre(ByteRange{90, 99})));
  EXPECT_THAT(parse_byte_ranges("bytes=90-1000", 100), Optional(ElementsAre(ByteRange{90, 99})));
  EXPECT_THAT(parse_byte_ranges("bytes=-10", 100), Optional(ElementsAre(ByteRange{90, 99})));
  EXPECT_THAT(parse_byte_ranges("bytes=-1000", 100), Optional(ElementsAre(ByteRange{0, 99})));
  EXPECT_THAT(parse_byte_ranges("BYTES=99-99", 100), Optional(ElementsAre(ByteRange{99, 99})));
  EXPECT_THAT(parse_byte_ranges("bytes=0-99999999999999999999999", 100), Optional(ElementsAre(ByteRange{0, 99})));
}

TEST(ByteRange, SeveralKeepTheirOrder) {
  EXPECT_THAT(parse_byte_ranges("bytes=50-59 , 0-9,,-1", 100),
              Optional(ElementsAre(ByteRange{50, 59}, ByteRange{0, 9}, ByteRange{99, 99})));
  EXPECT_THAT(parse_byte_ranges("bytes=0-9, 200-300", 100), Optional(ElementsAre(ByteRange{0, 9})));
}

TEST(ByteRange, WhatCannotBeSatisfied) {
  for (const char* text : {"bytes=100-", "bytes=100-200", "bytes=-0", "bytes=99999999999999999999-"}) {
    EXPECT_THAT(parse_byte_ranges(text, 100), Optional(IsEmpty())) << text;
  }
  EXPECT_THAT(parse_byte_ranges("bytes=0-", 0), Optional(IsEmpty()));
  EXPECT_THAT(parse_byte_ranges("bytes=-5", 0), Optional(IsEmpty()));
}

TEST(ByteRange, WhatAsksForTooMuch) {
  std::string many = "bytes=0-0";
  for (std::size_t i = 1; i < kByteRangesMax; ++i) many += ",0-0";
  EXPECT_EQ(parse_byte_ranges(many, 100)->size(), kByteRangesMax);
  EXPECT_THAT(parse_byte_ranges(many + ",0-0", 100), Optional(IsEmpty()));
  EXPECT_THAT(parse_byte_ranges("bytes=0-99,0-99", 100), Optional(IsEmpty()));
  EXPECT_THAT(parse_byte_ranges("bytes=0-49,50-99", 100), Optional(ElementsAre(ByteRange{0, 49}, ByteRange{50, 99})));
}

TEST(ByteRange, WhatIsIgnored) {
  for (const char* text :
       {"", "bytes", "bytes=", "bytes=,", "items=0-9", "bytes=a-b", "bytes=9-0", "bytes=-", "bytes=5", "bytes=0-9-",
        "bytes=+1-2", "bytes=0x1-2", "bytes 0-9", "bytes=0-9;1-2", "bytes=- 5"}) {
    EXPECT_EQ(parse_byte_ranges(text, 100), std::nullopt) << text;
  }
}

TEST(ByteRange, IfRangeComparesStrongly) {
  EXPECT_TRUE(if_range_holds("\"a\"", "\"a\""));
  EXPECT_TRUE(if_range_holds(" \"a\" ", "\"a\""));
  EXPECT_FALSE(if_range_holds("W/\"a\"", "\"a\""));
  EXPECT_FALSE(if_range_holds("Mon, 23 Nov 2026 10:00:00 GMT", "\"a\""));
}

TEST(ByteRange, ContentRange) {
  EXPECT_EQ(content_range_of({0, 9}, 100), "bytes 0-9/100");
  EXPECT_EQ(unsatisfied_content_range(100), "bytes */100");
}

}  // namespace
}  // namespace sconce::proto
