#include "core/text/path.h"

#include <gtest/gtest.h>

#include <cmath>

namespace sconce::core {
namespace {

std::string text_of(std::vector<PathStep> steps) { return to_string(Path{std::move(steps)}); }

Error error_of(std::string_view text) {
  const Result<Path> path = parse_path(text);
  if (path) {
    ADD_FAILURE() << "`" << text << "` was read as a path";
    return {};
  }
  return path.error();
}

TEST(Path, NamesNeedNoQuotes) {
  EXPECT_EQ(text_of({}), "");
  EXPECT_EQ(text_of({"model", "modules", 3.0, "weight"}), "model.modules[3].weight");
  EXPECT_EQ(text_of({"_a1"}), "_a1");
  EXPECT_EQ(text_of({1.0, "x"}), "[1].x");
}

TEST(Path, OtherStringsAreQuotedAndEscaped) {
  EXPECT_EQ(text_of({"odd key"}), R"(["odd key"])");
  EXPECT_EQ(text_of({""}), R"([""])");
  EXPECT_EQ(text_of({"1a"}), R"(["1a"])");
  EXPECT_EQ(text_of({"a\"\\\n\r\t\x01\x7f"}), R"(["a\"\\\n\r\t\x01\x7f"])");
}

TEST(Path, Utf8StaysAndOtherBytesAreEscaped) {
  EXPECT_EQ(text_of({"gr\xc3\xbc\xc3\x9f"}), "[\"gr\xc3\xbc\xc3\x9f\"]");
  EXPECT_EQ(text_of({"\xff\xc3"}), R"(["\xff\xc3"])");
}

TEST(Path, NumbersAreIntegersWhereTheyCanBe) {
  EXPECT_EQ(text_of({-1.0, -0.0, 0.5, 1e300}), "[-1][0][0.5][1e+300]");
  EXPECT_EQ(text_of({HUGE_VAL, -HUGE_VAL}), "[inf][-inf]");
  EXPECT_EQ(text_of({9007199254740992.0}), "[9007199254740992]");
}

TEST(Path, BooleansAndObjectsAreKeys) { EXPECT_EQ(text_of({true, false, KeyIndex{7}, "x"}), "[true][false][#7].x"); }

TEST(Path, LongKeysAreCutBetweenCharacters) {
  EXPECT_EQ(text_of({std::string(64, 'a')}), std::string(64, 'a'));
  EXPECT_EQ(text_of({std::string(65, 'a'), "b"}), "[\"" + std::string(64, 'a') + "\"...].b");
  EXPECT_EQ(text_of({std::string(63, 'a') + "\xc3\xbc"}), "[\"" + std::string(63, 'a') + "\"...]");
}

TEST(Path, ParseIsTheInverse) {
  const Path path{{"model", "odd key", "a\"\\\n\r\t\x01", "\xff", 3.0, -1.5, 1e300, HUGE_VAL, true, false, KeyIndex{-7},
                   "gr\xc3\xbc"}};
  const Result<Path> parsed = parse_path(to_string(path));
  ASSERT_TRUE(parsed) << to_string(parsed.error());
  EXPECT_EQ(*parsed, path);
  EXPECT_EQ(parse_path(""), Path{});
}

TEST(Path, ParseNamesTheByteThatIsWrong) {
  struct Row {
    std::string_view text;
    std::uint64_t offset;
  };
  constexpr Row kRows[] = {{"a..b", 2},    {".a", 0},         {"a b", 1},           {"a[", 2},        {"a[3", 3},
                           {"[x]", 1},     {"[\"a]", 4},      {"[\"a\"", 4},        {"[\"\\q\"]", 3}, {"[\"\\x1\"]", 3},
                           {"[1e999]", 1}, {"[\"a\"...]", 4}, {"[#2147483648]", 2}, {"a]", 1},        {"3", 0}};
  for (const Row& row : kRows) {
    const Error error = error_of(row.text);
    EXPECT_EQ(error.code, ErrorCode::invalid_argument) << row.text;
    EXPECT_EQ(error.offset, row.offset) << row.text << ": " << error.what;
  }
}

TEST(PathThrough, LeavesOutFramesWithoutAStep) {
  const std::vector<std::optional<PathStep>> frames = {PathStep("a"), std::nullopt, PathStep(3.0)};
  EXPECT_EQ(path_through(frames, [](const auto& frame) { return frame; }), "a[3]");
  EXPECT_EQ(path_through(std::vector<int>(), [](int) { return std::optional<PathStep>(); }), "");
}

}  // namespace
}  // namespace sconce::core
