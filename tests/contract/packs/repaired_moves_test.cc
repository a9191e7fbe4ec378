// Damage to what says where large objects were moved: repair finds them all the same.

#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "server/storage/rocksdb/packs/segment_appender.h"
#include "server/storage/rocksdb/packs/segment_layout.h"
#include "server/storage/rocksdb/repair.h"
#include "tests/contract/packs/moving_store.h"

namespace sconce::tests {
namespace {

using namespace server::storage;

std::string told_by_repair(const fs::path& directory) {
  std::string told;
  const auto repaired = repair_rocksdb_store(directory, RepairMode::apply, [&](const RepairFinding& finding) {
    told += finding.where + ": " + finding.error.what + '\n';
  });
  return repaired ? told : repaired.error().what;
}

std::vector<fs::path> logs_of(const fs::path& directory) {
  std::vector<fs::path> logs;
  for (const auto& file : fs::directory_iterator(directory)) {
    if (file.path().extension() == ".log") logs.push_back(file.path());
  }
  return logs;
}

class RepairedMoves : public StoreWithPacks {
 protected:
  /// Copies the directory as a crash would leave it, with a damage in each log at the end of what it had at `before`.
  fs::path crash(const std::map<fs::path, std::uint64_t>& before) {
    const fs::path crashed = directory_.path() / "crashed";
    fs::copy(data_, crashed, fs::copy_options::recursive);
    for (const auto& [log, size_bytes] : before) {
      const fs::path copy = crashed / log.filename();
      if (!fs::exists(copy) || fs::file_size(copy) < size_bytes + 60) continue;
      std::fstream stream(copy, std::ios::in | std::ios::out | std::ios::binary);
      stream.seekp(static_cast<std::streamoff>(size_bytes + 20));
      stream << std::string(40, '?');
    }
    return crashed;
  }
  std::map<fs::path, std::uint64_t> log_sizes() const {
    std::map<fs::path, std::uint64_t> sizes;
    for (const fs::path& log : logs_of(data_)) sizes[log] = fs::file_size(log);
    return sizes;
  }
};

/// The old pack is gone then, so it must not depend on the log alone.
TEST_F(RepairedMoves, ALogThatIsDamagedWhereASegmentWasMovedLosesNothingOld) {
  make_wasteful_pack(data_, {"lives"}, {"gone"});
  fs::path crashed;
  {
    MovingStore store(data_);
    ASSERT_TRUE(store.apply("before", "1"));
    const auto before = log_sizes();
    ASSERT_TRUE(store.compact());
    ASSERT_EQ(store.database().counters().segments_moved, 1U);
    ASSERT_TRUE(store.apply("after", "1") && store.apply("after", "2"));
    crashed = crash(before);
  }
  const std::string told = told_by_repair(crashed);
  EXPECT_TRUE(content_of(*open(crashed), "lives") == "lives" + numbered_bytes(kLargeBytes)) << told;
}

TEST_F(RepairedMoves, ALogThatIsDamagedWhereAnObjectWasConvertedLosesNothingOld) {
  unpack_layout(4, directory_.path());
  fs::path crashed;
  {
    MovingStore store(data_);
    ASSERT_TRUE(store.apply("new", "1"));
    const auto before = log_sizes();
    ASSERT_TRUE(store.convert());
    store.drain();
    ASSERT_EQ(store.database().counters().objects_converted, 1U);
    ASSERT_TRUE(store.apply("after", "1") && store.apply("after", "2"));
    crashed = crash(before);
  }
  const std::string told = told_by_repair(crashed);
  EXPECT_EQ(content_of(*open(crashed), "large").size(), 600'125U) << told;
}

/// The first step of a compaction was moved; in the second one a copy was given up, and its head stays in the pack.
TEST_F(RepairedMoves, OfSeveralCopiesTheOneThatIsWholeIsTaken) {
  make_wasteful_pack(data_, {"lives", "other"}, {"gone"});
  {
    MovingStore store(data_);
    RocksdbDatabase& database = store.database();
    const auto placement_of = [&](const std::string& key) { return (*database.object_at(key))->placement(); };
    {
      auto place = database.packs().place(store.clock().next(std::chrono::system_clock::now()), true);
      ASSERT_TRUE(place);
      const auto copy_of = [&](const std::string& key) -> SegmentMove {
        const Placement placement = placement_of(key);
        const Segment from = *database.segment_of(placement);
        const Segment to = **copy_segment(database.packs(), placement.id, from, *place, [] { return true; });
        place->add_segment(to.offset + stored_bytes(to));
        return {.id = placement.id, .from = from, .to = to};
      };
      const SegmentMove moved = copy_of("other");
      ASSERT_TRUE(place->sync());
      ASSERT_EQ(*store.writer().move({&moved, 1}), 1U);
      database.packs().discard(copy_of("lives").to);
    }
    ASSERT_TRUE(store.compact());
    ASSERT_EQ(store.database().counters().segments_moved, 1U);
  }
  EXPECT_EQ(damages_in(data_), "");
  RawDatabase(data_).forget_uploads();
  const std::string told = told_by_repair(data_);
  const auto store = open();
  for (const std::string key : {"lives", "other"}) {
    EXPECT_TRUE(content_of(*store, key) == key + numbered_bytes(kLargeBytes)) << told;
  }
}

}  // namespace
}  // namespace sconce::tests
