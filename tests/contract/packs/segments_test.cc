// Large objects in packs, as the store keeps them.

#include <gtest/gtest.h>
#include <rocksdb/write_batch.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "server/storage/content_hasher.h"
#include "server/storage/rocksdb/packs/pack_directory.h"
#include "server/storage/rocksdb/segment_changes.h"
#include "tests/contract/packs/store_with_packs.h"
#include "tests/contract/rocksdb_raw.h"
#include "tests/faults/rocksdb_faulty_files.h"

namespace sconce::tests {
namespace {

using namespace server::storage;

class Segments : public StoreWithPacks {
 protected:
  void put(const std::string& key, const std::string& bytes) {
    const auto store = open();
    commit(*store, put_of(*store, key, bytes));
  }

  /// A key for parts of the objects that other keys have, as a copy would make it. `offset` and `size` are in the
  /// segment of `key`.
  struct Part {
    std::string key;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
  };
  void compose(const std::string& key, const std::string& bytes, const std::vector<Part>& parts) {
    const auto database = RocksdbDatabase::open({.directory = data_});
    ASSERT_TRUE(database);
    StoredObject object;
    object.meta.revision = {{1}};
    object.meta.size_bytes = bytes.size();
    object.meta.content_hash = hash_of(std::as_bytes(std::span(bytes)));
    for (const Part& part : parts) {
      const auto of = (*database)->object_at(part.key);
      ASSERT_TRUE(of && *of);
      object.extents.push_back({.placement = (*of)->placement(), .offset = part.offset, .size_bytes = part.size});
    }
    SegmentChanges changes(**database);
    ASSERT_TRUE(changes.look_up(object.extents));
    changes.refer(object.extents);
    rocksdb::WriteBatch batch;
    changes.write_to(batch);
    (*database)->put_object(batch, key, object);
    ASSERT_TRUE((*database)->write_synced(batch));
  }
};

TEST_F(Segments, UploadsOneAfterAnotherShareAPack) {
  const auto store = open();
  for (std::size_t i = 0; i < 5; ++i)
    commit(*store, put_of(*store, std::to_string(i), numbered_bytes(kLargeBytes + i)));
  EXPECT_EQ(packs().size(), 1U);
  for (std::size_t i = 0; i < 5; ++i)
    EXPECT_TRUE(content_of(*store, std::to_string(i)) == numbered_bytes(kLargeBytes + i));
}

TEST_F(Segments, UploadsAtOnceHaveAPackEach) {
  const auto store = open();
  std::vector<std::unique_ptr<Upload>> uploads;
  for (std::size_t i = 0; i < 3; ++i) uploads.push_back(upload_of(*store, numbered_bytes(kLargeBytes)));
  EXPECT_EQ(packs().size(), 3U);
  std::vector<Write> writes;
  for (std::size_t i = 0; i < 3; ++i)
    writes.push_back({.key = std::to_string(i), .condition = {}, .what = Put{std::move(uploads[i])}});
  ASSERT_TRUE(store->commit(std::move(writes)));
  for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(content_of(*store, std::to_string(i)) == numbered_bytes(kLargeBytes));
}

/// So a batch of many does not need as many files.
TEST_F(Segments, WhatIsSpooledWaitsForItsCommitInAPackWithOthers) {
  const auto store = open();
  std::vector<Write> writes;
  for (std::size_t i = 0; i < 5; ++i) {
    writes.push_back(put_of(*store, std::to_string(i), numbered_bytes(kLargeBytes)));
    ASSERT_TRUE(std::get<Put>(writes.back().what).upload->spool());
  }
  EXPECT_EQ(packs().size(), 1U);
  ASSERT_TRUE(store->commit(std::move(writes)));
  for (std::size_t i = 0; i < 5; ++i) EXPECT_TRUE(content_of(*store, std::to_string(i)) == numbered_bytes(kLargeBytes));
}

TEST_F(Segments, OneThatIsNotCommittedLeavesItsPlaceToTheNext) {
  const auto store = open();
  commit(*store, put_of(*store, "first", numbered_bytes(kLargeBytes)));
  const std::uint64_t size = fs::file_size(packs()[0]);
  {
    const auto upload = upload_of(*store, numbered_bytes(kLargeBytes));
  }
  commit(*store, put_of(*store, "second", numbered_bytes(kLargeBytes)));
  EXPECT_EQ(packs().size(), 1U);
  EXPECT_LT(fs::file_size(packs()[0]), 2 * size);
}

TEST_F(Segments, ADeleteGivesTheSpaceOfItsSegmentBack) {
  const auto store = open();
  commit(*store, put_of(*store, "stays", numbered_bytes(kLargeBytes)));
  commit(*store, put_of(*store, "goes", numbered_bytes(5 * kLargeBytes)));
  commit(*store, put_of(*store, "stays, too", numbered_bytes(kLargeBytes)));
  commit(*store, delete_of("goes"));
  EXPECT_TRUE(comes_true([&] { return space() < 5 * kLargeBytes / 2; })) << space();
  EXPECT_TRUE(content_of(*store, "stays") == numbered_bytes(kLargeBytes));
  EXPECT_TRUE(content_of(*store, "stays, too") == numbered_bytes(kLargeBytes));
}

TEST_F(Segments, APackGoesWithItsLastObject) {
  {
    const auto store = open();
    for (const char* const key : {"a", "b"}) commit(*store, put_of(*store, key, numbered_bytes(kLargeBytes)));
    commit(*store, delete_of("a"));
    commit(*store, delete_of("b"));
    EXPECT_TRUE(comes_true([&] { return packs().empty(); }));
    commit(*store, put_of(*store, "c", numbered_bytes(kLargeBytes)));
    EXPECT_TRUE(content_of(*store, "c") == numbered_bytes(kLargeBytes));
  }
  EXPECT_EQ(damages_in(data_), "");
}

TEST_F(Segments, OverwritesTakeLittleMoreThanWhatLives) {
  const auto store = open();
  for (std::size_t round = 0; round < 10; ++round) {
    for (std::size_t i = 0; i < 5; ++i)
      commit(*store, put_of(*store, std::to_string(i), numbered_bytes(kLargeBytes + round)));
  }
  EXPECT_TRUE(comes_true([&] { return space() < 5 * kLargeBytes * 5 / 4; })) << space();
}

TEST_F(Segments, AReaderKeepsItsBytesWhateverIsWritten) {
  const auto store = open();
  commit(*store, put_of(*store, "a", numbered_bytes(5 * kLargeBytes)));
  const auto reader = store->open("a");
  ASSERT_TRUE(reader && *reader);
  for (std::size_t i = 0; i < 3; ++i) commit(*store, put_of(*store, "a", numbered_bytes(kLargeBytes + i)));
  commit(*store, delete_of("a"));
  ASSERT_TRUE(store->compact());
  EXPECT_TRUE(bytes_of(**reader, 0, 5 * kLargeBytes) == numbered_bytes(5 * kLargeBytes));
}

/// Its space comes back when it goes, also where a file cannot have holes.
TEST_F(Segments, AVeryLargeUploadHasAPackOfItsOwn) {
  const std::string bytes = numbered_bytes(33 << 20);
  const auto store = open();
  commit(*store, put_of(*store, "small", numbered_bytes(kLargeBytes)));
  auto upload = store->begin_upload(bytes.size());
  ASSERT_TRUE(upload);
  ASSERT_TRUE((*upload)->write(std::as_bytes(std::span(bytes))));
  EXPECT_EQ(packs().size(), 2U);
  std::vector<Write> writes;
  writes.push_back({.key = "large", .condition = {}, .what = Put{std::move(*upload)}});
  ASSERT_TRUE(store->commit(std::move(writes)));
  commit(*store, put_of(*store, "small, too", numbered_bytes(kLargeBytes)));
  EXPECT_EQ(packs().size(), 2U);
  commit(*store, delete_of("large"));
  EXPECT_TRUE(comes_true([&] { return packs().size() == 1; }));
}

TEST_F(Segments, ObjectsMayShareOne) {
  const std::string bytes = numbered_bytes(kLargeBytes);
  put("original", bytes);
  compose("copy", bytes, {{.key = "original", .size = kLargeBytes}});
  EXPECT_EQ(damages_in(data_), "");
  {
    const auto store = open();
    commit(*store, delete_of("original"));
    ASSERT_TRUE(store->compact());
    EXPECT_TRUE(content_of(*store, "copy") == bytes);
  }
  EXPECT_EQ(damages_in(data_), "");
  const auto store = open();
  EXPECT_TRUE(content_of(*store, "copy") == bytes);
  commit(*store, delete_of("copy"));
  EXPECT_TRUE(comes_true([&] { return packs().empty(); }));
}

TEST_F(Segments, AnObjectMayHaveSeveral) {
  const std::string first = numbered_bytes(kLargeBytes);
  const std::string second = "another" + numbered_bytes(2 * kLargeBytes);
  put("first", first);
  put("second", second);
  const std::string joined =
      first.substr(300'000, 250'000) + second + first.substr(5, 10) + second.substr(262'144, 262'144);
  compose("joined", joined,
          {{.key = "first", .offset = 300'000, .size = 250'000},
           {.key = "second", .size = second.size()},
           {.key = "first", .offset = 5, .size = 10},
           {.key = "second", .offset = 262'144, .size = 262'144}});
  EXPECT_EQ(damages_in(data_), "");
  {
    const auto store = open();
    EXPECT_TRUE(content_of(*store, "joined") == joined);
    const auto reader = store->open("joined");
    for (const std::uint64_t at : {1'400'000U, 249'990U, 0U, 1'457'150U}) {
      EXPECT_EQ(bytes_of(**reader, at, 100), joined.substr(at, 100)) << at;
    }
    for (const char* const key : {"first", "second"}) commit(*store, delete_of(key));
    ASSERT_TRUE(store->compact());
    EXPECT_TRUE(content_of(*store, "joined") == joined);
  }
  EXPECT_EQ(damages_in(data_), "");
  const auto store = open();
  commit(*store, put_of(*store, "joined", "small now"));
  EXPECT_TRUE(comes_true([&] { return packs().empty(); }));
}

TEST_F(Segments, ACountThatIsWrongIsFound) {
  const std::string bytes = numbered_bytes(kLargeBytes);
  put("original", bytes);
  compose("copy", bytes, {{.key = "original", .size = kLargeBytes}});
  {
    RawDatabase raw(data_);
    raw.delete_key("copy");
  }
  EXPECT_NE(damages_in(data_).find("counts 2 extents of objects, and there are 1"), std::string::npos)
      << damages_in(data_);
}

/// As a backup by links makes them.
TEST_F(Segments, APackWithAnotherNameIsNotChanged) {
  const auto store = open();
  commit(*store, put_of(*store, "a", numbered_bytes(kLargeBytes)));
  const fs::path pack = packs()[0];
  fs::create_hard_link(pack, directory_.path() / "backup");
  const std::string before = read_file(pack);
  commit(*store, put_of(*store, "b", numbered_bytes(kLargeBytes)));
  EXPECT_EQ(packs().size(), 2U);
  commit(*store, delete_of("a"));
  EXPECT_TRUE(comes_true([&] { return packs().size() == 1; }));
  EXPECT_TRUE(read_file(directory_.path() / "backup") == before);
}

TEST_F(Segments, WhatACrashLeftOfUploadsGoesAtTheStart) {
  const fs::path crashed = directory_.path() / "crashed";
  {
    const auto store = open();
    commit(*store, put_of(*store, "a", numbered_bytes(kLargeBytes)));
    const auto finished = upload_of(*store, numbered_bytes(kLargeBytes));
    ASSERT_TRUE(finished->spool());
    const auto unfinished = upload_of(*store, numbered_bytes(kLargeBytes));
    const auto another = upload_of(*store, numbered_bytes(kLargeBytes));
    fs::copy(data_, crashed, fs::copy_options::recursive);
  }
  ASSERT_GT(space_of_files(crashed, ".pack"), 3 * kLargeBytes);
  const auto store = open(crashed);
  EXPECT_LT(space_of_files(crashed, ".pack"), kLargeBytes + 20'000);
  EXPECT_TRUE(content_of(*store, "a") == numbered_bytes(kLargeBytes));
}

TEST_F(Segments, WhatACrashLeftOfGarbageGoesAtTheStart) {
  const fs::path crashed = directory_.path() / "crashed";
  {
    const auto store = open();
    for (const char* const key : {"a", "b"}) commit(*store, put_of(*store, key, numbered_bytes(kLargeBytes)));
    const auto held = store->open("a");
    const auto held_too = store->open("b");
    for (const char* const key : {"a", "b"}) commit(*store, delete_of(key));
    fs::copy(data_, crashed, fs::copy_options::recursive);
  }
  ASSERT_GT(space_of_files(crashed, ".pack"), kLargeBytes);
  {
    const auto store = open(crashed);
  }
  EXPECT_EQ(space_of_files(crashed, ".pack"), 0U);
  EXPECT_EQ(damages_in(crashed), "");
}

/// What is in the log without being synced may be lost with the next power cut, and with it the delete.
TEST_F(Segments, NothingIsFreedWhileTheStoreIsOpenToBeReadOnly) {
  const fs::path crashed = directory_.path() / "crashed";
  {
    const auto store = open();
    for (const char* const key : {"goes", "stays"}) commit(*store, put_of(*store, key, numbered_bytes(kLargeBytes)));
    const auto held = store->open("goes");
    commit(*store, delete_of("goes"));
    fs::copy(data_, crashed, fs::copy_options::recursive);
  }
  const auto files = std::make_shared<FaultyFiles>();
  files->fail_at(1, FaultyFiles::Fault::no_space, FaultyFiles::Lasting::until_healed);
  auto store = open_rocksdb_store({.directory = crashed, .file_system = files});
  ASSERT_TRUE(store) << store.error().what;
  EXPECT_GT(space_of_files(crashed, ".pack"), 2 * kLargeBytes);
  EXPECT_TRUE(content_of(**store, "stays") == numbered_bytes(kLargeBytes));
  files->heal();
  commit(**store, put_of(**store, "new", "1"));
  store->reset();
  {
    const auto again = open(crashed);
  }
  EXPECT_LT(space_of_files(crashed, ".pack"), kLargeBytes + 20'000);
  EXPECT_EQ(damages_in(crashed), "");
}

TEST_F(Segments, AMissingPackTakesItsObjectsAlone) {
  {
    const auto store = open();
    commit(*store, put_of(*store, "small", "s"));
    commit(*store, put_of(*store, "large", numbered_bytes(kLargeBytes)));
  }
  const fs::path pack = packs()[0];
  fs::remove(pack);
  const auto store = open();
  EXPECT_EQ(reported(), "`" + pack.string() + "` is missing\n");
  EXPECT_EQ(content_of(*store, "small"), "s");
  const auto reader = store->open("large");
  ASSERT_TRUE(reader && *reader);
  EXPECT_EQ((*reader)->read(0, 10).error().code, core::ErrorCode::corrupt);
  commit(*store, delete_of("large"));
  commit(*store, put_of(*store, "large", numbered_bytes(kLargeBytes)));
  EXPECT_TRUE(content_of(*store, "large") == numbered_bytes(kLargeBytes));
}

TEST_F(Segments, APackThatIsTooShortIsReported) {
  put("large", numbered_bytes(kLargeBytes));
  fs::resize_file(packs()[0], 300'000);
  const auto store = open();
  EXPECT_NE(reported().find("has 300000 bytes, and should have"), std::string::npos) << reported();
  const auto reader = store->open("large");
  EXPECT_EQ(bytes_of(**reader, 0, 100), numbered_bytes(100));
  EXPECT_EQ((*reader)->read(400'000, 10).error().code, core::ErrorCode::corrupt);
}

/// It would cost a sync, and on a full disk a refusal of another kind.
TEST_F(Segments, AConditionThatFailsWritesNothing) {
  const auto store = open();
  commit(*store, put_of(*store, "a", numbered_bytes(kLargeBytes)));
  const std::uint64_t before = bytes_of_files(data_, ".log");
  EXPECT_FALSE(commit(*store, put_of(*store, "a", "x", {.kind = Condition::Kind::absent})).applied);
  EXPECT_FALSE(
      commit(*store, put_of(*store, "a", numbered_bytes(kLargeBytes), {.kind = Condition::Kind::absent})).applied);
  EXPECT_TRUE(commit(*store, {.key = "a", .condition = {.kind = Condition::Kind::exists}, .what = Check{}}).applied);
  EXPECT_EQ(bytes_of_files(data_, ".log"), before);
}

TEST_F(Segments, FilesThatNoStoreMadeStay) {
  put("large", numbered_bytes(kLargeBytes));
  for (const char* const name : {"thesis.txt", "0123.pack", "0123456789ABCDEF0123456789abcdef.pack"}) {
    std::ofstream(data_ / "packs" / name) << "years of work";
  }
  std::ofstream(data_ / "packs" / "0123456789abcdef0123456789abcdef.pack") << "a pack of nobody";
  const auto store = open();
  EXPECT_EQ(packs().size(), 4U);
  EXPECT_FALSE(fs::exists(data_ / "packs" / "0123456789abcdef0123456789abcdef.pack"));
}

TEST_F(Segments, ADescriptionIsThatOfTheWholeUpload) {
  const std::string bytes = numbered_bytes(kLargeBytes);
  {
    const auto store = open();
    auto upload = upload_of(*store, bytes);
    upload->describe(std::string(300'000, 'd'));
    std::vector<Write> writes;
    writes.push_back({.key = "whole", .condition = {}, .what = Put{std::move(upload)}});
    ASSERT_TRUE(store->commit(std::move(writes)));
  }
  compose("part", bytes.substr(0, 500'000), {{.key = "whole", .size = 500'000}});
  const auto store = open();
  EXPECT_EQ(*(*store->open("whole"))->description(), std::string(300'000, 'd'));
  EXPECT_EQ(*(*store->open("part"))->description(), "");
}

}  // namespace
}  // namespace sconce::tests
