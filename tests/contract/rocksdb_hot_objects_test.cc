#include "server/storage/cache/hot_objects.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>

#include "server/storage/rocksdb/reader.h"
#include "server/storage/rocksdb/store.h"
#include "tests/contract/rocksdb_raw.h"
#include "tests/contract/store_fixture.h"
#include "tests/support/files.h"

namespace sconce::tests {
namespace {

using namespace server::storage;

constexpr std::string_view kKeys[] = {"a"};

class HotObjectsTest : public testing::Test {
 protected:
  void keep(HotObjects::Version version, const std::string& bytes) {
    ObjectMeta meta;
    meta.size_bytes = bytes.size();
    objects_.keep("a", version, meta, bytes);
  }
  std::string found() {
    const auto reader = objects_.open("a");
    return reader == nullptr ? "nothing" : bytes_of(*reader, 0, reader->size_bytes());
  }

  HotObjects objects_{1 << 20};
};

TEST_F(HotObjectsTest, WhatIsKeptIsFound) {
  EXPECT_EQ(found(), "nothing");
  keep(objects_.version_of("a"), "1");
  EXPECT_EQ(found(), "1");
  EXPECT_EQ(objects_.open("b"), nullptr);
}

TEST_F(HotObjectsTest, WhatChangesIsNeitherFoundNorKept) {
  keep(objects_.version_of("a"), "1");
  const auto reader = objects_.open("a");
  {
    const KeyChange change(objects_, kKeys);
    EXPECT_EQ(found(), "nothing");
    keep(objects_.version_of("a"), "1");
    EXPECT_EQ(found(), "nothing");
  }
  EXPECT_EQ(found(), "nothing");
  keep(objects_.version_of("a"), "2");
  EXPECT_EQ(found(), "2");
  EXPECT_EQ(bytes_of(*reader, 0, 1), "1");
}

/// Before it began, or before it ended.
TEST_F(HotObjectsTest, WhatWasReadBeforeAChangeIsNotKept) {
  std::vector<HotObjects::Version> versions = {objects_.version_of("a")};
  {
    const KeyChange change(objects_, kKeys);
    versions.push_back(objects_.version_of("a"));
    {
      const KeyChange second(objects_, kKeys);
      versions.push_back(objects_.version_of("a"));
    }
    keep(objects_.version_of("a"), "1");
    EXPECT_EQ(found(), "nothing");
  }
  for (const HotObjects::Version version : versions) {
    keep(version, "1");
    EXPECT_EQ(found(), "nothing");
  }
}

TEST_F(HotObjectsTest, WhatIsLargeIsNotKept) {
  keep(objects_.version_of("a"), std::string(100'000, 'x'));
  EXPECT_EQ(found(), "nothing");
  ObjectMeta meta;
  meta.size_bytes = 1;
  meta.annotations.user_metadata = {{"name", std::string(100'000, 'x')}};
  objects_.keep("a", objects_.version_of("a"), meta, "1");
  EXPECT_EQ(found(), "nothing");
}

TEST_F(HotObjectsTest, WhenAllMayChangeNothingIsFoundNorKept) {
  keep(objects_.version_of("a"), "1");
  const auto reader = objects_.open("a");
  const HotObjects::Version before = objects_.version_of("a");
  {
    const ChangeOfAll change(objects_);
    EXPECT_EQ(found(), "nothing");
    EXPECT_FALSE(objects_.is_unchanged("a", before));
    keep(objects_.version_of("a"), "1");
  }
  EXPECT_EQ(found(), "nothing");
  keep(before, "1");
  EXPECT_EQ(found(), "nothing");
  keep(objects_.version_of("a"), "2");
  EXPECT_EQ(found(), "2");
  EXPECT_EQ(bytes_of(*reader, 0, 1), "1");
}

/// Each reader sees what was acknowledged before, and what any reader has seen before.
TEST(RocksdbStore, WhatIsHotIsTheCurrentRevision) {
  const TemporaryDirectory directory;
  const auto store = open_in(directory.path());
  constexpr int kLast = 1500;
  std::atomic<int> known = 0;
  std::atomic<int> hot = 0;
  commit(*store, put_of(*store, "n", "0"));
  const auto read = [&] {
    for (int seen = 0; seen < kLast;) {
      const int before = known;
      auto opened = store->open_in_memory("n");
      hot += opened && dynamic_cast<RocksdbReader*>(opened->get()) == nullptr ? 1 : 0;
      const auto reader = opened ? std::move(*opened) : std::move(*store->open("n"));
      seen = std::stoi(bytes_of(*reader, 0, reader->size_bytes()));
      ASSERT_GE(seen, before);
      for (int other = known; other < seen && !known.compare_exchange_weak(other, seen);) continue;
    }
  };
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) readers.emplace_back(read);
  for (int i = 1; i <= kLast; ++i) {
    commit(*store, put_of(*store, "n", std::to_string(i)));
    for (int other = known; other < i && !known.compare_exchange_weak(other, i);) continue;
  }
  for (std::thread& reader : readers) reader.join();
  EXPECT_GT(hot, 0);
}

/// Some of them hot, and some not.
TEST(RocksdbStore, ManyInMemoryAreOfOneMoment) {
  const TemporaryDirectory directory;
  const auto store = open_in(directory.path());
  constexpr int kLast = 1500;
  const std::vector<std::string> keys = {"a", "b", "a"};
  const auto write = [&](int number) {
    std::vector<Write> writes;
    for (const char* const key : {"a", "b"}) writes.push_back(put_of(*store, key, std::to_string(number)));
    ASSERT_TRUE(store->commit(std::move(writes)));
  };
  write(0);
  std::atomic<bool> done = false;
  const auto read = [&](const std::string& warmed) {
    while (!done) {
      (void)store->open_in_memory(warmed);  // so that it stays warm
      const auto opened = store->open_many_in_memory(keys, 1 << 20);
      if (!opened) continue;
      const std::string first = bytes_of(*(*opened)[0], 0, (*opened)[0]->size_bytes());
      for (const auto& reader : *opened) ASSERT_EQ(bytes_of(*reader, 0, reader->size_bytes()), first);
    }
  };
  std::vector<std::thread> readers;
  for (const std::string key : {"a", "b"}) readers.emplace_back(read, key);
  for (int i = 1; i <= kLast; ++i) write(i);
  done = true;
  for (std::thread& reader : readers) reader.join();
}

TEST(RocksdbStore, ManyInMemoryHaveABound) {
  const TemporaryDirectory directory;
  const auto store = open_in(directory.path());
  commit(*store, put_of(*store, "a", std::string(1000, 'x')));
  for (int i = 0; i < 2; ++i) {  // the second time it is hot
    EXPECT_TRUE(store->open_many_in_memory(std::vector<std::string>{"a", "none", "a"}, 2000));
    EXPECT_FALSE(store->open_many_in_memory(std::vector<std::string>{"a", "none", "a"}, 1999));
  }
}

}  // namespace
}  // namespace sconce::tests
