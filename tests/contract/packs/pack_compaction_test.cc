// Segments that live are moved out of packs in which much is garbage.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <rocksdb/file_system.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <functional>
#include <utility>

#include "server/storage/rocksdb/files/volume_sizes.h"
#include "tests/contract/packs/moving_store.h"
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
  /// One pack of all objects, whose garbage keeps its space, while the pack has another name.
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
    fs::create_hard_link(pack_, backup_);
  }

  /// And then the other name, once the garbage was dropped.
  void remove(StorageEngine& store, const std::vector<std::size_t>& objects) {
    for (const std::size_t i : objects) commit(store, delete_of(key_of(i)));
    EXPECT_TRUE(store.compact());
    EXPECT_EQ(packs().size(), 1U);
    fs::remove(backup_);
  }
  void remove_all_but_the_fourth(StorageEngine& store) { remove(store, {0, 1, 2, 4, 5}); }

  const fs::path backup_ = directory_.path() / "backup";
  fs::path pack_;
};

TEST_F(PackCompactionTest, WhatLivesIsMovedAndThePackGoes) {
  {
    const auto store = open();
    fill(*store);
    remove_all_but_the_fourth(*store);
    const auto before = store->stat(key_of(3));
    ASSERT_TRUE(store->compact());
    EXPECT_FALSE(fs::exists(pack_));
    EXPECT_EQ(packs().size(), 1U);
    EXPECT_LT(space(), kStoredBytes);
    EXPECT_TRUE(content_of(*store, key_of(3)) == bytes_of_object(3));
    EXPECT_EQ(*(*store->open(key_of(3)))->description(), "description 3");
    EXPECT_EQ(*store->stat(key_of(3)), *before) << "its revision and times are the same";
    EXPECT_EQ(store->counters().segments_moved, 1U);
  }
  EXPECT_EQ(damages_in(data_), "");
  EXPECT_TRUE(content_of(*open(), key_of(3)) == bytes_of_object(3));
  EXPECT_EQ(reported(), "");
}

TEST_F(PackCompactionTest, WhatWasMovedCanBeMovedAgain_AndDeleted) {
  const auto store = open();
  fill(*store);
  remove(*store, {0, 2, 4});
  ASSERT_TRUE(store->compact());
  ASSERT_EQ(packs().size(), 1U);
  EXPECT_FALSE(fs::exists(pack_));
  fs::create_hard_link(packs()[0], backup_);
  remove(*store, {1});
  ASSERT_TRUE(store->compact());
  EXPECT_EQ(store->counters().segments_moved, 5U);
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
  remove_all_but_the_fourth(*store);
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
    remove_all_but_the_fourth(*store);
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
  const fs::path links = directory_.path() / "links";
  fs::create_directory(links);
  commit(*store, put_of(*store, "read", bytes_of_object(0)));
  std::atomic<bool> is_over = false;
  std::thread reader([&] {
    while (!is_over) EXPECT_TRUE(content_of(*store, "read") == bytes_of_object(0));
  });
  for (std::size_t round = 0; round < 10; ++round) {
    commit(*store, put_of(*store, "gone", numbered_bytes(kLargeBytes)));
    commit(*store, put_of(*store, "read", bytes_of_object(0)));
    for (const fs::path& pack : packs()) fs::create_hard_link(pack, links / pack.filename());
    commit(*store, delete_of("gone"));
    EXPECT_TRUE(store->compact());
    for (const auto& link : fs::directory_iterator(links)) fs::remove(link.path());
    EXPECT_TRUE(store->compact());
  }
  is_over = true;
  reader.join();
  EXPECT_GE(store->counters().segments_moved, 10U);
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
  remove(*store, {1, 2, 4});
  ASSERT_TRUE(store->compact());
  EXPECT_NE(reported().find("is damaged: the chunk at byte"), std::string::npos) << reported();
  EXPECT_TRUE(fs::exists(pack_)) << "repair may want it";
  for (const std::size_t left : {3U, 5U}) EXPECT_TRUE(content_of(*store, key_of(left)) == bytes_of_object(left));
  EXPECT_EQ((*store->open(key_of(0)))->read(0, 10).error().code, core::ErrorCode::corrupt);
  EXPECT_EQ(store->counters().segments_moved, 2U);
}

/// Its removal would give nothing back.
TEST_F(PackCompactionTest, APackWithAnotherNameStays) {
  const auto store = open();
  fill(*store);
  for (const std::size_t gone : {0U, 1U, 2U, 4U, 5U}) commit(*store, delete_of(key_of(gone)));
  ASSERT_TRUE(store->compact());
  EXPECT_EQ(store->counters().segments_moved, 0U);
  EXPECT_EQ(packs(), std::vector{pack_});
}

/// Which a file system keeps beside, as XFS does.
TEST_F(PackCompactionTest, BlocksAfterTheEndAreNoWaste) {
  const auto store = open();
  fill(*store);
  fs::remove(backup_);
  const int file = ::open(pack_.c_str(), O_WRONLY | O_CLOEXEC);
  ASSERT_EQ(::fallocate(file, FALLOC_FL_KEEP_SIZE, static_cast<off_t>(fs::file_size(pack_)), 8 << 20), 0);
  ::close(file);
  ASSERT_TRUE(store->compact());
  EXPECT_EQ(store->counters().segments_moved, 0U);
}

TEST_F(PackCompactionTest, ADamagedHeadIsReported) {
  {
    const auto store = open();
    fill(*store);
    remove_all_but_the_fourth(*store);
  }
  {
    std::fstream file(pack_, std::ios::in | std::ios::out | std::ios::binary);
    for (std::uint64_t at = 4096; at < fs::file_size(pack_); at += 4096) {
      file.seekp(static_cast<std::streamoff>(at + 20));
      file.put('?');
    }
  }
  const auto store = open();
  ASSERT_TRUE(store->compact());
  EXPECT_NE(reported().find("keeps its space"), std::string::npos) << reported();
  EXPECT_TRUE(fs::exists(pack_));
}

/// All of the volume is taken, but for a half of the reserve.
TEST_F(PackCompactionTest, ItTakesOfTheReserve) {
  const auto files = std::make_shared<FaultyFiles>();
  const std::uint64_t reserve_bytes = sizes_for_volume_of(directory_.path()).reserve_bytes;
  {
    const auto store = open();
    fill(*store);
    remove_all_but_the_fourth(*store);
  }
  MovingStore store(data_, files);
  files->set_free_bytes(reserve_bytes / 4);
  const Status refused = store.compact();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, core::ErrorCode::no_space);
  EXPECT_EQ(store.database().counters().segments_moved, 0U);
  files->set_free_bytes(reserve_bytes / 2 + (128 << 20));
  EXPECT_TRUE(store.compact());
  EXPECT_EQ(store.database().counters().segments_moved, 1U);
}

/// As a sector that is gone.
class UnreadablePack final : public rocksdb::FileSystemWrapper {
 public:
  explicit UnreadablePack(std::string name)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), name_(std::move(name)) {}
  const char* Name() const override { return "UnreadablePack"; }
  rocksdb::IOStatus NewRandomAccessFile(const std::string& name, const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                        rocksdb::IODebugContext* debug) override {
    rocksdb::IOStatus status = FileSystemWrapper::NewRandomAccessFile(name, options, file, debug);
    if (status.ok() && name == name_) *file = std::make_unique<File>(std::move(*file));
    return status;
  }

 private:
  class File final : public rocksdb::FSRandomAccessFileOwnerWrapper {
   public:
    using FSRandomAccessFileOwnerWrapper::FSRandomAccessFileOwnerWrapper;
    rocksdb::IOStatus Read(std::uint64_t offset, std::size_t size, const rocksdb::IOOptions& options,
                           rocksdb::Slice* result, char* scratch, rocksdb::IODebugContext* debug) const override {
      const bool is_head = size < 1000;
      if (!is_head) return rocksdb::IOStatus::IOError("a sector cannot be read");
      return FSRandomAccessFileOwnerWrapper::Read(offset, size, options, result, scratch, debug);
    }
  };

  const std::string name_;
};

TEST_F(PackCompactionTest, APackThatCannotBeReadIsNoReasonToLeaveOthers) {
  {
    const auto store = open();
    fill(*store);
    remove_all_but_the_fourth(*store);
  }
  const fs::path another = make_wasteful_pack(data_, {"lives"}, {"gone"});
  ASSERT_NE(another, pack_);
  MovingStore store(data_, std::make_shared<UnreadablePack>(pack_.string()));
  EXPECT_TRUE(store.compact());
  EXPECT_EQ(store.database().counters().segments_moved, 1U);
  EXPECT_FALSE(fs::exists(another));
  EXPECT_TRUE(fs::exists(pack_));
  const std::string reported = store.reported();
  EXPECT_NE(reported.find("a sector cannot be read"), std::string::npos) << reported;
  EXPECT_TRUE(store.compact());
  EXPECT_EQ(store.reported(), reported) << "once";
}

}  // namespace
}  // namespace sconce::tests
