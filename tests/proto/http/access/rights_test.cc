#include "proto/http/access/rights.h"

#include <gtest/gtest.h>

namespace sconce::proto {
namespace {

using enum Right;

TEST(Grants, AllowWhatBeginsWithTheirPrefixByteForByte) {
  const Grants grants = {{.rights = {read, write}, .prefix = "runs/"}, {.rights = {read}, .prefix = "models"}};
  struct Row {
    Rights wanted;
    std::string_view name;
    bool allowed;
  };
  const Row rows[] = {
      {{read}, "runs/1", true},
      {{write}, "runs/1", true},
      {{read}, "runs/", true},
      {{read}, "runs", false},  // a listing of what is beside it too
      {{read}, "", false},
      {{read}, "Runs/1", false},
      {{read}, "run", false},
      {{read}, "x/runs/1", false},
      {{read}, "models-old/1", true},
      {{write}, "models/1", false},
      {{remove}, "runs/1", false},
      {{list}, "runs/1", false},
      {{remove, write}, "runs/1", true},  // one of them is enough
      {{}, "runs/1", false},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(allows(grants, row.wanted, row.name), row.allowed) << letters_of(row.wanted) << ' ' << row.name;
  }
  EXPECT_TRUE(allows_somewhere(grants, {write, admin}));
  EXPECT_FALSE(allows_somewhere(grants, {remove, list, metrics, admin}));
}

TEST(Grants, NoneAllowNothing) {
  EXPECT_FALSE(allows({}, {read, write, remove, list, metrics, admin}, ""));
  EXPECT_FALSE(allows_somewhere({}, {read, write, remove, list, metrics, admin}));
}

TEST(Grants, OfEverybodyGrowStepByStep) {
  EXPECT_EQ(grants_of(Anonymous::nothing), Grants());
  EXPECT_EQ(grants_of(Anonymous::read), (Grants{{.rights = {read, list}, .prefix = ""}}));
  EXPECT_EQ(grants_of(Anonymous::write), (Grants{{.rights = {read, list, write, remove, metrics}, .prefix = ""}}));
  EXPECT_EQ(grants_of(Anonymous::everything),
            (Grants{{.rights = {read, list, write, remove, metrics, admin}, .prefix = ""}}));
}

TEST(Rights, HaveALetterEach) {
  constexpr std::pair<std::string_view, Right> kRows[] = {{"r", read}, {"w", write},   {"d", remove},
                                                          {"l", list}, {"m", metrics}, {"a", admin}};
  for (const auto& [letter, right] : kRows) {
    EXPECT_EQ(parse_rights(letter), Rights({right})) << letter;
    EXPECT_EQ(letters_of({right}), letter);
  }
  EXPECT_EQ(parse_rights("wr"), (Rights{read, write}));
  EXPECT_EQ(letters_of({admin, list, read}), "rla");
}

TEST(Rights, OtherLettersAreRefused) {
  constexpr std::string_view kRows[] = {"", "x", "rwx", "R", "rr", "r w", "*", {"r\0", 2}};
  for (const std::string_view letters : kRows) {
    const auto rights = parse_rights(letters);
    ASSERT_FALSE(rights) << letters;
    EXPECT_EQ(rights.error().code, core::ErrorCode::invalid_argument) << letters;
  }
}

TEST(Grant, IsReadBackFromItsText) {
  const std::pair<Grant, std::string_view> rows[] = {
      {{.rights = {read, write}, .prefix = "runs/"}, "rw:runs/"},
      {{.rights = {read}, .prefix = ""}, "r:"},
      {{.rights = {metrics, admin}, .prefix = ""}, "ma:"},
      {{.rights = {list}, .prefix = "a b#%\xc3\xbc:c"}, "l:a%20b%23%25%C3%BC:c"},
      {{.rights = {read}, .prefix = std::string(1023, 'a')}, ""},
  };
  for (const auto& [grant, text] : rows) {
    if (!text.empty()) {
      EXPECT_EQ(text_of(grant), text);
    }
    EXPECT_EQ(parse_grant(text_of(grant)), grant) << text;
  }
}

TEST(Grant, WhatNoKeyBeginsWithIsRefused) {
  for (const std::string_view text : {"rw", "runs/:rw", ":runs/", "r:/", "r:a//b", "r:../", "r:a/./", "r:%0a", "r:%ff",
                                      "r:%c3", "r:%7f", "r:%2", "r:%zz", "m:runs/", "rwa:runs/"}) {
    const auto grant = parse_grant(text);
    ASSERT_FALSE(grant) << text;
    EXPECT_EQ(grant.error().code, core::ErrorCode::invalid_argument) << text;
  }
  EXPECT_FALSE(parse_grant("r:" + std::string(1024, 'a')));
}

}  // namespace
}  // namespace sconce::proto
