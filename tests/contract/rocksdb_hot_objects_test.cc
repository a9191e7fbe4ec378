#include "server/storage/rocksdb_hot_objects.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>

#include "server/storage/rocksdb_store.h"
#include "tests/contract/rocksdb_raw.h"
#include "tests/contract/store_fixture.h"
#include "tests/support/files.h"

namespace sconce::tests {
namespace {

using namespace server::storage;

constexpr std::string_view kKeys[] = {"a"};

class HotObjectsTest : public testing::Test {
 protected:
  void keep(HotObjects::Stamp stamp, const std::string& bytes) {
    ObjectMeta meta;
    meta.size_bytes = bytes.size();
    objects_.keep("a", stamp, meta, bytes);
  }
  std::string found() {
    const auto reader = objects_.open("a");
    return reader == nullptr ? "nothing" : bytes_of(*reader, 0, reader->size_bytes());
  }

  StoreCounters counters_;
  HotObjects objects_{1 << 20, counters_};
};

TEST_F(HotObjectsTest, WhatIsKeptIsFound) {
  EXPECT_EQ(found(), "nothing");
  keep(objects_.stamp("a"), "1");
  EXPECT_EQ(found(), "1");
  EXPECT_EQ(objects_.open("b"), nullptr);
  EXPECT_EQ(counters_.values_read, 1U);
}

TEST_F(HotObjectsTest, WhatChangesIsNeitherFoundNorKept) {
  keep(objects_.stamp("a"), "1");
  const auto reader = objects_.open("a");
  {
    const HotObjects::Change change(objects_, kKeys);
    EXPECT_EQ(found(), "nothing");
    keep(objects_.stamp("a"), "1");
    EXPECT_EQ(found(), "nothing");
  }
  EXPECT_EQ(found(), "nothing");
  keep(objects_.stamp("a"), "2");
  EXPECT_EQ(found(), "2");
  EXPECT_EQ(bytes_of(*reader, 0, 1), "1");
}

/// Before it began, or before it ended.
TEST_F(HotObjectsTest, WhatWasReadBeforeAChangeIsNotKept) {
  std::vector<HotObjects::Stamp> stamps = {objects_.stamp("a")};
  {
    const HotObjects::Change change(objects_, kKeys);
    stamps.push_back(objects_.stamp("a"));
    {
      const HotObjects::Change second(objects_, kKeys);
      stamps.push_back(objects_.stamp("a"));
    }
    keep(objects_.stamp("a"), "1");
    EXPECT_EQ(found(), "nothing");
  }
  for (const HotObjects::Stamp stamp : stamps) {
    keep(stamp, "1");
    EXPECT_EQ(found(), "nothing");
  }
}

TEST_F(HotObjectsTest, WhatIsLargeIsNotKept) {
  keep(objects_.stamp("a"), std::string(100'000, 'x'));
  EXPECT_EQ(found(), "nothing");
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
      hot += opened ? 1 : 0;
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
  EXPECT_GT(hot, kLast);
}

}  // namespace
}  // namespace sconce::tests
