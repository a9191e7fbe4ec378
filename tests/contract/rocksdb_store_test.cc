// What the RocksDB store promises beyond the contract: it survives, it takes back space, and it does not hide damage.

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "server/storage/rocksdb/database/database.h"
#include "server/storage/rocksdb/packs/pack_directory.h"
#include "server/storage/rocksdb/packs/segment.h"
#include "server/storage/rocksdb/store.h"
#include "tests/contract/rocksdb_raw.h"
#include "tests/contract/store_fixture.h"

namespace sconce::tests {
namespace {

using namespace server::storage;

constexpr std::size_t kLargeBytes = 2'000'000;

TEST(RocksdbStore, WhatWasCommittedIsThereAfterReopening) {
  const TemporaryDirectory directory;
  const std::string large(100'000, 'x');
  Revision last;
  {
    const auto store = open_in(directory.path());
    commit(*store, put_of(*store, "small", "1"));
    last = commit(*store, put_of(*store, "large", large)).after[0]->revision;
  }
  const auto store = open_in(directory.path());
  EXPECT_EQ(content_of(*store, "small"), "1");
  EXPECT_EQ(content_of(*store, "large"), large);
  EXPECT_GT(commit(*store, put_of(*store, "small", "2")).after[0]->revision, last);
}

TEST(RocksdbStore, APartOfALargeObjectCostsTheChunksThatHoldIt) {
  const TemporaryDirectory directory;
  const auto store = open_in(directory.path());
  commit(*store, put_of(*store, "a", numbered_bytes(kLargeBytes)));
  const auto reader = store->open("a");
  bytes_of(**reader, kChunkBytes - 5, 10);
  EXPECT_EQ(store->counters().chunks_read, 2U);
  EXPECT_EQ(store->counters().values_read, 0U);
  EXPECT_EQ(store->counters().bytes_read, 2 * kChunkBytes);
}

TEST(RocksdbStore, WhatWasReadIsInMemory) {
  const TemporaryDirectory directory;
  const auto store = open_in(directory.path());
  const std::string large = numbered_bytes(kLargeBytes);
  commit(*store, put_of(*store, "a", large));
  EXPECT_EQ(store->open_in_memory("a"), std::nullopt);
  EXPECT_EQ(content_of(*store, "a"), large);
  const auto opened = store->open_in_memory("a");
  ASSERT_TRUE(opened && *opened != nullptr);
  RevisionReader& reader = **opened;
  EXPECT_TRUE(reader.is_in_memory());
  commit(*store, put_of(*store, "a", "other"));
  EXPECT_EQ(bytes_of(reader, 0, kLargeBytes), large);
  EXPECT_EQ(bytes_of(reader, 1'500'000, 100), large.substr(1'500'000, 100));
  reader.release();
  EXPECT_FALSE(reader.is_in_memory());
  EXPECT_EQ(bytes_of(reader, 0, kLargeBytes), large);
}

TEST(RocksdbStore, WhatIsLargeIsNeverAllInMemory) {
  const TemporaryDirectory directory;
  const auto store = open_in(directory.path());
  commit(*store, put_of(*store, "a", numbered_bytes(2 * kLargeBytes)));
  content_of(*store, "a");
  EXPECT_EQ(store->open_in_memory("a"), std::nullopt);
}

/// As many as there is room for; the others are read again.
TEST(RocksdbStore, WithoutRoomNothingIsKept) {
  const TemporaryDirectory directory;
  const auto store = open_rocksdb_store({.directory = directory.path(), .cache_bytes = 0});
  ASSERT_TRUE(store);
  const std::string large = numbered_bytes(kLargeBytes);
  commit(**store, put_of(**store, "a", large));
  for (int i = 0; i < 2; ++i) EXPECT_EQ(content_of(**store, "a"), large);
  EXPECT_EQ((*store)->open_in_memory("a"), std::nullopt);
}

TEST(RocksdbStore, TheDirectoryBelongsToOneProcess) {
  const TemporaryDirectory directory;
  const auto store = open_in(directory.path());
  const auto second = open_rocksdb_store({.directory = directory.path()});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, core::ErrorCode::io_error);
  EXPECT_NE(second.error().what.find("another process"), std::string::npos) << second.error().what;
}

TEST(RocksdbStore, ANewerLayoutIsRefused) {
  const TemporaryDirectory directory;
  open_in(directory.path()).reset();
  RawDatabase(directory.path()).set_layout("6");
  const auto opened = open_rocksdb_store({.directory = directory.path()});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().what, "the data has layout 6, and this program knows layout 5; use a newer program");
}

/// The wall clock says nothing here: the last revision is far ahead of it.
TEST(RocksdbStore, RevisionsOfCommitsGrowAcrossRestarts) {
  const TemporaryDirectory directory;
  open_in(directory.path()).reset();
  Revision last;
  last.bytes[0] = 0x7f;
  RawDatabase(directory.path()).set_last_revision(last);
  for (int start = 0; start < 3; ++start) {
    const auto store = open_in(directory.path());
    for (const bool puts : {true, false}) {  // deletes come last, so that a start knows of nothing but them
      for (const char* const key : {"a", "b", "c"}) {
        const auto revision = commit(*store, puts ? put_of(*store, key, "1") : delete_of(key)).revision;
        ASSERT_TRUE(revision);
        EXPECT_GT(*revision, last) << start << key << puts;
        last = *revision;
      }
    }
  }
}

TEST(RocksdbStore, ADirectoryThatCannotBeMadeIsAnError) {
  const auto opened = open_rocksdb_store({.directory = "/proc/sconce"});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, core::ErrorCode::io_error);
}

TEST(RocksdbStore, WhatIsOverwrittenOrDeletedGoes) {
  const TemporaryDirectory directory;
  {
    const auto store = open_in(directory.path());
    for (int i = 0; i < 10; ++i) commit(*store, put_of(*store, "a", std::to_string(i)));
    commit(*store, put_of(*store, "b", "1"));
    commit(*store, delete_of("b"));
  }
  EXPECT_EQ(count_objects(directory.path()), 1U);
}

TEST(RocksdbStore, WhatIsReadGoesWithItsLastReader) {
  const TemporaryDirectory directory;
  {
    const auto store = open_in(directory.path());
    commit(*store, put_of(*store, "a", "1"));
    {
      const auto first = store->open("a");
      const auto second = store->open("a");
      commit(*store, delete_of("a"));
      EXPECT_TRUE((*first)->read(0, 1));
    }
  }
  EXPECT_EQ(count_objects(directory.path()), 0U);
}

/// The sweeper has had its time, and must have left alone what is still read.
TEST(RocksdbStore, AReaderThatReadsLateStillFindsItsRevision) {
  const TemporaryDirectory directory;
  const auto store = open_in(directory.path());
  commit(*store, put_of(*store, "a", "1"));
  const auto reader = store->open("a");
  commit(*store, delete_of("a"));
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_TRUE((*reader)->read(0, 1));
}

/// What a crash finds on the disk while a reader keeps a deleted revision.
TEST(RocksdbStore, ACommitMarksWhatItReplaces) {
  const TemporaryDirectory directory;
  const TemporaryDirectory crashed;
  const auto store = open_in(directory.path());
  commit(*store, put_of(*store, "a", "1"));
  const auto reader = store->open("a");
  commit(*store, delete_of("a"));
  const std::filesystem::path copied = crashed.path() / "data";
  std::filesystem::copy(directory.path(), copied, std::filesystem::copy_options::recursive);
  EXPECT_EQ(count_objects(copied), 1U);
  open_in(copied).reset();
  EXPECT_EQ(count_objects(copied), 0U);
}

/// A crash between the commit and the drop leaves the mark; the next start drops.
TEST(RocksdbStore, WhatACrashLeftIsSweptAtTheStart) {
  const TemporaryDirectory directory;
  {
    const auto database = RocksdbDatabase::open({.directory = directory.path()});
    ASSERT_TRUE(database);
    rocksdb::WriteBatch batch;
    StoredObject object;
    object.meta.revision = {{1}};
    object.meta.size_bytes = 1;
    object.extents = {{.placement = {.id = {{1}}}, .size_bytes = 1}};
    (*database)->put_value(batch, object.placement(), "x");
    (*database)->put_object(batch, "a", object);
    (*database)->delete_key(batch, "a");
    (*database)->mark_garbage(batch, object.placement());
    ASSERT_TRUE((*database)->write_synced(batch));
  }
  EXPECT_EQ(count_objects(directory.path()), 1U);
  open_in(directory.path()).reset();
  EXPECT_EQ(count_objects(directory.path()), 0U);
}

TEST(RocksdbStore, ADamagedBlobIsAnErrorAndNotWrongBytes) {
  const TemporaryDirectory directory;
  {
    const auto store = open_in(directory.path());
    commit(*store, put_of(*store, "a", std::string(100'000, 'x')));
  }
  open_in(directory.path()).reset();  // recovery writes what the log holds to a blob file
  ASSERT_EQ(damage_files(directory.path(), ".blob", 5'000), 1U);
  const auto store = open_in(directory.path());
  const auto reader = store->open("a");
  ASSERT_TRUE(reader && *reader);
  commit(*store, put_of(*store, "b", "others are not touched"));
  EXPECT_EQ(content_of(*store, "b"), "others are not touched");
  const auto bytes = (*reader)->read(0, 10);
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().code, core::ErrorCode::corrupt);
}

/// RocksDB finds nothing wrong with them.
TEST(RocksdbStore, BytesThatNobodyWroteAreAnError) {
  const TemporaryDirectory directory;
  {
    const auto store = open_in(directory.path());
    commit(*store, put_of(*store, "a", "right"));
  }
  RawDatabase(directory.path()).replace_object("wrong");
  const auto store = open_in(directory.path());
  const auto reader = store->open("a");
  ASSERT_TRUE(reader && *reader);
  const auto bytes = (*reader)->read(0, 5);
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().code, core::ErrorCode::corrupt);
}

TEST(RocksdbStore, ALargeObjectIsWrittenOnce) {
  const TemporaryDirectory directory;
  const auto store = open_in(directory.path());
  commit(*store, put_of(*store, "a", numbered_bytes(kLargeBytes)));
  EXPECT_LT(bytes_of_files(directory.path(), ".log"), kLargeBytes / 10);
  EXPECT_GT(bytes_of_files(directory.path(), ".pack"), kLargeBytes);
  EXPECT_LT(bytes_of_files(directory.path(), ".pack"), kLargeBytes * 11 / 10);
}

/// Waits for what happens on another thread.
template <class Condition>
bool comes_true(Condition condition) {
  for (int i = 0; i < 500 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return condition();
}

TEST(RocksdbStore, TheSpaceOfALargeObjectComesBackAtOnce) {
  const TemporaryDirectory directory;
  const auto store = open_in(directory.path());
  const auto space = [&] { return space_of_files(directory.path(), ".pack"); };
  for (int i = 0; i < 5; ++i) commit(*store, put_of(*store, "a", numbered_bytes(kLargeBytes)));
  EXPECT_TRUE(comes_true([&] { return space() < 2 * kLargeBytes; })) << space();
  commit(*store, delete_of("a"));
  EXPECT_TRUE(comes_true([&] { return space() < kLargeBytes / 10; })) << space();
}

TEST(RocksdbStore, ALargeUploadThatIsNotCommittedLeavesNothing) {
  const TemporaryDirectory directory;
  const auto store = open_in(directory.path());
  {
    const auto upload = upload_of(*store, numbered_bytes(kLargeBytes));
    EXPECT_GT(space_of_files(directory.path(), ".pack"), kLargeBytes / 2);
  }
  EXPECT_LE(space_of_files(directory.path(), ".pack"), kPackHeadBytes);
}

TEST(RocksdbStore, ALargeObjectSurvivesReopening) {
  const TemporaryDirectory directory;
  const std::string large = numbered_bytes(kLargeBytes);
  {
    const auto store = open_in(directory.path());
    commit(*store, put_of(*store, "a", large));
  }
  EXPECT_TRUE(content_of(*open_in(directory.path()), "a") == large);
}

TEST(RocksdbStore, ADamagedChunkIsAnErrorAndNotWrongBytes) {
  const TemporaryDirectory directory;
  {
    const auto store = open_in(directory.path());
    commit(*store, put_of(*store, "a", numbered_bytes(kLargeBytes)));
  }
  ASSERT_EQ(damage_files(directory.path(), ".pack", kChunkBytes * 2 + 50'000), 1U);
  const auto store = open_in(directory.path());
  const auto reader = store->open("a");
  ASSERT_TRUE(reader && *reader);
  EXPECT_EQ(bytes_of(**reader, 0, 100), numbered_bytes(100));
  const auto bytes = (*reader)->read(kChunkBytes * 2, 10);
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().code, core::ErrorCode::corrupt);
}

TEST(RocksdbStore, WhatIsSpooledSurvivesItsCommit) {
  const TemporaryDirectory directory;
  {
    const auto store = open_in(directory.path());
    std::vector<Write> writes;
    for (const std::size_t size : {std::size_t{0}, std::size_t{10}, std::size_t{100'000}, kLargeBytes}) {
      writes.push_back(put_of(*store, std::to_string(size), numbered_bytes(size)));
      ASSERT_TRUE(std::get<Put>(writes.back().what).upload->spool());
    }
    ASSERT_TRUE(store->commit(std::move(writes)));
    commit(*store, put_of(*store, "10", "over it"));
  }
  const auto store = open_in(directory.path());
  EXPECT_EQ(content_of(*store, "0"), "");
  EXPECT_EQ(content_of(*store, "10"), "over it");
  EXPECT_EQ(content_of(*store, "100000"), numbered_bytes(100'000));
  EXPECT_TRUE(content_of(*store, std::to_string(kLargeBytes)) == numbered_bytes(kLargeBytes));
  ASSERT_TRUE(store->compact());
  EXPECT_EQ(content_of(*store, "100000"), numbered_bytes(100'000));
}

TEST(RocksdbStore, WhatIsSpooledAndNotCommittedGoes) {
  const TemporaryDirectory directory;
  const TemporaryDirectory crashed;
  const std::filesystem::path copied = crashed.path() / "data";
  {
    const auto store = open_in(directory.path());
    const auto dropped = upload_of(*store, "dropped");
    ASSERT_TRUE(dropped->spool());
    Write refused = put_of(*store, "a", "refused", {.kind = Condition::Kind::exists});
    ASSERT_TRUE(std::get<Put>(refused.what).upload->spool());
    EXPECT_FALSE(commit(*store, std::move(refused)).applied);
    commit(*store, put_of(*store, "b", "kept"));  // syncs
    std::filesystem::copy(directory.path(), copied, std::filesystem::copy_options::recursive);
  }
  EXPECT_EQ(count_objects(directory.path()), 1U);
  EXPECT_GE(count_objects(copied), 2U);
  open_in(copied).reset();
  EXPECT_EQ(count_objects(copied), 1U);
}

/// Also where every file holds something that stays.
TEST(RocksdbStore, CompactingGivesBackTheSpaceOfSmallObjects) {
  constexpr std::size_t kObjects = 50;
  constexpr std::size_t kRounds = 40;
  constexpr std::size_t kBytes = 100'000;
  constexpr std::size_t kLiveBytes = (kObjects + kRounds) * kBytes;
  const TemporaryDirectory directory;
  const auto store = open_in(directory.path());
  for (std::size_t round = 0; round < kRounds; ++round) {
    std::vector<Write> writes;
    writes.push_back(put_of(*store, "stays " + std::to_string(round), std::string(kBytes, 's')));
    for (std::size_t i = 0; i < kObjects; ++i) {
      writes.push_back(put_of(*store, std::to_string(i), std::string(kBytes, static_cast<char>(round))));
    }
    ASSERT_TRUE(store->commit(std::move(writes)));
  }
  EXPECT_GT(bytes_in(directory.path()), 2 * kLiveBytes);
  ASSERT_TRUE(store->compact());
  EXPECT_LE(bytes_in(directory.path()), 2 * kLiveBytes);
  for (std::size_t i = 0; i < kObjects; ++i) {
    EXPECT_EQ(content_of(*store, std::to_string(i)), std::string(kBytes, static_cast<char>(39)));
  }
}

/// The first object's bytes are not what was written: that is its error, and nobody else's.
TEST(RocksdbStore, OfManyOnlyWhatIsDamagedFails) {
  const TemporaryDirectory directory;
  {
    const auto store = open_in(directory.path());
    for (const char* key : {"first", "second"}) commit(*store, put_of(*store, key, "hello"));
    commit(*store, put_of(*store, "large", numbered_bytes(600'000)));
  }
  RawDatabase(directory.path()).replace_object("hell");
  const auto store = open_in(directory.path());
  const auto readers = store->open_many(std::vector<std::string>{"large", "second", "none", "first"});
  ASSERT_EQ(readers.size(), 4U);
  EXPECT_TRUE(readers[0] && readers[1] && readers[2]);
  ASSERT_FALSE(readers[3]);
  EXPECT_EQ(readers[3].error().code, core::ErrorCode::corrupt);
}

}  // namespace
}  // namespace sconce::tests
