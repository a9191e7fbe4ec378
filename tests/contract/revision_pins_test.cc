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

TEST_F(RevisionPinsTest, WhatIsRetiredDuringALookGoesWithIt) {
  {
    const RevisionPins::Look look(pins_);
    EXPECT_FALSE(pins_.retire(bytes(1)));
    EXPECT_TRUE(unused_.empty());
  }
  EXPECT_EQ(unused_, std::vector{bytes(1)});
  EXPECT_TRUE(pins_.retire(bytes(2)));
}

TEST_F(RevisionPinsTest, WhatALookFoundAndPinnedGoesWithItsReader) {
  std::optional<RevisionPins::Pin> pin;
  {
    const RevisionPins::Look look(pins_);
    EXPECT_FALSE(pins_.retire(bytes(1)));
    pin.emplace(pins_.pin(bytes(1)));
  }
  EXPECT_TRUE(unused_.empty());
  pin.reset();
  EXPECT_EQ(unused_, std::vector{bytes(1)});
}

/// Another had pinned it before, and leaves before the look that found it too is over.
TEST_F(RevisionPinsTest, AReaderThatLeavesDuringALookTakesNothingFromIt) {
  std::optional<RevisionPins::Pin> pin(pins_.pin(bytes(1)));
  std::optional<RevisionPins::Pin> later;
  {
    const RevisionPins::Look look(pins_);
    EXPECT_FALSE(pins_.retire(bytes(1)));
    pin.reset();
    EXPECT_TRUE(unused_.empty());
    later.emplace(pins_.pin(bytes(1)));
  }
  EXPECT_TRUE(unused_.empty());
  later.reset();
  EXPECT_EQ(unused_, std::vector{bytes(1)});
}

/// A look that began later cannot have found it.
TEST_F(RevisionPinsTest, LaterLooksKeepNothingThatWasRetiredBefore) {
  std::optional<RevisionPins::Look> first(std::in_place, pins_);
  EXPECT_FALSE(pins_.retire(bytes(1)));
  const RevisionPins::Look second(pins_);
  EXPECT_FALSE(pins_.retire(bytes(2)));
  first.reset();
  EXPECT_EQ(unused_, std::vector{bytes(1)});
}

}  // namespace
}  // namespace sconce::tests
