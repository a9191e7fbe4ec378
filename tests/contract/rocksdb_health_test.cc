// What a store says of itself while its disk is full, fails, or lacks descriptors.

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "server/storage/rocksdb/store.h"
#include "tests/contract/rocksdb_raw.h"
#include "tests/contract/store_fixture.h"
#include "tests/faults/rocksdb_faulty_files.h"

namespace sconce::tests {
namespace {

using namespace server::storage;
using Fault = FaultyFiles::Fault;
using Lasting = FaultyFiles::Lasting;
using Trouble = StoreHealth::Trouble;

class RocksdbHealth : public testing::Test {
 protected:
  RocksdbHealth() { open(); }

  void open() {
    store_.reset();
    auto opened = open_rocksdb_store({.directory = directory_.path(), .file_system = files_});
    if (!opened) throw std::runtime_error(opened.error().what);
    store_ = std::move(*opened);
  }

  /// And start again.
  void cut_power_and_open() {
    files_->cut_power();
    store_.reset();
    files_->apply_power_cut();
    files_ = std::make_shared<FaultyFiles>(++power_cuts_);
    open();
  }

  Result<CommitOutcome> put(const std::string& key, const std::string& bytes = "1") {
    std::vector<Write> writes;
    writes.push_back(put_of(*store_, key, bytes));
    return store_->commit(std::move(writes));
  }

  void expect(bool reads, bool writes, Trouble trouble) {
    const StoreHealth health = store_->health();
    EXPECT_EQ(health.reads, reads);
    EXPECT_EQ(health.writes, writes);
    EXPECT_EQ(health.trouble, trouble);
  }

  /// Nobody writes; the store comes back by itself.
  void expect_well_soon() {
    for (int i = 0; i < 300 && store_->health().trouble != Trouble::none; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    expect(true, true, Trouble::none);
    EXPECT_TRUE(put("after"));
  }

  TemporaryDirectory directory_;
  std::shared_ptr<FaultyFiles> files_ = std::make_shared<FaultyFiles>();
  std::uint64_t power_cuts_ = 0;
  std::unique_ptr<StorageEngine> store_;
};

TEST_F(RocksdbHealth, IsGoodAtFirst) {
  expect(true, true, Trouble::none);
  ASSERT_TRUE(put("a"));
  expect(true, true, Trouble::none);
}

/// Others fill the volume, and make room again.
TEST_F(RocksdbHealth, AFullDiskIsSeenWithoutAWrite) {
  ASSERT_TRUE(put("a"));
  files_->set_free_bytes(1 << 20);
  expect(true, false, Trouble::disk_full);
  EXPECT_EQ(put("b").error().code, core::ErrorCode::no_space);
  EXPECT_EQ(content_of(*store_, "a"), "1");
  EXPECT_TRUE(commit(*store_, delete_of("a")).applied) << "what makes room is taken";
  files_->set_free_bytes(std::uint64_t{8} << 30);
  expect_well_soon();
}

TEST_F(RocksdbHealth, ADiskThatFillsDuringAWriteIsFull) {
  ASSERT_TRUE(put("a"));
  files_->fail_at(1, Fault::no_space, Lasting::until_healed);
  ASSERT_FALSE(put("b"));
  expect(true, false, Trouble::disk_full);
  EXPECT_EQ(content_of(*store_, "a"), "1");
  files_->heal();
  expect_well_soon();
}

TEST_F(RocksdbHealth, AStoreThatOpensOnAFullDiskIsRead) {
  ASSERT_TRUE(put("a"));
  store_.reset();
  files_->fail_at(1, Fault::no_space, Lasting::until_healed);
  open();
  expect(true, false, Trouble::disk_full);
  EXPECT_EQ(content_of(*store_, "a"), "1");
  files_->heal();
  expect_well_soon();
}

/// What a sync that failed left in the log is not read, and does not come back: not while the store is read only, not
/// once it is written again, and not after a power cut.
TEST_F(RocksdbHealth, WhatAFailedSyncLeftIsGone) {
  for (std::uint64_t change = 1; change <= 4; ++change) {
    const std::string key = "b" + std::to_string(change);
    const auto before = put("a");
    ASSERT_TRUE(before) << before.error().what;
    files_->fail_at(change, Fault::no_space, Lasting::until_healed);
    const bool is_taken = put(key).has_value();  // what failed came after it
    files_->heal();
    if (is_taken) continue;
    files_->fail_at(1, Fault::no_space, Lasting::until_healed);  // there is space, until it is needed
    ASSERT_FALSE(put("c"));
    expect(true, false, Trouble::disk_full);
    EXPECT_EQ(content_of(*store_, "a"), "1");
    EXPECT_EQ(content_of(*store_, key), "(none)") << change;
    files_->heal();
    expect_well_soon();
    EXPECT_EQ(content_of(*store_, key), "(none)") << change;
    cut_power_and_open();
    EXPECT_EQ(content_of(*store_, "a"), "1");
    EXPECT_EQ(content_of(*store_, key), "(none)") << change;
  }
}

/// Whatever it is that fails.
TEST_F(RocksdbHealth, WhatWasToldToHaveFailedIsNotThereAfterARestart) {
  for (std::uint64_t change = 1; change <= 4; ++change) {
    const std::string key = "b" + std::to_string(change);
    files_->fail_at(change, Fault::io_error, Lasting::once);
    const auto outcome = put(key);
    if (outcome) continue;
    open();
    EXPECT_EQ(content_of(*store_, key), "(none)") << outcome.error().what;
  }
}

/// The batch was in the log, and not synced, when a write after it failed.
TEST_F(RocksdbHealth, ABatchOfWhichTheLogWasCutOffIsRefused) {
  ASSERT_TRUE(put("a"));
  std::vector<Write> writes;
  writes.push_back(put_of(*store_, "spooled", "1"));
  ASSERT_TRUE(std::get<Put>(writes[0].what).upload->spool());
  files_->fail_at(1, Fault::no_space, Lasting::until_healed);
  ASSERT_FALSE(put("b"));
  files_->heal();
  expect_well_soon();
  const auto outcome = store_->commit(std::move(writes));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, core::ErrorCode::unavailable) << outcome.error().what;
  EXPECT_EQ(content_of(*store_, "spooled"), "(none)");
  EXPECT_TRUE(put("spooled"));
}

/// The values that were overwritten do not come back with the end of the log in which they were dropped.
TEST_F(RocksdbHealth, WhatWasDroppedStaysDropped) {
  for (std::uint64_t change = 1; change <= 6; ++change) {
    ASSERT_TRUE(put("a", numbered_bytes(200'000)));
    ASSERT_TRUE(put("a"));
    files_->fail_at(change, Fault::no_space, Lasting::until_healed);
    (void)store_->compact();  // drops them first; it fails, or what fails comes later
    files_->heal();
    expect_well_soon();
    ASSERT_TRUE(store_->compact());
  }
  store_.reset();
  EXPECT_EQ(count_objects(directory_.path()), 2U) << "under `a` and `after`";
}

/// Whatever fails for it, since they make room: the write, its sync, or a step of opening the files again.
TEST_F(RocksdbHealth, DeletesAreTakenWhereSpaceIsMissingOnce) {
  for (std::uint64_t change = 1; change <= 12; ++change) {
    SCOPED_TRACE(change);
    ASSERT_TRUE(put("a"));
    ASSERT_TRUE(put("b"));
    const std::uint64_t before = store_->stat("a")->value().size_bytes;
    files_->fail_at(change, Fault::no_space, Lasting::once);
    std::vector<Write> writes;
    writes.push_back(delete_of("a"));
    writes.push_back(delete_of("b"));
    const Result<CommitOutcome> outcome = store_->commit(std::move(writes));
    ASSERT_TRUE(outcome) << outcome.error().what;
    EXPECT_TRUE(outcome->applied);
    ASSERT_TRUE(outcome->before[0] && outcome->before[1]) << "it was there, whichever attempt was the last";
    EXPECT_EQ(outcome->before[0]->size_bytes, before);
    EXPECT_FALSE(outcome->after[0] || outcome->after[1]);
    EXPECT_EQ(content_of(*store_, "a") + content_of(*store_, "b"), "(none)(none)");
    files_->heal();
    expect_well_soon();
  }
}

/// What others store in the same group is refused for the lack of space as before.
TEST_F(RocksdbHealth, AWriteThatStoresIsNotTriedAgain) {
  ASSERT_TRUE(put("a"));
  files_->fail_at(1, Fault::no_space, Lasting::once);
  std::vector<Write> writes;
  writes.push_back(delete_of("a"));
  writes.push_back(put_of(*store_, "b", "1"));
  const Result<CommitOutcome> outcome = store_->commit(std::move(writes));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, core::ErrorCode::no_space);
  files_->heal();
  expect_well_soon();
}

/// One that failed left the store to be opened again, which it did not wait for.
TEST_F(RocksdbHealth, ACompactionComesBackAfterAFullDisk) {
  ASSERT_TRUE(put("a"));
  files_->fail_at(1, Fault::no_space, Lasting::until_healed);
  EXPECT_EQ(store_->compact().error().code, core::ErrorCode::no_space);
  EXPECT_EQ(store_->compact().error().code, core::ErrorCode::no_space);
  files_->heal();
  for (int i = 0; i < 300 && !store_->compact(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(store_->compact(), Compaction::done);
  EXPECT_EQ(content_of(*store_, "a"), "1");
}

/// It needs space itself, and looks before it writes.
TEST_F(RocksdbHealth, ACompactionThatDoesNotFitSaysSo) {
  ASSERT_TRUE(put("a"));
  files_->set_free_bytes(0);
  const Result<Compaction> refused = store_->compact();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, core::ErrorCode::no_space);
  EXPECT_TRUE(refused.error().is_for_clients);
  EXPECT_TRUE(refused.error().what.starts_with("not all of the space could be given back: the next step needs "))
      << refused.error().what;
  EXPECT_TRUE(commit(*store_, delete_of("a")).applied);
  files_->set_free_bytes(std::uint64_t{8} << 30);
  EXPECT_EQ(store_->compact(), Compaction::done);
}

TEST_F(RocksdbHealth, AWriteThatFailedEndsWritesUntilARestart) {
  ASSERT_TRUE(put("a"));
  files_->fail_at(1, Fault::io_error, Lasting::until_healed);
  ASSERT_FALSE(put("b"));
  expect(true, false, Trouble::write_failed);
  files_->heal();
  EXPECT_EQ(put("b").error().code, core::ErrorCode::unavailable);
  expect(true, false, Trouble::write_failed);
  EXPECT_EQ(content_of(*store_, "a"), "1");
  open();
  expect(true, true, Trouble::none);
  EXPECT_TRUE(put("b"));
}

/// Without descriptors the files cannot be opened again, so nothing can be read either.
TEST_F(RocksdbHealth, WithoutDescriptorsNothingIsServedUntilThereAreSome) {
  ASSERT_TRUE(put("a"));
  files_->fail_at(1, Fault::no_descriptors, Lasting::until_healed);
  ASSERT_FALSE(store_->compact());
  EXPECT_FALSE(store_->health().writes);
  ASSERT_FALSE(put("b"));
  ASSERT_FALSE(store_->open("a"));
  expect(false, false, Trouble::reopening);
  files_->heal();
  expect_well_soon();
  EXPECT_EQ(content_of(*store_, "a"), "1");
}

}  // namespace
}  // namespace sconce::tests
