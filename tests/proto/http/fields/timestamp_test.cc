#include "proto/http/fields/timestamp.h"

#include <gtest/gtest.h>

namespace sconce::proto {
namespace {

TEST(Timestamp, DatesAndTimesOfRfc3339AreRead) {
  constexpr std::pair<std::string_view, std::string_view> kRows[] = {
      {"2027-01-31", "2027-01-31T00:00:00Z"},
      {"2028-02-29", "2028-02-29T00:00:00Z"},
      {"2027-01-31T12:34:56Z", "2027-01-31T12:34:56Z"},
      {"2027-01-31t12:34:56z", "2027-01-31T12:34:56Z"},
      {"2027-01-31T12:34:56.999Z", "2027-01-31T12:34:56Z"},
      {"2027-01-31T12:34:56+01:30", "2027-01-31T11:04:56Z"},
      {"2027-01-31T23:34:56-01:30", "2027-02-01T01:04:56Z"},
      {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"},
      {"0000-01-01", "0000-01-01T00:00:00Z"},
      {"9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"},
  };
  for (const auto& [text, same] : kRows) {
    const auto time = parse_timestamp(text);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(timestamp_of(*time), same) << text;
  }
  EXPECT_EQ(parse_timestamp("2027-01-31T12:34:56Z")->time_since_epoch().count(), 1'801'398'896);
}

TEST(Timestamp, AnythingElseIsNone) {
  constexpr std::string_view kRows[] = {
      "",
      "tomorrow",
      "2027",
      "2027-1-31",
      "2027-13-01",
      "2027-00-01",
      "2027-02-29",
      "2027-02-30",
      "2027/01/31",
      "+2027-01-31",
      "2027-01-31 ",
      " 2027-01-31",
      "2027-01-31 12:34:56Z",
      "2027-01-31T",
      "2027-01-31T12:34",
      "2027-01-31T12:34:56",
      "2027-01-31T24:00:00Z",
      "2027-01-31T12:60:00Z",
      "2027-01-31T12:34:61Z",
      "2027-01-31T12:34:56.Z",
      "2027-01-31T12:34:56+0130",
      "2027-01-31T12:34:56+24:00",
      "2027-01-31T12:34:56+01:60",
      "2027-01-31T12:34:56ZZ",
      "9999-12-31T23:59:59-00:01",
      "0000-01-01T00:00:00+00:01",
      "99999-01-01",
      "2027-01-31T12:34:5\0Z",
  };
  for (const std::string_view text : kRows) EXPECT_FALSE(parse_timestamp(text)) << text;
  const std::string_view good = "2027-01-31T12:34:56Z";
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(parse_timestamp(good.substr(0, size)).has_value(), size == 10) << size;
  }
}

}  // namespace
}  // namespace sconce::proto
