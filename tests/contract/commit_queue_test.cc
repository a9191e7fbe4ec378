#include "server/storage/commits/commit_queue.h"

#include <gtest/gtest.h>

#include <new>
#include <semaphore>
#include <set>

#include "server/storage/commits/refused_commits.h"
#include "server/storage/revision_clock.h"
#include "server/storage/rocksdb/store.h"
#include "tests/contract/store_fixture.h"

namespace sconce::tests {
namespace {

using namespace server::storage;

PendingCommit check_of(const std::string& key, Store::Committed committed) {
  std::vector<Write> writes(1);
  writes[0] = {.key = key, .condition = {}, .what = Check{}};
  return {.writes = std::move(writes), .committed = std::move(committed)};
}

void remove_nothing(std::vector<Write>&) {}

TEST(CommitQueue, WhatCameWhileAGroupWasWrittenIsOneGroupInItsOrder) {
  std::binary_semaphore begun(0);
  std::binary_semaphore go_on(0);
  std::vector<std::vector<std::string>> groups;
  std::vector<int> told;
  {
    CommitQueue queue(
        [&](std::span<PendingCommit> group) {
          groups.emplace_back();
          for (const PendingCommit& commit : group) groups.back().push_back(commit.writes[0].key);
          if (groups.size() > 1) return;
          begun.release();
          go_on.acquire();
        },
        remove_nothing);
    const auto tell = [&told](int i) { return [&told, i](const Result<CommitOutcome>&) { told.push_back(i); }; };
    queue.add(check_of("0", tell(0)));
    begun.acquire();
    for (int i = 1; i < 4; ++i) queue.add(check_of(std::to_string(i), tell(i)));
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
    CommitQueue queue(
        [&](std::span<PendingCommit> group) {
          groups.push_back(group.size());
          if (groups.size() > 1) return;
          begun.release();
          go_on.acquire();
        },
        remove_nothing);
    const auto ignore = [](const Result<CommitOutcome>&) {};
    queue.add(check_of("a", ignore));
    begun.acquire();
    for (const std::uint64_t mebibytes : {3U, 1U, 1U, 9U}) {
      PendingCommit commit = check_of("b", ignore);
      commit.size_bytes = mebibytes << 20U;
      queue.add(std::move(commit));
    }
    go_on.release();
  }
  EXPECT_EQ(groups, (std::vector<std::size_t>{1, 2, 1, 1}));
}

/// It ended the process.
TEST(CommitQueue, WhatIsThrownFailsItsGroupAndTheQueueGoesOn) {
  std::vector<std::string> told;
  {
    CommitQueue queue(
        [turn = 0](std::span<PendingCommit>) mutable {
          turn += 1;
          if (turn == 1) throw std::bad_alloc();
          if (turn == 2) throw std::runtime_error("no random device");
        },
        remove_nothing);
    for (const std::string key : {"a", "b", "c"}) {
      std::binary_semaphore done(0);
      queue.add(check_of(key, [&](const Result<CommitOutcome>& outcome) {
        told.push_back(key + ": " + (outcome ? "ok" : outcome.error().what));
        done.release();
      }));
      done.acquire();
    }
  }
  EXPECT_EQ(told, (std::vector<std::string>{"a: out of memory", "b: an exception: no random device", "c: ok"}));
}

/// Removing the files of a refused upload of 100 GB held up every commit for seconds.
TEST(CommitQueue, FilesOfARefusedCommitHoldUpNoOther) {
  std::binary_semaphore removing(0);
  std::binary_semaphore go_on(0);
  std::vector<std::string> told;
  {
    CommitQueue queue(
        [](std::span<PendingCommit> group) {
          for (PendingCommit& commit : group) commit.outcome->applied = commit.files == 0;
        },
        [&](std::vector<Write>&) {
          removing.release();
          go_on.acquire();
        });
    PendingCommit refused = check_of("large", [&](const Result<CommitOutcome>& outcome) {
      told.push_back(outcome && !outcome->applied ? "large refused" : "?");
    });
    refused.files = 2;
    queue.add(std::move(refused));
    removing.acquire();
    std::binary_semaphore done(0);
    queue.add(check_of("other", [&](const Result<CommitOutcome>&) {
      told.emplace_back("other");
      done.release();
    }));
    done.acquire();
    EXPECT_EQ(told, (std::vector<std::string>{"other"}));
    go_on.release();
  }
  EXPECT_EQ(told, (std::vector<std::string>{"other", "large refused"}));
}

TEST(RefusedCommits, TheSmallestEndsFirst) {
  std::binary_semaphore removing(0);
  std::binary_semaphore go_on(0);
  std::vector<std::string> told;
  {
    bool is_first = true;
    RefusedCommits refused([&](std::vector<Write>&) {
      if (!std::exchange(is_first, false)) return;
      removing.release();
      go_on.acquire();
    });
    const auto add = [&](const std::string& key, std::size_t files) {
      PendingCommit commit = check_of(key, [&told, key](const Result<CommitOutcome>&) { told.push_back(key); });
      commit.files = files;
      refused.add(std::move(commit));
    };
    add("large", 200);
    removing.acquire();
    add("medium", 50);
    add("small", 1);
    go_on.release();
  }
  EXPECT_EQ(told, (std::vector<std::string>{"small", "medium", "large"}));
}

TEST(RevisionClock, NeitherAsksTheSystemNorThrowsOnceItIsMade) {
  RevisionClock one;
  RevisionClock other;
  const auto now = std::chrono::system_clock::now();
  static_assert(noexcept(one.next(now)));
  std::set<Revision> revisions;
  for (int i = 0; i < 1000; ++i) {
    revisions.insert(one.next(now));
    revisions.insert(other.next(now));
  }
  EXPECT_EQ(revisions.size(), 2000U) << "of two clocks that count alike";
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
