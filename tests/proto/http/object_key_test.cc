#include "proto/http/object_key.h"

#include <gtest/gtest.h>

#include "proto/http/percent.h"

namespace sconce::proto {
namespace {

TEST(ObjectKey, IsDecodedOnceAndNotNormalised) {
  struct Row {
    std::string_view encoded;
    std::string_view key;
  };
  constexpr Row kRows[] = {{"runs/42/step-1000", "runs/42/step-1000"},
                           {"runs%2F42", "runs/42"},
                           {"a%252Fb", "a%2Fb"},
                           {"a+b%20c", "a+b c"},
                           {"...", "..."},
                           {".a/..b/c.", ".a/..b/c."},
                           {"%C3%BC", "\xc3\xbc"},
                           {"u%CC%88", "u\xcc\x88"},
                           {"%C2%A0", "\xc2\xa0"},
                           {"A", "A"}};
  for (const Row& row : kRows) EXPECT_EQ(parse_object_key(row.encoded), row.key) << row.encoded;
}

TEST(ObjectKey, RefusalsNameTheByte) {
  constexpr std::string_view kEmptySegment = "an empty segment; keys look like runs/42/step-1000";
  constexpr std::string_view kDots = "a segment `.` or `..`";
  constexpr std::string_view kControl = "a control character";
  constexpr std::string_view kNotUtf8 = "not UTF-8";
  constexpr std::string_view kPercent = "a % must be followed by two hexadecimal digits";
  struct Row {
    std::string_view encoded;
    std::size_t offset;
    std::string_view what;
  };
  const Row rows[] = {{"/", 0, kEmptySegment},  {"a//b", 2, kEmptySegment}, {"a/", 2, kEmptySegment},
                      {"/a", 0, kEmptySegment}, {"a%2F", 2, kEmptySegment}, {".", 0, kDots},
                      {"a/..", 2, kDots},       {"a/./b", 2, kDots},        {"%2e%2E/b", 0, kDots},
                      {"a%00b", 1, kControl},   {"ab%1F", 2, kControl},     {"%7F", 0, kControl},
                      {"a%C2%80", 1, kControl}, {"a%C2%9F", 1, kControl},   {"ab%FF", 2, kNotUtf8},
                      {"a%C3", 1, kNotUtf8},    {"%C0%AF", 0, kNotUtf8},    {"%ED%A0%80", 0, kNotUtf8},
                      {"a%2", 1, kPercent},     {"abc%zz", 3, kPercent}};
  for (const Row& row : rows) {
    const HttpResult<std::string> key = parse_object_key(row.encoded);
    ASSERT_FALSE(key) << row.encoded;
    EXPECT_EQ(key.error().status, 400U) << row.encoded;
    EXPECT_EQ(key.error().code, "bad_key") << row.encoded;
    EXPECT_EQ(key.error().detail, "byte " + std::to_string(row.offset) + " of the key: " + std::string(row.what))
        << row.encoded;
  }
}

TEST(ObjectKey, HasOneTo1024BytesAfterDecoding) {
  const std::string longest(kKeyBytesMax, 'k');
  EXPECT_EQ(parse_object_key(longest), longest);
  std::string encoded;
  for (std::size_t i = 0; i < kKeyBytesMax; ++i) encoded += "%6B";
  EXPECT_EQ(parse_object_key(encoded), longest);

  EXPECT_EQ(parse_object_key("").error(), problem_of(RequestError::bad_key, "the key is empty"));
  EXPECT_EQ(parse_object_key(longest + 'k').error(),
            problem_of(RequestError::bad_key, "the key has 1025 bytes, and at most 1024 are allowed"));
}

TEST(ObjectKey, SurvivesItsOwnLocation) {
  constexpr std::string_view kKey = "runs/100% \xc3\xbc?#/a+b";
  EXPECT_EQ(parse_object_key(percent_encode_path(kKey)), kKey);
}

}  // namespace
}  // namespace sconce::proto
