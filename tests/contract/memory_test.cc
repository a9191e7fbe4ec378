// Memory that is given back when it is no longer needed, and not merely kept for what may come.

#include <gtest/gtest.h>
#include <malloc.h>

#include "core/bytes/free_memory.h"
#include "server/storage/rocksdb/store.h"
#include "tests/contract/store_fixture.h"

namespace sconce::tests {
namespace {

using namespace server::storage;

TEST(FreeMemory, LeavesNoCapacity) {
  std::string text(100'000, 'x');
  core::free_memory(text);
  EXPECT_EQ(text, "");
  EXPECT_LT(text.capacity(), 100U) << "as `= {}` and clear() leave it";
  std::vector<int> numbers(100'000, 7);
  core::free_memory(numbers);
  EXPECT_EQ(numbers.capacity(), 0U);
}

/// What the process has allocated and not given back to the allocator.
std::size_t allocated_bytes() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

constexpr int kObjects = 300;
constexpr std::size_t kObjectBytes = 200'000;

/// Each kept its buffer: a batch of 4,000 took 979 MB. A small write buffer, so that RocksDB's part is small beside it.
TEST(MeasuredMemoryOfAStore, SpooledUploadsHoldNothing) {
  const TemporaryDirectory directory;
  const auto store =
      open_rocksdb_store({.directory = directory.path(), .cache_bytes = 0, .write_buffer_bytes = 1 << 20});
  ASSERT_TRUE(store);
  const std::string bytes(kObjectBytes, 'x');
  const std::size_t before = allocated_bytes();
  std::vector<std::unique_ptr<Upload>> uploads;
  for (int i = 0; i < kObjects; ++i) {
    uploads.push_back(upload_of(**store, bytes));
    ASSERT_TRUE(uploads.back()->spool());
  }
  EXPECT_LT(allocated_bytes(), before + kObjects * kObjectBytes / 3);
}

/// So does a description, of which an upload of chunks has no need once it is written.
TEST(MeasuredMemoryOfAStore, DescribedUploadsHoldNothing) {
  const TemporaryDirectory directory;
  const auto store =
      open_rocksdb_store({.directory = directory.path(), .cache_bytes = 0, .write_buffer_bytes = 1 << 20});
  ASSERT_TRUE(store);
  const std::string bytes(300'000, 'x');
  const std::size_t before = allocated_bytes();
  std::vector<std::unique_ptr<Upload>> uploads;
  for (int i = 0; i < kObjects; ++i) {
    uploads.push_back(upload_of(**store, bytes));
    uploads.back()->describe(std::string(kObjectBytes, 'd'));
    ASSERT_TRUE(uploads.back()->spool());
  }
  EXPECT_LT(allocated_bytes(), before + kObjects * kObjectBytes / 3);
}

/// As of the layers of a stack, of which each waits its turn.
TEST(MeasuredMemoryOfAStore, ReadersThatWereReleasedHoldNothing) {
  const TemporaryDirectory directory;
  const auto store = open_rocksdb_store({.directory = directory.path(), .cache_bytes = 0});
  ASSERT_TRUE(store);
  commit(**store, put_of(**store, "a", std::string(kObjectBytes, 'x')));
  const std::size_t before = allocated_bytes();
  std::vector<std::unique_ptr<RevisionReader>> readers;
  for (int i = 0; i < kObjects; ++i) {
    readers.push_back(std::move(*(*store)->open("a")));
    ASSERT_TRUE(readers.back()->read(0, kObjectBytes));
    readers.back()->release();
  }
  EXPECT_LT(allocated_bytes(), before + kObjects * kObjectBytes / 3);
  EXPECT_EQ(bytes_of(*readers.front(), 0, 3), "xxx") << "reading goes on all the same";
}

/// As the items of a batch, of which each waits its turn: 32 of them held 8 MiB.
TEST(MeasuredMemoryOfAStore, ReadersThatWereOpenedTogetherHoldLittle) {
  const TemporaryDirectory directory;
  const auto store = open_rocksdb_store({.directory = directory.path(), .cache_bytes = 0});
  ASSERT_TRUE(store);
  commit(**store, put_of(**store, "a", std::string(kObjectBytes, 'x')));
  const std::vector<std::string> keys(32, "a");
  const std::size_t before = allocated_bytes();
  auto readers = (*store)->open_many(keys);
  EXPECT_LT(allocated_bytes(), before + kReadAheadBytesMax + 500'000);
  std::uint64_t held_bytes = 0;
  for (auto& reader : readers) held_bytes += (*reader)->held_bytes();
  EXPECT_GT(held_bytes, kReadAheadBytesMax / 2);
  EXPECT_LE(held_bytes, kReadAheadBytesMax);
  EXPECT_EQ(bytes_of(**readers.back(), 0, 3), "xxx") << "what was not read ahead is read when it is asked for";
  EXPECT_GE((*readers.back())->held_bytes(), kObjectBytes);
  (*readers.back())->release();
  EXPECT_LT((*readers.back())->held_bytes(), 1U);
}

}  // namespace
}  // namespace sconce::tests
