#include "tests/torture/arguments.h"

#include <gtest/gtest.h>

#include <vector>

namespace sconce::tests {
namespace {

std::expected<Arguments, std::string> parsed(std::vector<std::string> words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  return parse_arguments(pointers);
}

TEST(TortureArguments, AreReadInAnyOrder) {
  const auto arguments = parsed({"--keep", "--seed", "18446744073709551615", "--full-disk", "--rounds", "7"});
  ASSERT_TRUE(arguments);
  EXPECT_EQ(arguments->rounds, 7U);
  EXPECT_EQ(arguments->strike, Strike::full_disk);
  EXPECT_EQ(arguments->seed, 18'446'744'073'709'551'615U);
  EXPECT_TRUE(arguments->keep);
}

TEST(TortureArguments, WithoutAnyAreTenRoundsOfKills) {
  const auto arguments = parsed({});
  ASSERT_TRUE(arguments);
  EXPECT_EQ(arguments->rounds, 10U);
  EXPECT_EQ(arguments->strike, Strike::kill);
  EXPECT_FALSE(arguments->seed);
  EXPECT_FALSE(arguments->keep);
}

TEST(TortureArguments, ThatAreWrongAreNamed) {
  EXPECT_EQ(parsed({"--rounds", "ten"}).error(), "--rounds takes a number from 1 to 1000000");
  for (const char* rounds : {"", "0", "-1", "+1", "1x", " 1", "1.5", "1000001", "99999999999999999999"}) {
    EXPECT_FALSE(parsed({"--rounds", rounds})) << rounds;
  }
  EXPECT_FALSE(parsed({"--rounds"}));
  EXPECT_EQ(parsed({"--seed", "0x10"}).error(), "--seed takes a number");
  EXPECT_FALSE(parsed({"--seed", "18446744073709551616"}));
  EXPECT_EQ(parsed({"--full-disk", "--power-cut"}).error(), "--power-cut is a second way to strike");
  EXPECT_EQ(parsed({"--slow"}).error(), "--slow is no flag");
}

}  // namespace
}  // namespace sconce::tests
