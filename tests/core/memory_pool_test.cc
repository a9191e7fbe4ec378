#include "core/memory_pool.h"

#include <gtest/gtest.h>

#include <utility>

#include "core/budget.h"
#include "core/outline/object_parts.h"
#include "tests/hostile/wire.h"
#include "tests/support/limited_memory.h"

namespace sconce::core {
namespace {

using tests::LimitedMemory;

constexpr std::uint64_t kUndrawn = 16 << 10;

TEST(Drawn, TakesNothingWhileItIsLittle) {
  LimitedMemory memory(0);
  Drawn drawn(&memory);
  EXPECT_TRUE(drawn.add(kUndrawn));
  const Status more = drawn.add(1);
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, ErrorCode::overloaded);
  EXPECT_EQ(drawn.bytes(), kUndrawn) << "as much as before";
}

TEST(Drawn, CoversAllThatIsHeldAndTakesTheLastByte) {
  constexpr std::uint64_t kMax = 1'000'001;
  LimitedMemory memory(kMax);
  Drawn drawn(&memory);
  for (std::uint64_t i = 0; i < kMax + kUndrawn; ++i) {
    ASSERT_TRUE(drawn.add(1)) << i;
    ASSERT_GE(memory.taken_bytes() + kUndrawn, drawn.bytes());
  }
  EXPECT_FALSE(drawn.add(1));
  EXPECT_FALSE(drawn.add(UINT64_MAX));
}

TEST(Drawn, GivesBackWhatIsReleasedAndAllAtItsEnd) {
  LimitedMemory memory(10 << 20);
  {
    Drawn drawn(&memory);
    ASSERT_TRUE(drawn.add(8 << 20));
    drawn.release(6 << 20);
    EXPECT_LE(memory.taken_bytes(), 2U << 20);
    const Drawn moved(std::move(drawn));
    EXPECT_GE(memory.taken_bytes() + kUndrawn, 2U << 20);
  }
  EXPECT_EQ(memory.taken_bytes(), 0U);
}

TEST(Drawn, FromNoPoolIsAsMuchAsIsWanted) {
  Drawn drawn(nullptr);
  EXPECT_TRUE(drawn.add(UINT64_MAX));
}

TEST(Budget, DrawsWhatIsHeldFromTheMemoryOfAll) {
  LimitedMemory memory(1 << 20);
  Budget first({}, &memory);
  Budget second({}, &memory);
  Held of_first(first);
  Held of_second(second);
  ASSERT_TRUE(of_first.add(800'000));
  const Status refused = of_second.add(800'000);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::overloaded);
  of_first.release();
  EXPECT_TRUE(of_second.add(800'000));
}

/// A whole copy of it, before any of it is made.
TEST(ObjectParts, AnObjectThatIsNumberedAnewIsDrawnFromTheMemoryOfAll) {
  const std::string bytes = tests::Wire().table(2, 1).number(1).byte_storage(1, std::string(500'000, 'x')).bytes();
  for (const bool has_memory : {true, false}) {
    LimitedMemory memory(has_memory ? 600'000 : 400'000);
    const auto source = std::make_shared<MemorySource>(std::as_bytes(std::span(bytes)));
    auto opened = ObjectParts::open(source, nullptr, {.budget = std::make_shared<Budget>(BudgetLimits(), &memory)});
    ASSERT_EQ(opened.has_value(), has_memory);
    if (has_memory) {
      EXPECT_GE(memory.taken_bytes() + kUndrawn, bytes.size());
      EXPECT_EQ((*opened)->source().size_bytes(), bytes.size());
      opened->reset();
    } else {
      EXPECT_EQ(opened.error().code, ErrorCode::overloaded);
    }
    EXPECT_EQ(memory.taken_bytes(), 0U);
  }
}

}  // namespace
}  // namespace sconce::core
