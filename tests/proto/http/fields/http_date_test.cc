#include "proto/http/fields/http_date.h"

#include <gtest/gtest.h>

namespace sconce::proto {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;
using std::chrono::sys_seconds;

const sys_seconds kNow = sys_days(2026y / 11 / 25);

TEST(HttpDate, AllThreeWaysAreTheSameSecond) {
  const sys_seconds expected = sys_days(1994y / 11 / 6) + 8h + 49min + 37s;
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", kNow), expected);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", kNow), expected);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994", kNow), expected);
}

TEST(HttpDate, IsWrittenAsHttpHasIt) {
  EXPECT_EQ(http_date(sys_days(1994y / 11 / 6) + 8h + 49min + 37s), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(http_date(sys_days(2000y / 2 / 29) + 23h + 59min + 59s), "Tue, 29 Feb 2000 23:59:59 GMT");
  EXPECT_EQ(http_date(sys_seconds()), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(http_date(sys_days(1969y / 12 / 31) + 1s), "Wed, 31 Dec 1969 00:00:01 GMT");
}

/// Of every day and hour since 1970, some second.
TEST(HttpDate, WhatIsWrittenIsRead) {
  for (sys_seconds time; time < kNow; time += 30h + 7min + 11s) EXPECT_EQ(parse_http_date(http_date(time), kNow), time);
}

TEST(HttpDate, AYearOfTwoDigitsIsAtMost50YearsAhead) {
  EXPECT_EQ(parse_http_date("Friday, 01-Jan-76 00:00:00 GMT", kNow), sys_days(2076y / 1 / 1));
  EXPECT_EQ(parse_http_date("Friday, 01-Jan-77 00:00:00 GMT", kNow), sys_days(1977y / 1 / 1));
}

TEST(HttpDate, WhatIsNoDateIsNone) {
  const std::string_view texts[] = {"",
                                    "tomorrow",
                                    "Sun, 06 Nov 1994 08:49:37",
                                    "Sun, 06 Nov 1994 08:49:37 UTC",
                                    "Sun, 6 Nov 1994 08:49:37 GMT",
                                    "sun, 06 Nov 1994 08:49:37 GMT",
                                    "Sun, 31 Nov 1994 08:49:37 GMT",
                                    "Sun, 06 Xov 1994 08:49:37 GMT",
                                    "Sun, 06 Nov 1994 24:00:00 GMT",
                                    "Sun, 06 Nov 1994 08:60:00 GMT",
                                    "Sun, 06 Nov 1994 08:49:37 GMT ",
                                    "1994-11-06T08:49:37Z"};
  for (const std::string_view text : texts) EXPECT_EQ(parse_http_date(text, kNow), std::nullopt) << text;
}

TEST(HttpDate, CutAnywhereIsNone) {
  constexpr std::string_view kWhole[] = {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                                         "Sun Nov  6 08:49:37 1994"};
  for (const std::string_view whole : kWhole) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      EXPECT_EQ(parse_http_date(whole.substr(0, size), kNow), std::nullopt) << whole.substr(0, size);
    }
  }
}

}  // namespace
}  // namespace sconce::proto
