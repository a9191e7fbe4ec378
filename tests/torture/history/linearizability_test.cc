#include "tests/torture/history/linearizability.h"

#include <gtest/gtest.h>

namespace sconce::tests {
namespace {

using Kind = Operation::Kind;
using Outcome = Operation::Outcome;

Operation read(Value value, std::int64_t begin, std::int64_t end) {
  return {.kind = Kind::read, .outcome = Outcome::applied, .value = value, .begin_ns = begin, .end_ns = end};
}
Operation write(Value value, std::int64_t begin, std::int64_t end, Outcome outcome = Outcome::applied) {
  return {.kind = Kind::write, .outcome = outcome, .value = value, .begin_ns = begin, .end_ns = end};
}
Operation swap(Value expected, Value value, std::int64_t begin, std::int64_t end, Outcome outcome) {
  return {.kind = Kind::write_if_is,
          .outcome = outcome,
          .value = value,
          .expected = expected,
          .begin_ns = begin,
          .end_ns = end};
}
Operation make(Value value, std::int64_t begin, std::int64_t end, Outcome outcome) {
  return {.kind = Kind::write_if_absent, .outcome = outcome, .value = value, .begin_ns = begin, .end_ns = end};
}
Operation remove(std::int64_t begin, std::int64_t end, Outcome outcome) {
  return {.kind = Kind::remove, .outcome = outcome, .begin_ns = begin, .end_ns = end};
}

bool linearizable(const History& history, Value initial = kNone) { return !why_not_linearizable(history, initial); }

TEST(Linearizability, OneAfterTheOther) {
  EXPECT_TRUE(linearizable({}));
  EXPECT_TRUE(linearizable({write(1, 0, 1), read(1, 2, 3), write(2, 4, 5), read(2, 6, 7)}));
  EXPECT_FALSE(linearizable({write(1, 0, 1), read(kNone, 2, 3)}));
  EXPECT_FALSE(linearizable({write(1, 0, 1), write(2, 2, 3), read(1, 4, 5)}));
  EXPECT_TRUE(linearizable({read(7, 0, 1)}, 7));
  EXPECT_FALSE(linearizable({read(7, 0, 1)}, 8));
}

TEST(Linearizability, WhatOverlapsMayGoEitherWay) {
  EXPECT_TRUE(linearizable({write(1, 0, 10), read(kNone, 1, 2), read(1, 3, 4)}));
  EXPECT_FALSE(linearizable({write(1, 0, 10), read(1, 1, 2), read(kNone, 3, 4)}));
  EXPECT_TRUE(linearizable({write(1, 0, 10), write(2, 0, 10), read(2, 1, 2), read(1, 3, 4)}));
  EXPECT_FALSE(linearizable({write(1, 0, 10), write(2, 0, 10), read(2, 1, 2), read(1, 3, 4), read(2, 5, 6)}));
}

TEST(Linearizability, WhatIsUnknownMayHaveHappenedOrNot) {
  EXPECT_TRUE(linearizable({write(1, 0, 10, Outcome::unknown), read(1, 11, 12)}));
  EXPECT_TRUE(linearizable({write(1, 0, 10, Outcome::unknown), read(kNone, 11, 12)}));
  EXPECT_FALSE(linearizable({write(1, 0, 10, Outcome::unknown), read(1, 11, 12), read(kNone, 13, 14)}));
  EXPECT_FALSE(linearizable({write(1, 0, 10, Outcome::unknown), read(kNone, 11, 12), read(1, 13, 14)}));
}

TEST(Linearizability, OfTwoConditionalWritesOneIsApplied) {
  EXPECT_TRUE(linearizable({swap(1, 2, 0, 9, Outcome::applied), swap(1, 3, 0, 9, Outcome::refused)}, 1));
  EXPECT_FALSE(linearizable({swap(1, 2, 0, 9, Outcome::applied), swap(1, 3, 0, 9, Outcome::applied)}, 1));
  EXPECT_FALSE(linearizable({swap(1, 2, 0, 1, Outcome::refused)}, 1));
  EXPECT_TRUE(linearizable({make(1, 0, 9, Outcome::refused), make(2, 0, 9, Outcome::applied)}));
  EXPECT_FALSE(linearizable({make(1, 0, 9, Outcome::applied), make(2, 0, 9, Outcome::applied)}));
  EXPECT_FALSE(linearizable({make(1, 0, 9, Outcome::refused)}));
}

TEST(Linearizability, RemovalsSayWhetherSomethingWasThere) {
  EXPECT_TRUE(linearizable({write(1, 0, 1), remove(2, 3, Outcome::applied), remove(4, 5, Outcome::refused)}));
  EXPECT_FALSE(linearizable({write(1, 0, 1), remove(2, 3, Outcome::refused)}));
  EXPECT_FALSE(linearizable({remove(2, 3, Outcome::applied)}));
}

TEST(Linearizability, ALongHistoryIsDecided) {
  History history;
  for (Value i = 1; i <= 200; ++i) {
    const auto at = static_cast<std::int64_t>(10 * i);
    for (Value client = 0; client < 4; ++client) history.push_back(write(10 * i + client, at, at + 9));
    history.push_back(read(10 * i, at + 1, at + 8));
  }
  EXPECT_TRUE(linearizable(history));
  history.push_back(read(10, 4000, 4001));
  EXPECT_FALSE(linearizable(history));
}

}  // namespace
}  // namespace sconce::tests
