#include "core/graph/key_places.h"

#include <gtest/gtest.h>

#include <memory_resource>
#include <vector>

namespace sconce::core {
namespace {

using Pair = std::pair<Value, Value>;

TEST(KeyPlaces, FindsEachOfManyKeys) {
  KeyPlaces places(std::pmr::get_default_resource());
  std::vector<Pair> pairs;
  places.reset(1);
  for (int i = 0; i < 5000; ++i) {
    pairs.emplace_back(Value(i * 0.5), Value(true));
    places.insert(pairs, pairs.size() - 1, 0);
  }
  for (std::size_t i = 0; i < pairs.size(); ++i) EXPECT_EQ(places.find(pairs, Value(static_cast<double>(i) * 0.5)), i);
  EXPECT_EQ(places.find(pairs, Value(0.25)), std::nullopt);
  EXPECT_EQ(places.find(pairs, Value(true)), std::nullopt);
}

TEST(KeyPlaces, TakesZeroAndMinusZeroForOneKey) {
  KeyPlaces places(std::pmr::get_default_resource());
  const std::vector<Pair> pairs{{Value(0.0), Value(true)}};
  places.reset(1);
  places.insert(pairs, 0, 0);
  EXPECT_EQ(places.find(pairs, Value(-0.0)), 0U);
}

TEST(KeyPlaces, FindsAPairThatIsGoneOnlyIfAsked) {
  KeyPlaces places(std::pmr::get_default_resource());
  std::vector<Pair> pairs{{Value(1.0), Value(true)}};
  places.reset(1);
  places.insert(pairs, 0, 0);
  pairs[0].second = Value();
  EXPECT_EQ(places.find(pairs, Value(1.0)), std::nullopt);
  EXPECT_EQ(places.find(pairs, Value(1.0), KeyPlaces::Gone::too), 0U);
}

// What is gone takes no room when the table grows.
TEST(KeyPlaces, ForgetsWhatIsGoneAndWhatIsBeforeFromWhenItGrows) {
  KeyPlaces places(std::pmr::get_default_resource());
  std::vector<Pair> pairs;
  places.reset(1);
  for (int i = 0; i < 1000; ++i) {
    pairs.emplace_back(Value(static_cast<double>(i)), Value(true));
    places.insert(pairs, pairs.size() - 1, 500 < pairs.size() ? 500 : 0);
    if (i % 2 == 1) pairs.back().second = Value();
  }
  EXPECT_EQ(places.find(pairs, Value(998.0)), 998U);
  EXPECT_EQ(places.find(pairs, Value(999.0), KeyPlaces::Gone::too), 999U);
  EXPECT_EQ(places.find(pairs, Value(2.0)), std::nullopt);
  EXPECT_EQ(places.find(pairs, Value(501.0), KeyPlaces::Gone::too), std::nullopt);
}

TEST(KeyPlaces, HasNothingAfterReset) {
  KeyPlaces places(std::pmr::get_default_resource());
  const std::vector<Pair> pairs{{Value(1.0), Value(true)}};
  places.reset(1);
  places.insert(pairs, 0, 0);
  places.reset(8);
  EXPECT_TRUE(places.empty());
  EXPECT_EQ(places.find(pairs, Value(1.0)), std::nullopt);
}

}  // namespace
}  // namespace sconce::core
