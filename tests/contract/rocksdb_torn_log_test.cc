// What a power cut may leave of the log's end, page by page: the store starts, and what was acknowledged is there. And
// damage in what was acknowledged: it is refused.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "server/storage/rocksdb/check.h"
#include "tests/contract/crashed_store.h"
#include "tests/contract/rocksdb_raw.h"
#include "tests/faults/rocksdb_faulty_files.h"

namespace sconce::tests {
namespace {

using namespace server::storage;

using TornLog = CrashedStore;

/// Two commits whose sync has not returned, in a log that was synced up to `acknowledged`.
struct Tail {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

class TornTail : public TornLog {
 protected:
  void SetUp() override {
    TornLog::SetUp();
    put("first", "1");
    put("acknowledged", numbered_bytes(50'000));
    tail_.begin = log_bytes();
    const std::string synced = synced_file();
    const Contents acknowledged = contents_;
    put("late", numbered_bytes(90'000));
    late_end_ = log_bytes();
    put_all({{"batch 1", "a"}, {"batch 2", numbered_bytes(60'000)}, {"batch 3", numbered_bytes(20'000)}});
    tail_.end = log_bytes();
    contents_ = acknowledged;
    crash();
    // What the last sync told was not on the disk, and no later seal tells of the last batches.
    overwrite(crashed_ / "SYNCED", 0, synced);
  }

  /// Each of the tail's commits is there whole or not at all, the second only with the first.
  void expect_whole(const std::filesystem::path& directory) {
    const auto store = open_again(directory);
    ASSERT_TRUE(store) << store.error().what;
    expect_acknowledged(**store);
    const std::string late = content_of(**store, "late");
    EXPECT_TRUE(late == "(none)" || late == numbered_bytes(90'000));
    const bool has_batch = content_of(**store, "batch 1") != "(none)";
    EXPECT_EQ(content_of(**store, "batch 2") == numbered_bytes(60'000), has_batch);
    EXPECT_EQ(content_of(**store, "batch 3") == numbered_bytes(20'000), has_batch);
    EXPECT_TRUE(!has_batch || late != "(none)") << "a later commit is there without an earlier one";
  }

  Tail tail_;
  std::uint64_t late_end_ = 0;
};

/// The second commit was sealed with the end of the first: that its seal is there proves that the first was synced.
/// So the pages that may be lost alone are those of the last commit, or of both.
TEST_F(TornTail, StartsWithoutAnyPageOfTheLastCommit) {
  for (const std::uint64_t page_bytes : {512U, 4096U}) {
    for (std::uint64_t page = late_end_ / page_bytes; page * page_bytes < tail_.end; ++page) {
      SCOPED_TRACE("page " + std::to_string(page) + " of " + std::to_string(page_bytes));
      const std::filesystem::path data = copy();
      zero(newest_log(data), std::max(page * page_bytes, late_end_), std::min((page + 1) * page_bytes, tail_.end));
      expect_whole(data);
      if (HasFailure()) return;
    }
  }
}

TEST_F(TornTail, StartsWithAnySubsetOfThePagesOfTheLastCommit) {
  std::mt19937_64 random(1);
  const std::string stale = numbered_bytes(tail_.end);
  for (int round = 0; round < 60; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    const std::uint64_t page_bytes = round % 2 == 0 ? 512 : 4096;
    const std::filesystem::path data = copy();
    const std::string log = newest_log(data);
    for (std::uint64_t page = late_end_ / page_bytes; page * page_bytes < tail_.end; ++page) {
      const std::uint64_t begin = std::max(page * page_bytes, late_end_);
      const std::uint64_t end = std::min((page + 1) * page_bytes, tail_.end);
      const std::uint64_t fate = random() % 4;
      if (fate == 0) zero(log, begin, end);
      if (fate == 1) overwrite(log, begin, stale.substr(begin, end - begin));
    }
    if (random() % 3 == 0) {
      std::filesystem::resize_file(log, late_end_ + random() % (tail_.end - late_end_));
    }
    expect_whole(data);
    if (HasFailure()) return;
  }
}

/// As if the log lay where an older one of the same layout was.
TEST_F(TornTail, AnOlderLogsRecordsAreNotTakenForNewOnes) {
  const std::filesystem::path data = copy();
  const std::string log = newest_log(data);
  const std::string bytes = read_file(log);
  // A whole block of the log's own begin, where another block of it has to be.
  const std::uint64_t block = (late_end_ / 32768 + 1) * 32768;
  ASSERT_LT(block + 32768, tail_.end);
  overwrite(log, block, bytes.substr(0, 32768));
  expect_whole(data);
}

/// A start has flushed a log and removed it, and its blocks are the new one's, of which nothing was synced.
TEST_F(TornLog, AnOlderLogThatLiesWhereANewOneBeginsIsNotReadAgain) {
  put("first", "1");
  put("second", numbered_bytes(50'000));
  put("first", "2");
  crash();
  const std::string old_log = read_file(newest_log(crashed_));
  ASSERT_TRUE(open_again(crashed_));
  for (const std::size_t size : {old_log.size(), old_log.size() / 2, std::size_t{1'000}}) {
    SCOPED_TRACE(size);
    const std::filesystem::path data = copy();
    overwrite(newest_log(data), 0, old_log.substr(0, size));
    expect_acknowledged(data);
  }
}

/// The nth change while it starts fails, n counted upwards until nothing does, and then the power is cut.
TEST_F(TornTail, StartsAgainHoweverFarTheLastStartCame) {
  bool failed = true;
  for (std::uint64_t n = 1; failed; ++n) {
    SCOPED_TRACE("change " + std::to_string(n));
    const std::filesystem::path data = copy();
    zero(newest_log(data), tail_.end - 5'000, tail_.end - 4'000);
    const auto files = std::make_shared<FaultyFiles>(n);
    files->fail_at(n, FaultyFiles::Fault::io_error, FaultyFiles::Lasting::until_healed);
    // It may come up, or not.
    (void)open_rocksdb_store({.directory = data, .object_bytes_max = kObjectBytesMax, .file_system = files});
    failed = files->changes() >= n;
    files->apply_power_cut();
    expect_whole(data);
    if (HasFailure()) return;
  }
}

TEST_F(TornTail, CheckTellsOfItAndChangesNothing) {
  const std::filesystem::path data = copy();
  zero(newest_log(data), tail_.end - 5'000, tail_.end - 4'000);
  const std::string log = read_file(newest_log(data));
  const auto checked = check_rocksdb_store(
      data, [](const std::string& where, const core::Error& error) { ADD_FAILURE() << where << ": " << error.what; });
  ASSERT_TRUE(checked) << checked.error().what;
  EXPECT_EQ(checked->unwritten_bytes, tail_.end - late_end_);
  EXPECT_TRUE(read_file(newest_log(data)) == log);
  expect_whole(data);
}

/// Each page of what later seals prove to have been synced.
TEST_F(TornLog, DamageInWhatWasAcknowledgedIsRefused) {
  put("first", "1");
  for (int i = 0; i < 20; ++i) put("small " + std::to_string(i), numbered_bytes(300));
  put("large", numbered_bytes(100'000));
  const std::uint64_t proven_bytes = log_bytes();
  put("last", "1");
  crash();
  std::filesystem::remove(crashed_ / "SYNCED");
  for (std::uint64_t page = 0; page * 512 < proven_bytes; ++page) {
    SCOPED_TRACE("page " + std::to_string(page));
    const std::filesystem::path data = copy();
    zero(newest_log(data), page * 512, std::min((page + 1) * 512, proven_bytes));
    const std::string refused = refusal(data);
    EXPECT_NE(refused.find("sconce repair --data"), std::string::npos) << refused;
    EXPECT_NE(refused.find(newest_log(data)), std::string::npos) << refused;
    if (HasFailure()) return;
  }
}

TEST_F(TornLog, DamageInTheLastCommitIsRefusedIfItIsKnownToBeSynced) {
  put("first", "1");
  const std::uint64_t begin = log_bytes();
  put("last", numbered_bytes(10'000));
  crash();
  for (std::uint64_t at = begin; at < log_bytes(); at += 97) {
    const std::filesystem::path data = copy();
    zero(newest_log(data), at, at + 1);
    if (read_file(newest_log(data)) == read_file(newest_log(crashed_))) continue;
    const std::string refused = refusal(data);
    ASSERT_NE(refused.find("sconce repair --data"), std::string::npos) << at << ": " << refused;
  }
}

TEST_F(TornLog, ALogThatIsCutOffInWhatWasAcknowledgedIsRefused) {
  put("first", "1");
  const std::uint64_t middle = log_bytes();
  put("second", "2");
  crash();
  for (const std::uint64_t size : {std::uint64_t{0}, middle, log_bytes() - 1}) {
    const std::filesystem::path data = copy();
    std::filesystem::resize_file(newest_log(data), size);
    const std::string refused = refusal(data);
    EXPECT_NE(refused.find("sconce repair --data"), std::string::npos) << size << ": " << refused;
  }
}

TEST_F(TornLog, ALogThatIsMissingIsRefused) {
  put("first", "1");
  crash();
  const std::filesystem::path data = copy();
  std::filesystem::remove(newest_log(data));
  const std::string refused = refusal(data);
  EXPECT_NE(refused.find("sconce repair --data"), std::string::npos) << refused;
}

std::string newest_manifest(const std::filesystem::path& directory) {
  return directory / read_file(directory / "CURRENT").substr(0, std::string("MANIFEST-000000").size());
}

TEST_F(TornLog, AManifestMayEndInWhatWasNotSynced) {
  put("small", "1");
  put("large", numbered_bytes(600'000));
  crash();
  for (const std::string& torn : {std::string(100, '\0'), std::string(5'000, '\0'), numbered_bytes(3'000)}) {
    const std::filesystem::path data = copy();
    const std::string manifest = newest_manifest(data);
    overwrite(manifest, std::filesystem::file_size(manifest), torn);
    expect_acknowledged(data);
  }
}

/// A program of layout 4 took files of chunks in, but the sync of their record failed: RocksDB gives a file up, another
/// one may get its number, and a power cut keeps the record. The stored directory has `small`, `large`, and of two
/// larger objects what was written before and after their commits.
class TornIngestion : public TornLog {
 protected:
  void SetUp() override {
    const std::string file = SCONCE_SOURCE_DIR "/tests/layouts/ingestion-4.tar.gz";
    const std::string command = "tar -xzf '" + file + "' --no-same-owner -C '" + directory_.path().string() + "'";
    ASSERT_EQ(std::system(command.c_str()), 0);
    crashed_ = directory_ / "data";
    synced_ = read_file(directory_ / "SYNCED-before");
    log_end_ = std::stoull(read_file(directory_ / "log-bytes-before"));
    contents_ = {{"small", "1"}, {"large", numbered_bytes(700'000)}};
    tables_ = tables_in(crashed_);
    ASSERT_EQ(tables_.size(), 3U);
  }

  /// Nothing says that what was taken in had been synced.
  std::filesystem::path copy_without_commit() {
    std::filesystem::path data = copy();
    overwrite(data / "SYNCED", 0, synced_);
    std::filesystem::resize_file(newest_log(data), log_end_);
    return data;
  }

  /// In the order in which they were made.
  static std::vector<std::string> tables_in(const std::filesystem::path& directory) {
    std::vector<std::string> tables;
    for (const auto& file : std::filesystem::directory_iterator(directory)) {
      if (file.path().extension() == ".sst") tables.push_back(file.path().filename());
    }
    std::ranges::sort(tables);
    return tables;
  }

  std::string synced_;
  std::uint64_t log_end_ = 0;
  std::vector<std::string> tables_;
};

TEST_F(TornIngestion, StartsWithoutTheFileOfAnyRecordThatWasNotSynced) {
  for (const std::size_t which : {1U, 2U}) {
    SCOPED_TRACE(tables_[which]);
    const std::filesystem::path without = copy_without_commit();
    std::filesystem::remove(without / tables_[which]);
    expect_acknowledged(without);
    const std::filesystem::path shorter = copy_without_commit();
    std::filesystem::resize_file(shorter / tables_[which], 163'840);
    expect_acknowledged(shorter);
  }
}

TEST_F(TornIngestion, IsRefusedWithoutAFileThatWasSynced) {
  const std::filesystem::path acknowledged = copy();
  std::filesystem::remove(acknowledged / tables_[1]);
  EXPECT_NE(refusal(acknowledged).find("No such file"), std::string::npos) << refusal(acknowledged);
  const std::filesystem::path earlier = copy_without_commit();
  std::filesystem::remove(earlier / tables_[0]);
  EXPECT_NE(refusal(earlier).find("No such file"), std::string::npos) << refusal(earlier);
}

TEST_F(TornLog, AManifestThatIsDamagedOrMissingIsRefused) {
  put("small", "1");
  put("large", numbered_bytes(600'000));
  crash();
  const std::string bytes = read_file(newest_manifest(crashed_));
  for (std::size_t at = 0; at < bytes.size(); at += 5) {
    const std::filesystem::path data = copy();
    overwrite(newest_manifest(data), at, std::string(1, static_cast<char>(bytes[at] ^ 1)));
    const std::string refused = refusal(data);
    ASSERT_NE(refused.find("put a backup of the directory in its place"), std::string::npos) << at << ": " << refused;
  }
  const std::filesystem::path data = copy();
  std::filesystem::remove(newest_manifest(data));
  const std::string refused = refusal(data);
  EXPECT_NE(refused.find("put a backup of the directory in its place"), std::string::npos) << refused;
}

/// Logs go once what is in them was flushed, also those of which later seals speak.
TEST_F(TornLog, LogsThatWereFlushedAreNotMissed) {
  for (int round = 0; round < 4; ++round) {
    put("small", std::to_string(round));
    put("large", numbered_bytes(600'000 + static_cast<std::size_t>(round)));
    put("blob", numbered_bytes(10'000 + static_cast<std::size_t>(round)));
    ASSERT_TRUE(store_->compact());
    put("after " + std::to_string(round), "1");
    crashed_ = directory_ / ("crashed " + std::to_string(round));
    crash();
    expect_acknowledged(copy());
    std::filesystem::remove(crashed_ / "SYNCED");
    expect_acknowledged(copy());
    if (HasFailure()) return;
  }
}

/// What a client stores looks like the log itself, seals and all, but the salt is not known to it.
TEST_F(TornLog, AnObjectThatLooksLikeALogProvesNothing) {
  put("first", "1");
  const std::string synced = synced_file();
  const std::string log = read_file(newest_log(running_));
  std::string forged;
  while (forged.size() < 60'000) forged += log;
  // A forger does not know the salt.
  for (std::size_t at = forged.find("SCNseal1"); at != std::string::npos; at = forged.find("SCNseal1", at + 1)) {
    forged[at + 8] = static_cast<char>(forged[at + 8] ^ 1);
  }
  const std::uint64_t begin = log_bytes();
  const Contents acknowledged = contents_;
  put("forged", forged);
  contents_ = acknowledged;
  crash();
  overwrite(crashed_ / "SYNCED", 0, synced);
  for (std::uint64_t at = begin; at < begin + 3'000; at += 101) {
    const std::filesystem::path data = copy();
    zero(newest_log(data), at, at + 50);
    expect_acknowledged(data);
    if (HasFailure()) return;
  }
}

/// As a store of an older program, which kept neither seals nor SYNCED.
TEST_F(TornLog, WithoutSealsOnlyACutIsForgiven) {
  put("first", "1");
  store_.reset();
  const auto log_of = [](const std::filesystem::path& data) {
    RawDatabase(data).set_layout("4");
    return newest_log(data);
  };
  std::filesystem::remove(running_ / "SYNCED");
  std::filesystem::copy(running_, crashed_, std::filesystem::copy_options::recursive);
  {
    const std::filesystem::path data = copy();
    const std::string log = log_of(data);
    std::filesystem::resize_file(log, std::filesystem::file_size(log) - 1);
    expect_acknowledged(data);
  }
  const std::filesystem::path data = copy();
  const std::string log = log_of(data);
  overwrite(log, std::filesystem::file_size(log) - 1, "x");
  const std::string refused = refusal(data);
  EXPECT_NE(refused.find("sconce repair --data"), std::string::npos) << refused;
}

}  // namespace
}  // namespace sconce::tests
