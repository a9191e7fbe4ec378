#include "server/storage/commit_queue.h"

#include <gtest/gtest.h>

#include <semaphore>

#include "server/storage/rocksdb_store.h"
#include "tests/contract/store_fixture.h"

namespace sconce::tests {
namespace {

using namespace server::storage;

std::vector<Write> check_of(const std::string& key) {
  std::vector<Write> writes(1);
  writes[0] = {.key = key, .condition = {}, .what = Check{}};
  return writes;
}

TEST(CommitQueue, WhatCameWhileAGroupWasWrittenIsOneGroupInItsOrder) {
  std::binary_semaphore begun(0);
  std::binary_semaphore go_on(0);
  std::vector<std::vector<std::string>> groups;
  std::vector<int> told;
  {
    CommitQueue queue([&](std::span<PendingCommit> group) {
      groups.emplace_back();
      for (const PendingCommit& commit : group) groups.back().push_back(commit.writes[0].key);
      if (groups.size() > 1) return;
      begun.release();
      go_on.acquire();
    });
    const auto tell = [&told](int i) { return [&told, i](const Result<CommitOutcome>&) { told.push_back(i); }; };
    queue.add(check_of("0"), 0, tell(0));
    begun.acquire();
    for (int i = 1; i < 4; ++i) queue.add(check_of(std::to_string(i)), 0, tell(i));
    go_on.release();
  }
  EXPECT_EQ(groups, (std::vector<std::vector<std::string>>{{"0"}, {"1", "2", "3"}}));
  EXPECT_EQ(told, (std::vector<int>{0, 1, 2, 3})) << "what was added is told of before the queue goes";
}

/// A large commit neither waits for others to fill its group nor is left behind.
TEST(CommitQueue, AGroupEndsBeforeItIsTooLarge) {
  std::binary_semaphore begun(0);
  std::binary_semaphore go_on(0);
  std::vector<std::size_t> groups;
  {
    CommitQueue queue([&](std::span<PendingCommit> group) {
      groups.push_back(group.size());
      if (groups.size() > 1) return;
      begun.release();
      go_on.acquire();
    });
    const auto ignore = [](const Result<CommitOutcome>&) {};
    queue.add(check_of("a"), 0, ignore);
    begun.acquire();
    for (const std::uint64_t mebibytes : {3, 1, 1, 9}) queue.add(check_of("b"), mebibytes << 20U, ignore);
    go_on.release();
  }
  EXPECT_EQ(groups, (std::vector<std::size_t>{1, 2, 1, 1}));
}

TEST(RocksdbStore, WhatWasBegunIsCommittedWhenTheStoreGoes) {
  const TemporaryDirectory directory;
  int told = 0;
  {
    const auto store = open_rocksdb_store({.directory = directory.path()});
    ASSERT_TRUE(store);
    for (int i = 0; i < 20; ++i) {
      std::vector<Write> writes;
      writes.push_back(put_of(**store, std::to_string(i), "bytes"));
      (*store)->begin_commit(std::move(writes), [&told](const Result<CommitOutcome>& outcome) {
        told += outcome && outcome->applied ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(told, 20);
  const auto store = open_rocksdb_store({.directory = directory.path()});
  ASSERT_TRUE(store);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(content_of(**store, std::to_string(i)), "bytes");
}

}  // namespace
}  // namespace sconce::tests
