// A write overtakes the move of a large object: what was written stays.

#include <gtest/gtest.h>

#include <functional>

#include "server/storage/rocksdb/packs/pack_directory.h"
#include "server/storage/rocksdb/packs/segment_appender.h"
#include "server/storage/rocksdb/packs/segment_layout.h"
#include "tests/contract/packs/moving_store.h"

namespace sconce::tests {
namespace {

using namespace server::storage;

class OvertakenMoves : public StoreWithPacks {
 protected:
  void make_pack() { pack_ = make_wasteful_pack(data_, {"lives"}, {"gone"}); }
  /// One that a program of layout 4 left.
  void make_older_store() { unpack_layout(4, directory_.path()); }

  /// Does something while the first object is copied, and goes on.
  static std::function<bool()> meanwhile(std::function<void()> action) {
    return [action = std::move(action), calls = 0]() mutable {
      if (++calls == 3) action();
      return true;
    };
  }

  std::string lives_ = "lives" + numbered_bytes(kLargeBytes);
  fs::path pack_;
};

TEST_F(OvertakenMoves, WhatIsDeletedMeanwhileIsNotMoved) {
  make_pack();
  {
    MovingStore store(data_);
    auto reader = store.opener().open("lives");  // so its record stays
    ASSERT_TRUE(store.compact(meanwhile([&] { EXPECT_TRUE(store.apply("lives", std::nullopt)); })));
    EXPECT_EQ(store.database().counters().segments_moved, 0U);
    reader->reset();
    store.drain();
    EXPECT_TRUE(packs().empty());
  }
  EXPECT_EQ(damages_in(data_), "");
}

TEST_F(OvertakenMoves, WhatIsOverwrittenMeanwhileIsNotMoved) {
  make_pack();
  const std::string now = "now " + numbered_bytes(kLargeBytes);
  {
    MovingStore store(data_);
    ASSERT_TRUE(store.compact(meanwhile([&] { EXPECT_TRUE(store.apply("lives", now)); })));
    EXPECT_EQ(store.database().counters().segments_moved, 0U);
  }
  EXPECT_EQ(damages_in(data_), "");
  EXPECT_TRUE(content_of(*open(), "lives") == now);
  EXPECT_FALSE(fs::exists(pack_));
}

TEST_F(OvertakenMoves, WhatWasMovedMeanwhileIsNotMovedFromWhereItWas) {
  make_pack();
  MovingStore store(data_);
  RocksdbDatabase& database = store.database();
  const Placement placement = (*database.object_at("lives"))->placement();
  const Segment before = *database.segment_of(placement);
  ASSERT_TRUE(store.compact());
  const Segment now = *database.segment_of(placement);
  auto place = database.packs().place(store.clock().next(std::chrono::system_clock::now()), true);
  ASSERT_TRUE(place);
  const auto copy = copy_segment(database.packs(), placement.id, now, *place, [] { return true; });
  ASSERT_TRUE(copy && *copy);
  place->add_segment((*copy)->offset + stored_bytes(**copy));
  const SegmentMove late{.id = placement.id, .from = before, .to = **copy};
  EXPECT_EQ(*store.writer().move({&late, 1}), 0U);
  EXPECT_EQ(*database.segment_of(placement), now);
}

TEST_F(OvertakenMoves, ACompactionThatIsCutShortLeavesWhatItFound) {
  make_pack();
  {
    MovingStore store(data_);
    int chunks = 0;
    ASSERT_TRUE(store.compact([&] { return ++chunks < 3; }));
    EXPECT_EQ(store.database().counters().segments_moved, 0U);
    EXPECT_EQ(packs(), std::vector{pack_});
    ASSERT_TRUE(store.compact());
    EXPECT_EQ(store.database().counters().segments_moved, 1U);
  }
  EXPECT_EQ(damages_in(data_), "");
  EXPECT_TRUE(content_of(*open(), "lives") == lives_);
}

/// Else the next start, with the clock set back, could give an id twice.
TEST_F(OvertakenMoves, IdsOfPacksAreBeforeTheLastRevision) {
  make_pack();
  MovingStore store(data_);
  ASSERT_TRUE(store.compact());
  ASSERT_EQ(packs().size(), 1U);
  EXPECT_LT(*pack_of_name(packs()[0].filename().string()), *store.database().last_revision());
}

TEST_F(OvertakenMoves, WhatIsOverwrittenMeanwhileIsNotConverted) {
  make_older_store();
  {
    MovingStore store(data_);
    ASSERT_TRUE(store.apply("new", "1"));
    ASSERT_TRUE(store.convert(meanwhile([&] { EXPECT_TRUE(store.apply("large", "now small")); })));
    EXPECT_EQ(store.database().counters().objects_converted, 0U);
  }
  EXPECT_EQ(damages_in(data_), "");
  EXPECT_EQ(content_of(*open(), "large"), "now small");
}

TEST_F(OvertakenMoves, WhatIsDeletedMeanwhileIsNotConverted) {
  make_older_store();
  {
    MovingStore store(data_);
    ASSERT_TRUE(store.apply("new", "1"));
    ASSERT_TRUE(store.convert(meanwhile([&] { EXPECT_TRUE(store.apply("large", std::nullopt)); })));
  }
  EXPECT_EQ(damages_in(data_), "");
  EXPECT_EQ(content_of(*open(), "large"), "(none)");
}

TEST_F(OvertakenMoves, AConversionThatIsCutShortLeavesWhatItFound) {
  make_older_store();
  {
    MovingStore store(data_);
    ASSERT_TRUE(store.apply("new", "1"));
    int pieces = 0;
    ASSERT_TRUE(store.convert([&] { return ++pieces < 3; }));
    EXPECT_EQ(store.database().counters().objects_converted, 0U);
  }
  EXPECT_EQ(damages_in(data_), "");
  EXPECT_EQ(content_of(*open(), "large").size(), 600'125U);
}

}  // namespace
}  // namespace sconce::tests
