#include "core/event/index_table.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <map>
#include <random>

namespace sconce::core {
namespace {

constexpr std::int32_t kLowest = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t kHighest = std::numeric_limits<std::int32_t>::max();

TEST(IndexMap, FindsWhatAMapFindsWhateverTheOrder) {
  std::mt19937 random(3);
  for (int round = 0; round < 50; ++round) {
    IndexMap<int> indices;
    std::map<std::int32_t, int> expected;
    std::uniform_int_distribution<std::int32_t> index(-20, 40);
    for (int i = 0; i < 40; ++i) {
      const std::int32_t one = index(random);
      indices.insert(one, i);
      expected[one] = i;
    }
    for (std::int32_t one = -21; one <= 41; ++one) {
      const int* found = indices.find(one);
      const auto wanted = expected.find(one);
      ASSERT_EQ(found != nullptr, wanted != expected.end()) << one;
      if (found == nullptr) continue;
      EXPECT_EQ(*found, wanted->second) << one;
    }
  }
}

TEST(IndexMap, HoldsTheLowestAndTheHighestIndex) {
  IndexMap<int> indices;
  indices.insert(kLowest, 1);
  indices.insert(kHighest, 2);
  EXPECT_EQ(*indices.find(kLowest), 1);
  EXPECT_EQ(*indices.find(kHighest), 2);
  EXPECT_EQ(indices.find(0), nullptr);
}

TEST(IndexSet, KeepsNothingOfIndicesInOrder) {
  IndexSet set;
  for (std::int32_t index = 1; index <= 1000; ++index) EXPECT_TRUE(set.insert(index));
  EXPECT_EQ(set.kept(), 0U);
  EXPECT_TRUE(set.contains(1));
  EXPECT_TRUE(set.contains(1000));
  EXPECT_FALSE(set.contains(1001));
  EXPECT_FALSE(set.contains(0));
}

TEST(IndexSet, SaysWhetherAnIndexIsNew) {
  IndexSet set(5);
  EXPECT_FALSE(set.insert(5));
  EXPECT_TRUE(set.insert(7));
  EXPECT_FALSE(set.insert(7));
  EXPECT_TRUE(set.insert(6));
  EXPECT_FALSE(set.insert(6));
  EXPECT_FALSE(set.insert(7));
  EXPECT_EQ(set.kept(), 1U);
}

TEST(IndexSet, HoldsTheLowestIndexWhenAllOthersAreInOrder) {
  IndexSet set(kHighest);
  EXPECT_FALSE(set.insert(kHighest));
  EXPECT_TRUE(set.insert(kLowest));
  EXPECT_FALSE(set.insert(kLowest));
}

}  // namespace
}  // namespace sconce::core
