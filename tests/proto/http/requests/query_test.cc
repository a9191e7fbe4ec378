#include "proto/http/requests/query.h"

#include <gtest/gtest.h>

namespace sconce::proto {
namespace {

constexpr Parameter kAll[] = {Parameter::format, Parameter::referenced, Parameter::from, Parameter::to,
                              Parameter::in_referenced};
constexpr Parameter kOfObjects[] = {Parameter::format, Parameter::referenced};

std::string refusal_of(std::string_view text, std::span<const Parameter> allowed) {
  const HttpResult<Query> query = parse_query(text, allowed);
  if (query) return "accepted";
  EXPECT_EQ(query.error().status, 400U) << text;
  EXPECT_EQ(query.error().code, "bad_query") << text;
  return query.error().detail;
}

TEST(Query, ValuesGoWhereTheirNamesSay) {
  const HttpResult<Query> query =
      parse_query("from=ascii&to=b32&in_referenced=false&referenced=true&format=binary", kAll);
  ASSERT_TRUE(query);
  EXPECT_EQ(query->format, "binary");
  EXPECT_EQ(query->referenced, "true");
  EXPECT_EQ(query->from, "ascii");
  EXPECT_EQ(query->to, "b32");
  EXPECT_EQ(query->in_referenced, "false");
}

TEST(Query, NamesAndValuesAreDecoded) {
  const HttpResult<Query> query = parse_query("form%61t=a%20b%3D%26%2Bc=d", kAll);
  ASSERT_TRUE(query);
  EXPECT_EQ(query->format, "a b=&+c=d");
}

/// As curl's --data-urlencode, Python's urlencode and a browser's URLSearchParams write a blank.
TEST(Query, APlusIsABlankAndPercent2BAPlus) {
  struct Row {
    std::string_view text;
    std::string_view value;
  };
  constexpr Row kRows[] = {{"format=a+b", "a b"},      {"format=+", " "},       {"format=++a+", "  a "},
                           {"format=a%2Bb", "a+b"},    {"format=a%2bb", "a+b"}, {"format=%2B+%20%2b", "+  +"},
                           {"format=%252B", "%2B"},    {"form%61t=+%2B", " +"}, {"format=%5B%22a+b%22%5D", "[\"a b\"]"},
                           {"format=1+1%3D2", "1 1=2"}};
  for (const Row& row : kRows) {
    const HttpResult<Query> query = parse_query(row.text, kAll);
    ASSERT_TRUE(query) << row.text;
    EXPECT_EQ(query->format, row.value) << row.text;
  }
  EXPECT_EQ(refusal_of("for+mat=b32", kOfObjects),
            "the query parameter `for mat` is not known here; known: format, referenced");
}

TEST(Query, EmptyPairsAreNothing) {
  for (const std::string_view text : {"", "&", "&&", "&format=b32&&"}) {
    const HttpResult<Query> query = parse_query(text, kAll);
    ASSERT_TRUE(query) << text;
    EXPECT_EQ(query->format.has_value(), text.size() > 2) << text;
    EXPECT_EQ(query->referenced, std::nullopt) << text;
  }
}

TEST(Query, RefusalsNameTheParameter) {
  EXPECT_EQ(refusal_of("fromat=ascii", kOfObjects),
            "the query parameter `fromat` is not known here; known: format, referenced");
  EXPECT_EQ(refusal_of("format=b32&to=b32", kOfObjects),
            "the query parameter `to` is not known here; known: format, referenced");
  EXPECT_EQ(refusal_of("Format=b32", kOfObjects),
            "the query parameter `Format` is not known here; known: format, referenced");
  EXPECT_EQ(refusal_of("format=b32", {}), "the query parameter `format` is not known here; known: none");
  EXPECT_EQ(refusal_of("=b32", {}), "the query parameter `` is not known here; known: none");
  EXPECT_EQ(refusal_of("%FF=1", {}), "the query parameter `\\xff` is not known here; known: none");
  EXPECT_EQ(refusal_of("format=b32&referenced=true&format=b32", kOfObjects),
            "the query parameter `format` is given twice");
  EXPECT_EQ(refusal_of("format=", kOfObjects), "the query parameter `format` has no value");
  EXPECT_EQ(refusal_of("referenced", kOfObjects), "the query parameter `referenced` has no value");
}

TEST(Query, PercentNeedsTwoDigits) {
  for (const std::string_view text : {"format=%", "format=%4", "%zz=1", "format=b32&a=%g0"}) {
    EXPECT_EQ(refusal_of(text, kOfObjects), "in the query, a % must be followed by two hexadecimal digits") << text;
  }
}

TEST(BooleanOf, IsTrueOrFalseOrTheFallback) {
  EXPECT_EQ(boolean_of("true", "referenced", false), true);
  EXPECT_EQ(boolean_of("false", "referenced", true), false);
  EXPECT_EQ(boolean_of(std::nullopt, "referenced", true), true);
  EXPECT_EQ(boolean_of(std::nullopt, "referenced", false), false);
}

TEST(BooleanOf, OtherWordsAreRefusedByName) {
  for (const std::string value : {"True", "1", "yes", "true "}) {
    const HttpResult<bool> boolean = boolean_of(value, "in_referenced", true);
    ASSERT_FALSE(boolean) << value;
    EXPECT_EQ(boolean.error(),
              problem_of(RequestError::bad_query,
                         "the query parameter `in_referenced` must be true or false, not `" + value + "`"));
  }
}

}  // namespace
}  // namespace sconce::proto
