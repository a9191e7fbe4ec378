// What finding parts costs: drawn from a budget, it must not be the product of what is asked for and what there is.

#include "core/outline/part_finder.h"

#include <gtest/gtest.h>

#include "core/event/null_sink.h"
#include "core/outline/part_reader.h"
#include "core/torch7/event_writer.h"
#include "tests/hostile/wire.h"
#include "tests/support/golden.h"

namespace sconce::core {
namespace {

using tests::bytes_of;
using tests::Wire;

/// An object, its outline, and a finder with a budget.
class Searched {
 public:
  Searched(std::string bytes, const OutlineLimits& limits, const BudgetLimits& budget)
      : bytes_(std::move(bytes)), outline_(outline_of(limits)), budget_(budget) {}

  Result<FoundPart> find(const std::string& path) { return finder_.find(*parse_path(path)); }

  Status read(const std::string& path) {
    const Result<FoundPart> part = find(path);
    if (!part) return std::unexpected(part.error());
    NullSink sink;
    PartReader reader(source_, finder_, default_class_layouts(), **part, sink);
    while (!reader.done()) {
      if (Status advanced = reader.advance(); !advanced) return advanced;
    }
    return {};
  }

  PartFinder& finder() { return finder_; }
  Budget& budget() { return budget_; }

 private:
  Outline outline_of(const OutlineLimits& limits) {
    Budget budget(Budget::unlimited());
    return *scan_outline(source_, default_class_layouts(), budget, limits);
  }

  const std::string bytes_;
  MemorySource source_{bytes_of(bytes_)};
  const Outline outline_;
  Budget budget_;
  PartFinder finder_{source_, outline_, default_class_layouts(), budget_};
};

constexpr std::int32_t kCount = 20'000;

/// `{1, 2, 3, …}`, with the index of the table.
Wire& numbers(Wire& wire, std::int32_t index) {
  wire.table(index, kCount);
  for (std::int32_t i = 1; i <= kCount; ++i) wire.number(i).number(i);
  return wire;
}

std::string at(std::int32_t i) { return '[' + std::to_string(i) + ']'; }

TEST(PartFinder, ChildrenThatTheOutlineLacksCostAFewReadings) {
  Wire wire;
  Searched object(numbers(wire, 1).bytes(), {.children_max = 10}, {.steps_max = 20 * kCount});
  for (std::int32_t i = kCount; i > 0; --i) {
    const Result<FoundPart> found = object.find(at(i));
    ASSERT_TRUE(found) << i << ": " << to_string(found.error());
    ASSERT_EQ((*found)->kind, PartKind::number);
    ASSERT_EQ((*found)->offset_bytes, 12U + 24U * static_cast<unsigned>(i - 1) + 12U);
  }
  EXPECT_EQ(object.find(at(kCount + 1)).error().code, ErrorCode::not_found);
}

TEST(PartFinder, ChildrenThatTheOutlineHasCostALookEach) {
  Wire wire;
  Searched object(numbers(wire, 1).bytes(), {.parts_max = 2 * kCount, .children_max = 2 * kCount},
                  {.steps_max = 5 * kCount});
  for (std::int32_t i = kCount; i > 0; --i) ASSERT_EQ(object.find(at(i))->number, static_cast<std::uint32_t>(i));
}

TEST(PartFinder, OfEqualKeysTheLastCountsHoweverItIsFound) {
  Wire wire;
  wire.table(1, 6).string("a").number(1).number(0).number(2).number(-0.0).number(3).number(1).number(4);
  wire.string("a").table(2, 1).string("b").number(5).boolean(true).number(6);
  for (const std::size_t children : {100U, 1U}) {
    Searched object(wire.bytes(), {.children_max = children}, {});
    for (int i = 0; i < 20; ++i) {
      EXPECT_EQ((*object.find("a"))->kind, PartKind::table);
      EXPECT_EQ((*object.find("[0]"))->offset_bytes, (*object.find("[-0]"))->offset_bytes);
      EXPECT_EQ((*object.find("a.b"))->kind, PartKind::number);
      EXPECT_EQ((*object.find("[true]"))->kind, PartKind::number);
      EXPECT_EQ(object.find("[false]").error().code, ErrorCode::not_found);
      EXPECT_EQ(object.find("b").error().code, ErrorCode::not_found);
    }
  }
}

TEST(PartFinder, DefinitionsThatTheOutlineLacksCostAFewReadings) {
  // {first = {{}, {}, …}, second = {those}}, in an outline that has room for none of them.
  Wire wire;
  wire.table(1, 2).string("first").table(2, kCount);
  for (std::int32_t i = 1; i <= kCount; ++i) wire.number(i).table(2 + i, 0);
  wire.string("second").table(3 + kCount, kCount);
  for (std::int32_t i = 1; i <= kCount; ++i) wire.number(i).again(tag::kTable, 2 + i);
  Searched object(wire.bytes(), {.children_max = 2}, {.steps_max = 30 * kCount});
  const Status read = object.read("second");
  EXPECT_TRUE(read) << to_string(read.error());
}

TEST(PartFinder, WhatIsReadAgainAndAgainIsRefused) {
  // {a table in a table in …, with many numbers in the innermost; {that table, the one around it, …}}
  constexpr std::int32_t kLevels = 1000;
  Wire wire;
  wire.table(1, 2).number(1);
  for (std::int32_t i = 0; i < kLevels; ++i) wire.table(2 + i, 1).number(1);
  numbers(wire, 2 + kLevels).number(2).table(3 + kLevels, kLevels);
  for (std::int32_t i = 1; i <= kLevels; ++i) wire.number(i).again(tag::kTable, 2 + kLevels - i);
  Searched object(wire.bytes(), {}, {.steps_max = 100 * kCount});
  const Status read = object.read("[2]");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::limit_exceeded);
  EXPECT_NE(read.error().what.find("fewer parts"), std::string::npos) << read.error().what;
  EXPECT_FALSE(object.find("[1]")) << "a budget that is used up stays so";
}

TEST(PartFinder, WhatIsRememberedIsBounded) {
  Wire wire;
  Searched object(numbers(wire, 1).bytes(), {.children_max = 10}, {.held_bytes_max = 100'000});
  ASSERT_TRUE(object.find(at(100)));
  ASSERT_TRUE(object.find(at(101)));
  const Result<FoundPart> third = object.find(at(102));
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code, ErrorCode::limit_exceeded);
  EXPECT_NE(third.error().what.find("100000"), std::string::npos) << third.error().what;
}

TEST(PartFinder, WhatAReaderRemembersIsGivenBack) {
  Wire wire;
  wire.table(1, kCount);
  for (std::int32_t i = 1; i <= kCount; ++i) wire.number(i).table(1 + i, 0);
  Searched object(wire.bytes(), {}, {.held_bytes_max = 100 * kCount});
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(object.read(""));
  EXPECT_LT(object.budget().held_bytes(), 1000U);
}

/// Names like the one that is missing are looked for as long as that is cheap.
TEST(PartFinder, ErrorsSayLessOnceThereWereMany) {
  Wire wire;
  wire.table(1, 1000);
  for (int i = 0; i < 1000; ++i) wire.string(std::string(60, 'a') + std::to_string(1000 + i)).number(i);
  Searched object(wire.bytes(), {}, {});
  const std::string wanted = std::string(60, 'a') + "999";
  const Result<FoundPart> first = object.find(wanted);
  ASSERT_FALSE(first);
  EXPECT_NE(first.error().what.find("1999"), std::string::npos) << first.error().what;
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(object.find(wanted).error().code, ErrorCode::not_found);
  const Error last = object.find(wanted).error();
  EXPECT_TRUE(last.what.ends_with("in the table that stands here")) << last.what;
}

}  // namespace
}  // namespace sconce::core
