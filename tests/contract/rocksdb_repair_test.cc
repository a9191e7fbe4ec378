// What `sconce repair` saves of a damaged store, what it tells, and that it changes nothing unless it is told to.

#include "server/storage/rocksdb/repair.h"

#include <gtest/gtest.h>

#include <cstring>

#include "server/storage/rocksdb/check.h"
#include "server/storage/rocksdb/log/log_proof.h"
#include "server/storage/rocksdb/packs/segment.h"
#include "tests/contract/crashed_store.h"
#include "tests/faults/rocksdb_faulty_files.h"

namespace sconce::tests {
namespace {

using namespace server::storage;
using Kind = RepairFinding::Kind;

struct RepairOutcome {
  RepairedStore repaired;
  std::string told;  // `kind where, ` of each finding
};

const char* name_of(Kind kind) {
  switch (kind) {
    case Kind::lost_log: return "log";
    case Kind::lost_object: return "lost";
    case Kind::mended_object: return "mended";
    case Kind::damaged_file: return "file";
    case Kind::not_repairable: return "not repairable";
  }
  return "";
}

RepairOutcome repair(const std::filesystem::path& directory, RepairMode mode) {
  RepairOutcome outcome;
  const auto repaired = repair_rocksdb_store(directory, mode, [&](const RepairFinding& finding) {
    outcome.told += std::string(name_of(finding.kind)) + ' ' + finding.where + ", ";
  });
  if (!repaired) throw std::runtime_error(repaired.error().what);
  outcome.repaired = *repaired;
  return outcome;
}

std::map<std::string, std::string> all_files(const std::filesystem::path& directory) {
  std::map<std::string, std::string> files;
  for (const auto& file : std::filesystem::recursive_directory_iterator(directory)) {
    files[file.path().string()] = file.is_regular_file() ? read_file(file.path()) : "(directory)";
  }
  return files;
}

std::string undamaged(const std::filesystem::path& directory) {
  std::string found;
  const auto checked = check_rocksdb_store(directory, [&](const std::string& where, const core::Error& error) {
    found += where + ": " + error.what + '\n';
  });
  return checked ? found : checked.error().what;
}

class RepairedLog : public CrashedStore {
 protected:
  void SetUp() override {
    CrashedStore::SetUp();
    put("before", numbered_bytes(9'000));
    damage_.begin = log_bytes();
    commit(*store_, put_of(*store_, "lost", numbered_bytes(70'000)));
    damage_.end = log_bytes();
    put("small", "1");
    put("after", numbered_bytes(100'000));
    put("last", "1");
    crash();
    zero(newest_log(crashed_), damage_.begin + 100, damage_.begin + 1'000);
  }
  FileRange damage_;
};

TEST_F(RepairedLog, TellsAndChangesNothing) {
  const auto before = all_files(crashed_);
  const RepairOutcome outcome = repair(crashed_, RepairMode::tell);
  const std::string log = std::filesystem::path(newest_log(crashed_)).filename().string();
  EXPECT_EQ(outcome.told,
            "log " + log + ": bytes " + std::to_string(damage_.begin) + " to " + std::to_string(damage_.end) + ", ");
  EXPECT_EQ(outcome.repaired.objects, 4U);
  EXPECT_TRUE(all_files(crashed_) == before);
  EXPECT_NE(refusal(crashed_), "(opened)");
}

TEST_F(RepairedLog, KeepsWhatIsWholeBeforeAndBehind) {
  const std::string log = newest_log(crashed_);
  const std::string bytes = read_file(log);
  const RepairOutcome outcome = repair(crashed_, RepairMode::apply);
  EXPECT_EQ(outcome.repaired.lost_log_parts, 1U);
  EXPECT_TRUE(read_file(outcome.repaired.removed / std::filesystem::path(log).filename()) == bytes);
  EXPECT_EQ(undamaged(crashed_), "");
  expect_acknowledged(crashed_);
  EXPECT_EQ(content_of(**open_again(crashed_), "lost"), "(none)");
  EXPECT_EQ(repair(crashed_, RepairMode::tell).told, "");
}

TEST_F(RepairedLog, EachPageOfItMayBeTheDamagedOne) {
  const std::uint64_t size = std::filesystem::file_size(newest_log(crashed_));
  for (std::uint64_t begin = 0; begin < size; begin += 4096) {
    SCOPED_TRACE("byte " + std::to_string(begin));
    const std::filesystem::path data = copy();
    zero(newest_log(data), begin, std::min(begin + 4096, size));
    repair(data, RepairMode::apply);
    const auto store = open_again(data);
    ASSERT_TRUE(store) << store.error().what;
    for (const auto& [key, bytes] : contents_) {
      const std::string content = content_of(**store, key);
      EXPECT_TRUE(content == bytes || content == "(none)") << key;
    }
    if (HasFailure()) return;
  }
}

/// The nth change fails, n counted upwards, and then the power is cut: it can be begun again.
TEST_F(RepairedLog, CanBeBegunAgainWhereverItEnded) {
  bool failed = true;
  for (std::uint64_t n = 1; failed; ++n) {
    SCOPED_TRACE("change " + std::to_string(n));
    const std::filesystem::path data = copy();
    const auto files = std::make_shared<FaultyFiles>(n);
    files->fail_at(n, FaultyFiles::Fault::io_error, FaultyFiles::Lasting::until_healed);
    // It may succeed, or not.
    (void)repair_rocksdb_store(data, RepairMode::apply, [](const RepairFinding&) {}, files);
    failed = files->changes() >= n;
    files->apply_power_cut();
    repair(data, RepairMode::apply);
    expect_acknowledged(data);
    if (HasFailure()) return;
  }
}

/// An object that holds whole records of a log, and damage before them: none of them is read as the log's own.
TEST_F(CrashedStore, RepairReadsNothingOutOfObjects) {
  put("first", "1");
  {
    const auto other = open_in(directory_ / "other");
    commit(*other, put_of(*other, "forged", "1"));
  }
  const std::string log = read_file(newest_log(directory_ / "other"));
  std::string forged;
  while (forged.size() < 20'000) forged += log;
  const std::uint64_t begin = log_bytes();
  commit(*store_, put_of(*store_, "carrier", forged));
  put("last", "1");
  crash();
  for (std::uint64_t at = begin; at < begin + 1'000; at += 61) {
    const std::filesystem::path data = copy();
    zero(newest_log(data), at, at + 300);
    repair(data, RepairMode::apply);
    const auto store = open_again(data);
    ASSERT_TRUE(store);
    EXPECT_EQ(content_of(**store, "forged"), "(none)") << at;
    EXPECT_EQ(content_of(**store, "last"), "1") << at;
  }
}

constexpr std::size_t kLargeBytes = 2'000'000;

class RepairedFiles : public CrashedStore {
 protected:
  void SetUp() override {
    CrashedStore::SetUp();
    put("large", numbered_bytes(kLargeBytes));
    put("another large", numbered_bytes(kLargeBytes + 1));
    put("blob", numbered_bytes(50'000));
    put("tiny", "1");
    ASSERT_TRUE(store_->compact());
    put("in the log", "1");
    store_.reset();
    std::filesystem::rename(running_, crashed_);
  }

  void expect_lost(const std::set<std::string>& lost) {
    const auto store = open_again(crashed_);
    ASSERT_TRUE(store) << store.error().what;
    for (const auto& [key, bytes] : contents_) {
      EXPECT_TRUE(content_of(**store, key) == (lost.contains(key) ? "(none)" : bytes)) << key;
    }
  }
  /// The pack of both large objects.
  std::string pack() const {
    for (const auto& file : std::filesystem::directory_iterator(crashed_ / "packs")) return file.path().string();
    return {};
  }
};

TEST_F(RepairedFiles, AWholeStoreIsLeftAlone) {
  const RepairOutcome outcome = repair(crashed_, RepairMode::apply);
  EXPECT_EQ(outcome.told, "");
  EXPECT_EQ(outcome.repaired.objects, 5U);
  EXPECT_TRUE(outcome.repaired.removed.empty());
  expect_lost({});
}

TEST_F(RepairedFiles, ADamagedBlobTakesItsKeyAlone) {
  ASSERT_EQ(damage_files(crashed_, ".blob", 5'000), 1U);
  const auto before = all_files(crashed_);
  EXPECT_EQ(repair(crashed_, RepairMode::tell).told, "lost blob, ");
  EXPECT_TRUE(all_files(crashed_) == before);
  EXPECT_EQ(repair(crashed_, RepairMode::apply).told, "lost blob, ");
  expect_lost({"blob"});
  EXPECT_EQ(undamaged(crashed_), "");
}

TEST_F(RepairedFiles, ADamagedChunkTakesItsKeyAloneAndItsPackIsKept) {
  const std::string file = pack();
  zero(file, kChunkBytes * 2 + 50'000, kChunkBytes * 2 + 50'100);
  const std::string bytes = read_file(file);
  const RepairOutcome outcome = repair(crashed_, RepairMode::apply);
  EXPECT_EQ(outcome.told, "lost large, ");
  expect_lost({"large"});
  EXPECT_TRUE(read_file(outcome.repaired.removed / std::filesystem::path(file).filename()) == bytes);
  EXPECT_EQ(undamaged(crashed_), "");
}

TEST_F(RepairedFiles, ABlobFileThatIsMissingTakesItsKeysAlone) {
  for (const auto& file : std::filesystem::directory_iterator(crashed_)) {
    if (file.path().extension() == ".blob") std::filesystem::remove(file.path());
  }
  const std::string told = repair(crashed_, RepairMode::apply).told;
  EXPECT_TRUE(told.starts_with("file ") && told.ends_with(".blob, lost blob, ")) << told;
  expect_lost({"blob"});
  const auto store = open_again(crashed_);
  ASSERT_TRUE(store);
  const auto compacted = (*store)->compact();
  EXPECT_TRUE(compacted) << compacted.error().what;
}

TEST_F(RepairedFiles, ItsPackIsKeptWhateverTheDirectoryIsCalled) {
  const std::string file = pack();
  zero(file, kChunkBytes * 2 + 50'000, kChunkBytes * 2 + 50'100);
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(crashed_.parent_path());
  repair("./crashed", RepairMode::apply);
  std::filesystem::current_path(before);
  EXPECT_TRUE(std::filesystem::exists(crashed_ / "removed-by-repair" / std::filesystem::path(file).filename()));
}

/// Their keys are not listed, so nothing tells who refers to what.
TEST_F(RepairedFiles, NoSegmentGoesWhereNotAllKeysCanBeRead) {
  const std::vector<std::string> tables = RawDatabase(crashed_).tables_of("meta");
  ASSERT_FALSE(tables.empty());
  for (const std::string& table : tables) zero(table, 20, 21);
  EXPECT_NE(repair(crashed_, RepairMode::apply).told.find("not repairable"), std::string::npos);
  EXPECT_EQ(RawDatabase(crashed_).garbage_count(), 0U);
}

TEST_F(RepairedFiles, APackThatIsMissingTakesItsKeys) {
  std::filesystem::remove(pack());
  EXPECT_EQ(repair(crashed_, RepairMode::apply).told, "lost another large, lost large, ");
  expect_lost({"large", "another large"});
  EXPECT_EQ(undamaged(crashed_), "");
}

/// What the log lost counted them, too.
TEST_F(RepairedFiles, CountsAreCorrected) {
  RawDatabase(crashed_).forget_pack_counts();
  EXPECT_NE(undamaged(crashed_).find("the pack "), std::string::npos) << undamaged(crashed_);
  EXPECT_EQ(repair(crashed_, RepairMode::apply).told, "");
  EXPECT_EQ(undamaged(crashed_), "");
  {
    const auto store = open_again(crashed_);
    commit(**store, delete_of("large"));
  }
  contents_.erase("large");
  expect_lost({});
  EXPECT_EQ(undamaged(crashed_), "");
}

/// Its head in the pack tells of it.
TEST_F(RepairedFiles, AnUploadThatWasForgottenIsRecordedAnew) {
  RawDatabase(crashed_).forget_uploads();
  EXPECT_EQ(repair(crashed_, RepairMode::apply).told, "mended another large, mended large, ");
  expect_lost({});
  EXPECT_EQ(undamaged(crashed_), "");
}

TEST_F(CrashedStore, OneThatIsInUseIsNotRepaired) {
  put("first", "1");
  const auto repaired = repair_rocksdb_store(running_, RepairMode::apply, [](const RepairFinding&) {});
  ASSERT_FALSE(repaired);
  EXPECT_NE(repaired.error().what.find("another process"), std::string::npos) << repaired.error().what;
  EXPECT_EQ(content_of(*store_, "first"), "1");
}

TEST(Repair, WhatIsNoStoreIsLeftAlone) {
  const TemporaryDirectory directory;
  directory.write("thesis.txt", "mine");
  const auto repaired = repair_rocksdb_store(directory.path(), RepairMode::apply, [](const RepairFinding&) {});
  ASSERT_FALSE(repaired);
  EXPECT_EQ(repaired.error().code, core::ErrorCode::not_found);
  EXPECT_EQ(directory.names(), std::vector<std::string>{"thesis.txt"});
}

}  // namespace
}  // namespace sconce::tests
