// A write overtakes the move of a large object: what was written stays.

#include <gtest/gtest.h>

#include <functional>

#include "server/storage/cache/hot_objects.h"
#include "server/storage/rocksdb/chunk_conversion.h"
#include "server/storage/rocksdb/pack_compaction.h"
#include "server/storage/rocksdb/packs/pack_directory.h"
#include "server/storage/rocksdb/packs/segment_appender.h"
#include "server/storage/rocksdb/packs/segment_layout.h"
#include "tests/contract/packs/store_with_packs.h"
#include "tests/support/layouts.h"

namespace sconce::tests {
namespace {

using namespace server::storage;

/// The parts of a store that move large objects, with no thread of their own but the sweeper's.
class OvertakenMoves : public StoreWithPacks {
 protected:
  void open_parts() {
    auto database = RocksdbDatabase::open({.directory = data_});
    if (!database) throw std::runtime_error(to_string(database.error()));
    database_ = std::move(*database);
    clock_.emplace(*database_->last_revision());
    sweeper_.emplace([this](std::span<const Placement> garbage) { return database_->drop(garbage); }, report_);
    pins_.emplace([this](const Placement& unused) { sweeper_->add({&unused, 1}); });
    writer_.emplace(CommitWriter::Parts{*database_, *clock_, hot_, *pins_, *sweeper_, report_});
    opener_.emplace(*database_, *pins_);
  }
  void close_parts() {
    opener_.reset();
    writer_.reset();
    pins_.reset();
    sweeper_.reset();
    database_.reset();
  }

  void apply(const std::string& key, const std::optional<std::string>& bytes) {
    PendingCommit commit;
    if (bytes) {
      auto upload = std::make_unique<RocksdbUpload>(*database_, *clock_, 1 << 30, [](const Placement&) {});
      ASSERT_TRUE(upload->write(std::as_bytes(std::span(*bytes))));
      ASSERT_TRUE(upload->finish());
      commit.writes.push_back({.key = key, .condition = {}, .what = Put{std::move(upload)}});
    } else {
      commit.writes.push_back(delete_of(key));
    }
    writer_->apply({&commit, 1});
    ASSERT_TRUE(commit.outcome);
  }

  Status compact(const PackCompaction::GoOn& go_on) {
    PackCompaction compaction({*database_, *clock_, *writer_, report_});
    return compaction.run({.begins_percent = 0, .ends_percent = 3, .begins_bytes = 0}, go_on);
  }
  Status convert(const ChunkConversion::GoOn& go_on) {
    ChunkConversion conversion({*database_, *clock_, *opener_, *writer_, [](const Placement&) {}, report_});
    return conversion.run(go_on);
  }

  /// A pack of two objects, of which one is garbage that keeps its space.
  void make_wasteful_pack() {
    {
      const auto store = open();
      for (const char* const key : {"gone", "lives"})
        commit(*store, put_of(*store, key, key + numbered_bytes(kLargeBytes)));
      pack_ = packs()[0];
      fs::create_hard_link(pack_, directory_.path() / "backup");
      commit(*store, delete_of("gone"));
    }
    open_parts();
  }
  /// One that a program of layout 4 left, and that was written since.
  void make_older_store() {
    unpack_layout(4, directory_.path());
    open_parts();
    apply("new", "1");
  }
  /// Does something while the first object is copied, and goes on.
  static std::function<bool()> meanwhile(std::function<void()> action) {
    return [action = std::move(action), calls = 0]() mutable {
      if (++calls == 3) action();
      return true;
    };
  }

  const Report report_ = [](const core::Error& error) { ADD_FAILURE() << error.what; };
  HotObjects hot_{0};
  std::unique_ptr<RocksdbDatabase> database_;
  std::optional<RevisionClock> clock_;
  std::optional<GarbageSweeper> sweeper_;
  std::optional<RevisionPins> pins_;
  std::optional<CommitWriter> writer_;
  std::optional<RocksdbOpener> opener_;
  fs::path pack_;
};

TEST_F(OvertakenMoves, WhatIsDeletedMeanwhileIsNotMoved) {
  make_wasteful_pack();
  auto reader = opener_->open("lives");  // so its record stays
  ASSERT_TRUE(compact(meanwhile([&] { apply("lives", std::nullopt); })));
  EXPECT_EQ(database_->counters().segments_moved, 0U);
  reader->reset();
  sweeper_->drain();
  EXPECT_TRUE(packs().empty());
  close_parts();
  EXPECT_EQ(damages_in(data_), "");
}

TEST_F(OvertakenMoves, WhatIsOverwrittenMeanwhileIsNotMoved) {
  make_wasteful_pack();
  ASSERT_TRUE(compact(meanwhile([&] { apply("lives", "now " + numbered_bytes(kLargeBytes)); })));
  EXPECT_EQ(database_->counters().segments_moved, 0U);
  close_parts();
  EXPECT_EQ(damages_in(data_), "");
  EXPECT_TRUE(content_of(*open(), "lives") == "now " + numbered_bytes(kLargeBytes));
  EXPECT_FALSE(fs::exists(pack_));
}

TEST_F(OvertakenMoves, WhatWasMovedMeanwhileIsNotMovedFromWhereItWas) {
  make_wasteful_pack();
  const Revision id = (*database_->object_at("lives"))->placement().id;
  const Segment before = *database_->segment_of({.id = id, .kind = Placement::Kind::segment});
  ASSERT_TRUE(compact([] { return true; }));
  auto place = database_->packs().place(clock_->next(std::chrono::system_clock::now()), true);
  ASSERT_TRUE(place);
  const Segment now = *database_->segment_of({.id = id, .kind = Placement::Kind::segment});
  const auto copy = copy_segment(database_->packs(), id, now, *place, [] { return true; });
  ASSERT_TRUE(copy && *copy);
  place->add_segment((*copy)->offset + stored_bytes(**copy));
  const SegmentMove late{.id = id, .from = before, .to = **copy};
  EXPECT_EQ(*writer_->move({&late, 1}), 0U);
  EXPECT_EQ(*database_->segment_of({.id = id, .kind = Placement::Kind::segment}), now);
}

TEST_F(OvertakenMoves, ACompactionThatIsCutShortLeavesWhatItFound) {
  make_wasteful_pack();
  int chunks = 0;
  ASSERT_TRUE(compact([&] { return ++chunks < 3; }));
  EXPECT_EQ(database_->counters().segments_moved, 0U);
  EXPECT_EQ(packs(), std::vector{pack_});
  ASSERT_TRUE(compact([] { return true; }));
  EXPECT_EQ(database_->counters().segments_moved, 1U);
  close_parts();
  EXPECT_EQ(damages_in(data_), "");
  EXPECT_TRUE(content_of(*open(), "lives") == "lives" + numbered_bytes(kLargeBytes));
}

/// Else the next start, with the clock set back, could give an id twice.
TEST_F(OvertakenMoves, IdsOfPacksAreBeforeTheLastRevision) {
  make_wasteful_pack();
  ASSERT_TRUE(compact([] { return true; }));
  const auto last = database_->last_revision();
  ASSERT_EQ(packs().size(), 1U);
  EXPECT_LT(*pack_of_name(packs()[0].filename().string()), *last);
}

TEST_F(OvertakenMoves, WhatIsOverwrittenMeanwhileIsNotConverted) {
  make_older_store();
  ASSERT_TRUE(convert(meanwhile([&] { apply("large", "now small"); })));
  EXPECT_EQ(database_->counters().objects_converted, 0U);
  close_parts();
  EXPECT_EQ(damages_in(data_), "");
  EXPECT_EQ(content_of(*open(), "large"), "now small");
}

TEST_F(OvertakenMoves, WhatIsDeletedMeanwhileIsNotConverted) {
  make_older_store();
  ASSERT_TRUE(convert(meanwhile([&] { apply("large", std::nullopt); })));
  close_parts();
  EXPECT_EQ(damages_in(data_), "");
  EXPECT_EQ(content_of(*open(), "large"), "(none)");
}

TEST_F(OvertakenMoves, AConversionThatIsCutShortLeavesWhatItFound) {
  make_older_store();
  int pieces = 0;
  ASSERT_TRUE(convert([&] { return ++pieces < 3; }));
  EXPECT_EQ(database_->counters().objects_converted, 0U);
  close_parts();
  EXPECT_EQ(damages_in(data_), "");
  EXPECT_EQ(content_of(*open(), "large").size(), 600'125U);
}

}  // namespace
}  // namespace sconce::tests
