#include "proto/http/fields/media_range.h"

#include <gtest/gtest.h>

namespace sconce::proto {
namespace {

/// A range as text, everything in its place: `type/subtype name=[value] q=thousandths`.
std::string text_of(const MediaRange& range) {
  std::string text = range.type + '/' + range.subtype;
  for (const auto& [name, value] : range.parameters)
    text.append(" ").append(name).append("=[").append(value).append("]");
  return text + " q=" + std::to_string(range.quality_thousandths);
}

TEST(MediaRanges, AreReadAsRfc9110WritesThem) {
  struct Row {
    std::string_view text;
    std::vector<std::string> ranges;
  };
  const Row rows[] = {
      {"", {}},
      {" , ,\t", {}},
      {"*/*", {"*/* q=1000"}},
      {"Application/X-Torch7", {"application/x-torch7 q=1000"}},
      {"a/*;q=0.5, */* ; q=0", {"a/* q=500", "*/* q=0"}},
      {"a/b;c=d;E=F", {"a/b c=[d] e=[F] q=1000"}},
      {"a/b ; c=\"d;, \\\"e\\\\\" ;q=0.125,c/d", {"a/b c=[d;, \"e\\] q=125", "c/d q=1000"}},
      {"a/b;;c=\"\";", {"a/b c=[] q=1000"}},
      {"a/b;q=1.000,a/b;q=0.,a/b;Q=0.01", {"a/b q=1000", "a/b q=0", "a/b q=10"}},
      {",a/b,,c/d,", {"a/b q=1000", "c/d q=1000"}},
  };
  for (const Row& row : rows) {
    const HttpResult<std::vector<MediaRange>> ranges = parse_media_ranges(row.text);
    ASSERT_TRUE(ranges) << row.text;
    std::vector<std::string> texts;
    for (const MediaRange& range : *ranges) texts.push_back(text_of(range));
    EXPECT_EQ(texts, row.ranges) << row.text;
  }
}

TEST(MediaRanges, ThereAreSoManyAtTheMost) {
  std::string ranges;
  std::string parameters = "a/b";
  for (std::size_t i = 0; i < kMediaRangesMax; ++i) {
    ranges += "a/b,";
    parameters += ";c=d";
  }
  EXPECT_TRUE(parse_media_ranges(ranges));
  EXPECT_TRUE(parse_media_ranges(parameters));
  for (const std::string& text : {ranges + "a/b", parameters + ";c=d", "a/b;c=d, " + parameters}) {
    const auto read = parse_media_ranges(text);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error(),
              problem_of(RequestError::bad_header, "a list has at most 100 media types, with as many parameters"));
  }
}

TEST(MediaRanges, ErrorsNameTheByte) {
  struct Row {
    std::string_view text;
    std::size_t offset;
  };
  constexpr Row kRows[] = {{"a", 1},
                           {"/b", 0},
                           {"a/", 2},
                           {"*/b", 3},
                           {"a/b c", 4},
                           {"a/b;c", 5},
                           {"a/b;c=", 6},
                           {"a/b;=c", 4},
                           {"a/b;c=\"d", 8},
                           {"a/b;c=\"\\", 8},
                           {"a/b;q=2", 7},
                           {"a/b;q=1.001", 11},
                           {"a/b;q=0.1234", 12},
                           {"a/b;q=-1", 8},
                           {"a/b;q=0x1", 9},
                           {"a/b;q=0.a", 9},
                           {"a/b, c", 6},
                           {"a/b;c=d e", 8},
                           {"\xff/b", 0},
                           {"a /b", 1}};
  for (const Row& row : kRows) {
    const HttpResult<std::vector<MediaRange>> ranges = parse_media_ranges(row.text);
    ASSERT_FALSE(ranges) << row.text;
    EXPECT_EQ(ranges.error(), problem_of(RequestError::bad_header,
                                         "a media type cannot be read from byte " + std::to_string(row.offset) +
                                             " on; it looks like application/x-torch7; format=ascii"))
        << row.text;
  }
}

TEST(MediaRanges, EveryCutIsReadOrRefused) {
  constexpr std::string_view kWhole = R"(a/b;c="d\e";q=0.5, */*)";
  // Under the cut before each byte, and the one at the end: x where what stands before it can be read.
  constexpr std::string_view kReadable = "x--xx------xx--xxxxx--x";
  std::string readable;
  for (std::size_t size = 0; size <= kWhole.size(); ++size) {
    readable += parse_media_ranges(kWhole.substr(0, size)) ? 'x' : '-';
  }
  EXPECT_EQ(readable, kReadable);
}

TEST(MediaRange, ParametersAreFoundByName) {
  const HttpResult<std::vector<MediaRange>> ranges = parse_media_ranges("a/b;Format=ascii;format=b32");
  ASSERT_TRUE(ranges);
  const std::string* const format = ranges->front().parameter("format");
  ASSERT_NE(format, nullptr);
  EXPECT_EQ(*format, "ascii");
  EXPECT_EQ(ranges->front().parameter("q"), nullptr);
}

}  // namespace
}  // namespace sconce::proto
