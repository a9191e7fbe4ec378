#include "core/budget.h"

#include <gtest/gtest.h>

#include <utility>

namespace sconce::core {
namespace {

constexpr BudgetLimits kSmall{.steps_max = 10, .held_bytes_max = 100, .hint_steps_max = 5};

TEST(Budget, GrantsStepsUntilTheyAreSpent) {
  Budget budget(kSmall);
  EXPECT_TRUE(budget.spend(9));
  const Status spent = budget.spend(2);
  ASSERT_FALSE(spent);
  EXPECT_EQ(spent.error().code, ErrorCode::limit_exceeded);
  EXPECT_NE(spent.error().what.find("more than 10 steps"), std::string::npos) << spent.error().what;
}

// Otherwise a request that was refused something large would go on with small things.
TEST(Budget, StaysSpentOnceItWasExceeded) {
  Budget budget(kSmall);
  EXPECT_FALSE(budget.spend(11));
  EXPECT_FALSE(budget.spend(1));
  EXPECT_FALSE(budget.spend(0));
}

TEST(Budget, AddsAStepForEachByteOfAnObjectAndDoesNotWrap) {
  Budget budget(kSmall);
  budget.allow_for(5);
  EXPECT_TRUE(budget.spend(14));
  Budget large(kSmall);
  large.allow_for(UINT64_MAX);
  large.allow_for(UINT64_MAX);
  EXPECT_TRUE(large.spend(UINT64_MAX - 1));
  EXPECT_TRUE(large.spend(1));
  EXPECT_FALSE(large.spend(1));
}

TEST(Budget, HintsHaveStepsOfTheirOwn) {
  Budget budget(kSmall);
  EXPECT_FALSE(budget.spend_on_hint(6));
  EXPECT_TRUE(budget.spend_on_hint(5));
  EXPECT_FALSE(budget.spend_on_hint(1));
  EXPECT_TRUE(budget.spend(9));
}

TEST(Held, GivesItsBytesBackWhenItEnds) {
  Budget budget(kSmall);
  {
    Held first(budget);
    Held second(budget);
    EXPECT_TRUE(first.add(60));
    EXPECT_TRUE(second.add(40));
    EXPECT_FALSE(second.add(1));
    EXPECT_EQ(budget.held_bytes(), 100U);
  }
  EXPECT_EQ(budget.held_bytes(), 0U);
}

TEST(Held, KeepsItsBytesWhenItIsMoved) {
  Budget budget(kSmall);
  Held first(budget);
  EXPECT_TRUE(first.add(60));
  Held second(std::move(first));
  EXPECT_EQ(budget.held_bytes(), 60U);
  second = Held(budget);
  EXPECT_EQ(budget.held_bytes(), 0U);
}

TEST(Held, WithoutABudgetHoldsAnything) {
  Held held;
  EXPECT_TRUE(held.add(UINT64_MAX));
  EXPECT_TRUE(held.add(UINT64_MAX));
}

}  // namespace
}  // namespace sconce::core
