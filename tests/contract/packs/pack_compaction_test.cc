// Segments that live are moved out of packs in which much is garbage.

#include <gtest/gtest.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <fstream>
#include <functional>
#include <utility>

#include "tests/contract/packs/store_with_packs.h"
#include "tests/faults/rocksdb_faulty_files.h"

namespace sconce::tests {
namespace {

using namespace server::storage;

constexpr std::size_t kObjects = 6;
constexpr std::uint64_t kStoredBytes = 610'000;  // of each, about

std::string key_of(std::size_t number) { return "object " + std::to_string(number); }
std::string bytes_of_object(std::size_t number) { return numbered_bytes(kLargeBytes + number); }

/// Does something once, right before a pack is opened to be read.
class OvertakingFiles final : public rocksdb::FileSystemWrapper {
 public:
  OvertakingFiles() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "OvertakingFiles"; }

  void before_next_pack(std::function<void()> action) { action_ = std::move(action); }

  rocksdb::IOStatus NewRandomAccessFile(const std::string& name, const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                        rocksdb::IODebugContext* debug) override {
    if (name.ends_with(".pack")) {
      if (const auto action = std::exchange(action_, nullptr)) action();
    }
    return FileSystemWrapper::NewRandomAccessFile(name, options, file, debug);
  }

 private:
  std::function<void()> action_;
};

class PackCompactionTest : public StoreWithPacks {
 protected:
  /// One pack of all objects, whose garbage keeps its space, since the pack has another name.
  void fill(CachedStore& store) {
    for (std::size_t i = 0; i < kObjects; ++i) {
      auto upload = upload_of(store, bytes_of_object(i));
      upload->describe("description " + std::to_string(i));
      std::vector<Write> writes;
      writes.push_back({.key = key_of(i), .condition = {}, .what = Put{std::move(upload)}});
      ASSERT_TRUE(store.commit(std::move(writes)));
    }
    ASSERT_EQ(packs().size(), 1U);
    pack_ = packs()[0];
    fs::create_hard_link(pack_, directory_.path() / "backup");
  }

  static void remove_all_but(CachedStore& store, std::size_t kept) {
    for (std::size_t i = 0; i < kObjects; ++i) {
      if (i != kept) commit(store, delete_of(key_of(i)));
    }
  }

  fs::path pack_;
};

TEST_F(PackCompactionTest, WhatLivesIsMovedAndThePackGoes) {
  {
    const auto store = open();
    fill(*store);
    const std::string backup = read_file(pack_);
    remove_all_but(*store, 3);
    const auto before = store->stat(key_of(3));
    ASSERT_TRUE(store->compact());
    EXPECT_FALSE(fs::exists(pack_));
    EXPECT_EQ(packs().size(), 1U);
    EXPECT_LT(space(), kStoredBytes);
    EXPECT_TRUE(content_of(*store, key_of(3)) == bytes_of_object(3));
    EXPECT_EQ(*(*store->open(key_of(3)))->description(), "description 3");
    EXPECT_EQ(*store->stat(key_of(3)), *before) << "its revision and times are the same";
    EXPECT_TRUE(read_file(directory_.path() / "backup") == backup);
    EXPECT_EQ(store->counters().segments_moved, 1U);
  }
  EXPECT_EQ(damages_in(data_), "");
  EXPECT_TRUE(content_of(*open(), key_of(3)) == bytes_of_object(3));
  EXPECT_EQ(reported(), "");
}

TEST_F(PackCompactionTest, WhatWasMovedCanBeMovedAgain_AndDeleted) {
  const auto store = open();
  fill(*store);
  for (const std::size_t gone : {0U, 2U, 4U}) commit(*store, delete_of(key_of(gone)));
  ASSERT_TRUE(store->compact());
  ASSERT_EQ(packs().size(), 1U);
  fs::create_hard_link(packs()[0], directory_.path() / "second backup");
  commit(*store, delete_of(key_of(1)));
  ASSERT_TRUE(store->compact());
  for (const std::size_t left : {3U, 5U}) EXPECT_TRUE(content_of(*store, key_of(left)) == bytes_of_object(left));
  EXPECT_LT(space(), 2 * kStoredBytes);
  for (const std::size_t gone : {3U, 5U}) commit(*store, delete_of(key_of(gone)));
  EXPECT_TRUE(comes_true([&] { return packs().empty(); }));
}

TEST_F(PackCompactionTest, APackWithLittleWasteStays) {
  const auto store = open();
  fill(*store);
  ASSERT_TRUE(store->compact());
  EXPECT_EQ(packs(), std::vector{pack_});
  EXPECT_EQ(store->counters().segments_moved, 0U);
}

/// The reader knows the old place, and finds the bytes all the same.
TEST_F(PackCompactionTest, ReadersFindWhatMoves) {
  const auto store = open();
  fill(*store);
  const auto reader = store->open(key_of(3));
  EXPECT_EQ(bytes_of(**reader, 0, 100), bytes_of_object(3).substr(0, 100));
  const auto deleted = store->open(key_of(4));
  remove_all_but(*store, 3);
  ASSERT_TRUE(store->compact());
  EXPECT_EQ(bytes_of(**reader, 590'000, 100), bytes_of_object(3).substr(590'000, 100));
  EXPECT_TRUE(fs::exists(pack_)) << "somebody still reads what was deleted";
  EXPECT_EQ(bytes_of(**deleted, 590'000, 100), bytes_of_object(4).substr(590'000, 100));
}

/// The reader has looked up where the bytes are, and has not opened the pack yet.
TEST_F(PackCompactionTest, AReaderThatIsOvertakenLooksAgain) {
  {
    const auto store = open();
    fill(*store);
    remove_all_but(*store, 3);
  }
  const auto files = std::make_shared<OvertakingFiles>();
  const auto store = open_rocksdb_store({.directory = data_, .file_system = files});
  ASSERT_TRUE(store);
  const auto reader = (*store)->open(key_of(3));
  files->before_next_pack([&] { EXPECT_TRUE((*store)->compact()); });
  EXPECT_EQ(bytes_of(**reader, 0, 100), bytes_of_object(3).substr(0, 100));
  EXPECT_FALSE(fs::exists(pack_));
  files->before_next_pack([&] { ADD_FAILURE() << "it is open"; });
  EXPECT_TRUE(content_of(**store, key_of(3)) == bytes_of_object(3));
}

TEST_F(PackCompactionTest, ReadersGoOnWhileItMovesAgainAndAgain) {
  const auto store = open();
  commit(*store, put_of(*store, "read", bytes_of_object(0)));
  std::atomic<bool> is_over = false;
  std::thread reader([&] {
    while (!is_over) EXPECT_TRUE(content_of(*store, "read") == bytes_of_object(0));
  });
  for (std::size_t round = 0; round < 20; ++round) {
    commit(*store, put_of(*store, "gone", numbered_bytes(kLargeBytes)));
    commit(*store, put_of(*store, "read", bytes_of_object(0)));
    for (const fs::path& pack : packs()) {
      std::error_code exists;
      fs::create_hard_link(pack, directory_.path() / pack.filename(), exists);
    }
    commit(*store, delete_of("gone"));
    EXPECT_TRUE(store->compact());
  }
  is_over = true;
  reader.join();
  EXPECT_GE(store->counters().segments_moved, 20U);
  EXPECT_EQ(reported(), "");
}

TEST_F(PackCompactionTest, WhatIsDamagedStaysAndIsReported) {
  {
    const auto store = open();
    fill(*store);
  }
  {
    std::fstream file(pack_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096 + 1000);  // in the first object
    file.put('?');
  }
  const auto store = open();
  for (const std::size_t gone : {1U, 2U, 4U}) commit(*store, delete_of(key_of(gone)));
  ASSERT_TRUE(store->compact());
  EXPECT_NE(reported().find("is damaged: the chunk at byte"), std::string::npos) << reported();
  EXPECT_TRUE(fs::exists(pack_)) << "repair may want it";
  for (const std::size_t left : {3U, 5U}) EXPECT_TRUE(content_of(*store, key_of(left)) == bytes_of_object(left));
  EXPECT_EQ((*store->open(key_of(0)))->read(0, 10).error().code, core::ErrorCode::corrupt);
  EXPECT_EQ(store->counters().segments_moved, 2U);
}

TEST_F(PackCompactionTest, ItWaitsForSpace) {
  const auto files = std::make_shared<FaultyFiles>();
  auto opened = open_rocksdb_store({.directory = data_, .file_system = files});
  ASSERT_TRUE(opened);
  StorageEngine& store = **opened;
  fill(store);
  remove_all_but(store, 3);
  files->fail_at(1, FaultyFiles::Fault::no_space, FaultyFiles::Lasting::until_healed);
  EXPECT_FALSE(store.compact());
  EXPECT_TRUE(content_of(store, key_of(3)) == bytes_of_object(3));
  files->heal();
  commit(store, put_of(store, "new", "1"));
  EXPECT_TRUE(comes_true([&] { return store.compact().has_value(); }));
  EXPECT_FALSE(fs::exists(pack_));
  EXPECT_TRUE(content_of(store, key_of(3)) == bytes_of_object(3));
}

}  // namespace
}  // namespace sconce::tests
