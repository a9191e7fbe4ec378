#include "tests/torture/history/written_revisions.h"

#include <gtest/gtest.h>

namespace sconce::tests {
namespace {

bool grow(const std::vector<WrittenRevision>& writes, const std::string& floor = "") {
  return !why_revisions_do_not_grow(writes, floor);
}

TEST(WrittenRevisions, GrowFromOneToTheNext) {
  EXPECT_TRUE(grow({}));
  EXPECT_TRUE(grow({{"b", 2, 3}, {"a", 0, 1}}));
  EXPECT_FALSE(grow({{"b", 0, 1}, {"a", 2, 3}}));
  EXPECT_FALSE(grow({{"a", 0, 1}, {"a", 2, 3}})) << "no two are the same";
}

TEST(WrittenRevisions, OfWritesAtOneTimeHaveNoOrder) {
  EXPECT_TRUE(grow({{"b", 0, 2}, {"a", 1, 3}}));
  EXPECT_FALSE(grow({{"c", 0, 2}, {"b", 1, 3}, {"a", 4, 5}})) << "what ended before is not forgotten";
}

TEST(WrittenRevisions, AreGreaterThanTheFloor) {
  EXPECT_TRUE(grow({{"b", 0, 1}}, "a"));
  EXPECT_FALSE(grow({{"b", 0, 1}}, "b"));
}

}  // namespace
}  // namespace sconce::tests
