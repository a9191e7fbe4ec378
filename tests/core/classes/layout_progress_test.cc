#include "core/classes/layout_progress.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace sconce::core {
namespace {

ClassLayout parsed(std::string_view layout) { return parse_layout(layout).value(); }

char letter_of(LayoutOp::Kind kind) {
  switch (kind) {
    case LayoutOp::Kind::scalars: return 's';
    case LayoutOp::Kind::objects: return 'o';
    case LayoutOp::Kind::pairs: return 'p';
    case LayoutOp::Kind::group: return 'g';
  }
  return '?';
}

/// The operations in the order in which they are written, each with its count; every count that is read is `read`.
std::string walked(LayoutProgress& progress, std::int64_t read = 0) {
  std::string steps;
  while (const LayoutOp* const op = progress.next()) {
    steps += letter_of(op->kind) + std::to_string(progress.count()) + ' ';
    if (op->kind == LayoutOp::Kind::group) {
      progress.enter_group();
      continue;
    }
    if (op->is_count) progress.set_count(read);
    progress.op_done();
  }
  return steps;
}

std::string walked(std::string_view layout, std::int64_t read = 0) {
  const ClassLayout parsed_layout = parsed(layout);
  LayoutProgress progress;
  progress.begin(parsed_layout);
  return walked(progress, read);
}

TEST(LayoutProgress, AnEmptyLayoutIsOverAtOnce) { EXPECT_EQ(walked(""), ""); }

TEST(LayoutProgress, OperationsComeInOrderWithTheirCounts) {
  EXPECT_EQ(walked("double[3] object pair[2]"), "s3 o1 p2 ");
}

TEST(LayoutProgress, ACountIsWhatWasRead) { EXPECT_EQ(walked("int:n object[n] pair[n]", 5), "s1 o5 p5 "); }

TEST(LayoutProgress, AGroupIsPassedAsOftenAsItsCountSays) {
  EXPECT_EQ(walked("(float object)[3] pair"), "g3 s1 o1 s1 o1 s1 o1 p1 ");
}

TEST(LayoutProgress, AGroupOfZeroRoundsIsPassedOver) {
  EXPECT_EQ(walked("int:n (float object)[n] pair", 0), "s1 g0 p1 ");
  EXPECT_EQ(walked("int:n (float object)[n]", 0), "s1 g0 ");
}

TEST(LayoutProgress, AGroupWithinAGroupBeginsAnewInEachRound) {
  EXPECT_EQ(walked("(object (pair)[2])[2] float"), "g2 o1 g2 p1 p1 o1 g2 p1 p1 s1 ");
}

TEST(LayoutProgress, TheEndOfAnInnerGroupIsThatOfTheOuterOne) {
  EXPECT_EQ(walked("int:n (float (object)[n])[2] pair", 0), "s1 g2 s1 g0 s1 g0 p1 ");
}

TEST(LayoutProgress, ACountOfAGroupIsReadInEachRound) {
  const ClassLayout layout = parsed("(int:n object[n])[2]");
  LayoutProgress progress;
  progress.begin(layout);
  progress.enter_group();
  for (const std::int64_t count : {4, 7}) {
    progress.set_count(count);
    progress.op_done();
    EXPECT_EQ(progress.count(), count);
    progress.op_done();
  }
  EXPECT_EQ(progress.next(), nullptr);
}

TEST(LayoutProgress, ANumberThatIsNoIntegerIsNoCount) {
  const ClassLayout layout = parsed("double:n object[n]");
  for (const double number :
       {0.5, -0.5, 0x1p53 * 2, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    LayoutProgress progress;
    progress.begin(layout);
    progress.set_count(number);
    progress.op_done();
    EXPECT_EQ(progress.count(), LayoutProgress::kNoCount) << number;
  }
}

TEST(LayoutProgress, ANegativeCountIsToldAsItIs) {
  const ClassLayout layout = parsed("double:n object[n]");
  LayoutProgress progress;
  progress.begin(layout);
  progress.set_count(-3.0);
  progress.op_done();
  EXPECT_EQ(progress.count(), -3);
}

TEST(LayoutProgress, NothingIsLeftOfTheLastUse) {
  const ClassLayout first = parsed("int:n (object)[9]");
  const ClassLayout second = parsed("int:n object[n] float");  // ends where the group of the first does
  LayoutProgress progress;
  progress.begin(first);
  progress.set_count(std::int64_t{8});
  progress.op_done();
  progress.enter_group();
  progress.begin(second);
  EXPECT_EQ(walked(progress, 2), "s1 o2 s1 ");
}

}  // namespace
}  // namespace sconce::core
