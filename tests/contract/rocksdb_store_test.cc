// What the RocksDB store promises beyond the contract: it survives, it takes back space, and it does not hide damage.

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "server/storage/meta_record.h"
#include "server/storage/rocksdb_database.h"
#include "server/storage/rocksdb_store.h"
#include "tests/contract/store_fixture.h"

namespace sconce::tests {
namespace {

using namespace server::storage;

std::unique_ptr<Store> open_in(const std::filesystem::path& directory) {
  auto opened = open_rocksdb_store({.directory = directory, .object_bytes_max = kObjectBytesMax});
  if (!opened) throw std::runtime_error(opened.error().what);
  return std::move(*opened);
}

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

TEST(RocksdbStore, TheDirectoryBelongsToOneProcess) {
  const TemporaryDirectory directory;
  const auto store = open_in(directory.path());
  const auto second = open_rocksdb_store({.directory = directory.path()});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, core::ErrorCode::io_error);
  EXPECT_NE(second.error().what.find("another process"), std::string::npos) << second.error().what;
}

/// The database as RocksDB sees it.
class RawDatabase {
 public:
  explicit RawDatabase(const std::filesystem::path& directory) {
    rocksdb::DB* db = nullptr;
    const rocksdb::Status opened = rocksdb::DB::Open({}, directory.string(), families_, &handles_, &db);
    if (!opened.ok()) throw std::runtime_error(opened.ToString());
    db_.reset(db);
  }
  ~RawDatabase() {
    for (auto* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
  }
  RawDatabase(const RawDatabase&) = delete;
  RawDatabase& operator=(const RawDatabase&) = delete;

  /// Puts other bytes where the only object is.
  void replace_object(const std::string& bytes) {
    const std::unique_ptr<rocksdb::Iterator> each(db_->NewIterator({}, handles_[2]));
    each->SeekToFirst();
    ASSERT_TRUE(each->Valid());
    EXPECT_TRUE(db_->Put({}, handles_[2], each->key(), bytes).ok());
  }

  void set_layout(const std::string& version) { EXPECT_TRUE(db_->Put({}, handles_[0], "layout", version).ok()); }

  /// How many revisions have bytes, whether or not a key names them.
  std::size_t object_count() {
    std::size_t count = 0;
    const std::unique_ptr<rocksdb::Iterator> each(db_->NewIterator({}, handles_[2]));
    for (each->SeekToFirst(); each->Valid(); each->Next()) count += 1;
    return count;
  }

 private:
  const std::vector<rocksdb::ColumnFamilyDescriptor> families_ = {
      {rocksdb::kDefaultColumnFamilyName, {}}, {"meta", {}}, {"objects", {}}, {"garbage", {}}};
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  std::unique_ptr<rocksdb::DB> db_;
};

std::size_t count_objects(const std::filesystem::path& directory) { return RawDatabase(directory).object_count(); }

TEST(RocksdbStore, ANewerLayoutIsRefused) {
  const TemporaryDirectory directory;
  open_in(directory.path()).reset();
  RawDatabase(directory.path()).set_layout("2");
  const auto opened = open_rocksdb_store({.directory = directory.path()});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().what, "the data has layout 2, and this program knows layout 1; use a newer program");
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
  Revision left;
  {
    const auto database = RocksdbDatabase::open(directory.path());
    ASSERT_TRUE(database);
    rocksdb::WriteBatch batch;
    const ObjectMeta meta{.revision = {{1}}, .size_bytes = 1, .content_hash = {}, .modified = {}};
    left = meta.revision;
    (*database)->put_object(batch, "a", meta, "x");
    (*database)->delete_key(batch, "a");
    (*database)->mark_garbage(batch, left);
    ASSERT_TRUE((*database)->write_synced(batch));
  }
  EXPECT_EQ(count_objects(directory.path()), 1U);
  open_in(directory.path()).reset();
  EXPECT_EQ(count_objects(directory.path()), 0U);
}

/// Flips one byte in every file of this kind.
std::size_t damage_files(const std::filesystem::path& directory, const std::string& extension, std::uint64_t offset) {
  std::size_t damaged = 0;
  for (const auto& file : std::filesystem::directory_iterator(directory)) {
    if (file.path().extension() != extension || file.file_size() <= offset) continue;
    std::fstream stream(file.path(), std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(static_cast<std::streamoff>(offset));
    const char byte = static_cast<char>(stream.get() ^ 1);
    stream.seekp(static_cast<std::streamoff>(offset));
    stream.put(byte);
    damaged += 1;
  }
  return damaged;
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

TEST(MetaRecord, IsReadBack) {
  const ObjectMeta meta{.revision = {{1, 2, 3}},
                        .size_bytes = 0x0102030405060708,
                        .content_hash = {{4, 5, 6}},
                        .modified = std::chrono::system_clock::time_point(std::chrono::milliseconds(-5))};
  EXPECT_EQ(encode_meta(meta).size(), 49U);
  EXPECT_EQ(*decode_meta(encode_meta(meta)), meta);
}

TEST(MetaRecord, OtherBytesAreRefused) {
  const std::string record = encode_meta({});
  EXPECT_EQ(decode_meta("").error().code, core::ErrorCode::corrupt);
  EXPECT_EQ(decode_meta(record.substr(0, 48)).error().code, core::ErrorCode::corrupt);
  EXPECT_EQ(decode_meta('\2' + record.substr(1)).error().what,
            "a meta record has version 2, which this program does not know; use a newer one");
}

}  // namespace
}  // namespace sconce::tests
