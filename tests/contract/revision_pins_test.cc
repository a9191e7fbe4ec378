#include "server/storage/rocksdb/revision_pins.h"

#include <gtest/gtest.h>

namespace sconce::tests {
namespace {

using namespace server::storage;

Placement bytes(std::uint8_t id) { return {.id = {{id}}}; }

class RevisionPinsTest : public testing::Test {
 protected:
  std::vector<Placement> unused_;
  RevisionPins pins_{[this](const Placement& placement) { unused_.push_back(placement); }};
};

TEST_F(RevisionPinsTest, WhatNobodyReadsMayGoAtOnce) { EXPECT_TRUE(pins_.retire(bytes(1))); }

TEST_F(RevisionPinsTest, TheLastReaderSaysWhatMayGo) {
  {
    const auto first = pins_.pin(bytes(1));
    const auto second = pins_.pin(bytes(1));
    EXPECT_FALSE(pins_.retire(bytes(1)));
    EXPECT_TRUE(unused_.empty());
  }
  EXPECT_EQ(unused_, std::vector{bytes(1)});
}

TEST_F(RevisionPinsTest, WhatIsRetiredDuringALookupGoesWithIt) {
  {
    const RevisionPins::LookupGuard guard(pins_);
    EXPECT_FALSE(pins_.retire(bytes(1)));
    EXPECT_TRUE(unused_.empty());
  }
  EXPECT_EQ(unused_, std::vector{bytes(1)});
  EXPECT_TRUE(pins_.retire(bytes(2)));
}

TEST_F(RevisionPinsTest, WhatALookupFoundAndPinnedGoesWithItsReader) {
  std::optional<RevisionPins::Pin> pin;
  {
    const RevisionPins::LookupGuard guard(pins_);
    EXPECT_FALSE(pins_.retire(bytes(1)));
    pin.emplace(pins_.pin(bytes(1)));
  }
  EXPECT_TRUE(unused_.empty());
  pin.reset();
  EXPECT_EQ(unused_, std::vector{bytes(1)});
}

/// Another had pinned it before, and leaves before the lookup that found it too is over.
TEST_F(RevisionPinsTest, AReaderThatLeavesDuringALookupTakesNothingFromIt) {
  std::optional<RevisionPins::Pin> pin(pins_.pin(bytes(1)));
  std::optional<RevisionPins::Pin> later;
  {
    const RevisionPins::LookupGuard guard(pins_);
    EXPECT_FALSE(pins_.retire(bytes(1)));
    pin.reset();
    EXPECT_TRUE(unused_.empty());
    later.emplace(pins_.pin(bytes(1)));
  }
  EXPECT_TRUE(unused_.empty());
  later.reset();
  EXPECT_EQ(unused_, std::vector{bytes(1)});
}

/// A lookup that began later cannot have found it.
TEST_F(RevisionPinsTest, LaterLookupsKeepNothingThatWasRetiredBefore) {
  std::optional<RevisionPins::LookupGuard> first(std::in_place, pins_);
  EXPECT_FALSE(pins_.retire(bytes(1)));
  const RevisionPins::LookupGuard second(pins_);
  EXPECT_FALSE(pins_.retire(bytes(2)));
  first.reset();
  EXPECT_EQ(unused_, std::vector{bytes(1)});
}

}  // namespace
}  // namespace sconce::tests
