// Commits that share a group or a thread, of which one fails or takes long.

#include <gtest/gtest.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <functional>
#include <latch>
#include <mutex>
#include <semaphore>
#include <set>
#include <thread>

#include "server/storage/rocksdb/store.h"
#include "tests/contract/rocksdb_raw.h"
#include "tests/contract/store_fixture.h"

namespace sconce::tests {
namespace {

using namespace server::storage;
namespace fs = std::filesystem;

/// The system's files, of which some are not made before they may.
class ChosenFiles final : public rocksdb::FileSystemWrapper {
 public:
  ChosenFiles() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "ChosenFiles"; }

  /// Called before a file is made.
  void before_new_file(std::function<void(const std::string&)> call) {
    const std::lock_guard lock(mutex_);
    before_new_file_ = std::move(call);
  }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override {
    std::function<void(const std::string&)> call;
    {
      const std::lock_guard lock(mutex_);
      call = before_new_file_;
    }
    if (call) call(name);
    return FileSystemWrapper::NewWritableFile(name, options, file, debug);
  }

 private:
  std::mutex mutex_;
  std::function<void(const std::string&)> before_new_file_;
};

constexpr std::size_t kLargeBytes = 600'000;

class Commits : public testing::Test {
 protected:
  std::unique_ptr<StorageEngine> open() {
    auto store = open_rocksdb_store(
        {.directory = directory_.path(), .object_bytes_max = kObjectBytesMax, .file_system = files_});
    if (!store) throw std::runtime_error(to_string(store.error()));
    return std::move(*store);
  }

  /// Begins these as one group: they come while the commit before is being told of.
  std::vector<Result<CommitOutcome>> commit_together(Store& store, std::vector<Write> writes) {
    std::vector<Result<CommitOutcome>> outcomes(writes.size());
    std::latch all_told(static_cast<std::ptrdiff_t>(writes.size()));
    std::binary_semaphore begun(0);
    std::binary_semaphore go_on(0);
    store.begin_commit({}, [&](const Result<CommitOutcome>&) {
      begun.release();
      go_on.acquire();
    });
    begun.acquire();
    for (std::size_t i = 0; i < writes.size(); ++i) {
      std::vector<Write> one;
      one.push_back(std::move(writes[i]));
      store.begin_commit(std::move(one), [&outcomes, &all_told, i](Result<CommitOutcome> outcome) {
        outcomes[i] = std::move(outcome);
        all_told.count_down();
      });
    }
    go_on.release();
    all_told.wait();
    return outcomes;
  }

  const TemporaryDirectory directory_;
  const std::shared_ptr<ChosenFiles> files_ = std::make_shared<ChosenFiles>();
};

TEST_F(Commits, TheSpaceOfARefusedUploadIsNotGivenBackOnTheThreadThatCommits) {
  const auto store = open();
  std::vector<Write> writes;
  writes.push_back(put_of(*store, "a", numbered_bytes(kLargeBytes), {.kind = Condition::Kind::exists}));
  std::thread::id refused_by;
  std::thread::id committed_by;
  std::latch both(2);
  store->begin_commit(std::move(writes), [&](const Result<CommitOutcome>& outcome) {
    EXPECT_TRUE(outcome && !outcome->applied);
    EXPECT_LT(space_of_files(directory_.path(), ".pack"), kLargeBytes / 10) << "it is there when it is told";
    refused_by = std::this_thread::get_id();
    both.count_down();
  });
  std::vector<Write> others;
  others.push_back(put_of(*store, "b", "b"));
  store->begin_commit(std::move(others), [&](const Result<CommitOutcome>& outcome) {
    EXPECT_TRUE(outcome && outcome->applied);
    committed_by = std::this_thread::get_id();
    both.count_down();
  });
  both.wait();
  EXPECT_NE(refused_by, committed_by);
}

/// A compaction that waits where it makes its first file.
class HeldCompaction {
 public:
  HeldCompaction(ChosenFiles& files, StoreAdmin& store) : files_(files) {
    files.before_new_file([this](const std::string& name) {
      if (!name.ends_with(".sst") && !name.ends_with(".blob")) return;
      if (is_held_.exchange(false)) {
        entered_.release();
        go_on_.acquire();
      }
    });
    store.begin_compact([this](Result<Compaction> outcome) {
      outcome_ = std::move(outcome);
      over_.release();
    });
    entered_.acquire();
  }
  ~HeldCompaction() { files_.before_new_file(nullptr); }
  HeldCompaction(const HeldCompaction&) = delete;
  HeldCompaction& operator=(const HeldCompaction&) = delete;

  Result<Compaction> go_on() {
    go_on_.release();
    over_.acquire();
    return outcome_;
  }

 private:
  ChosenFiles& files_;
  std::atomic<bool> is_held_ = true;
  std::binary_semaphore entered_{0};
  std::binary_semaphore go_on_{0};
  std::binary_semaphore over_{0};
  Result<Compaction> outcome_ = Compaction::done;
};

TEST_F(Commits, OneCompactionAtATimeAndTheNextAfterIt) {
  const auto store = open();
  commit(*store, put_of(*store, "a", numbered_bytes(100'000)));
  {
    HeldCompaction held(*files_, *store);
    EXPECT_EQ(store->compact().value(), Compaction::another_is_under_way);
    EXPECT_TRUE(commit(*store, put_of(*store, "b", "b")).applied) << "writes go on";
    EXPECT_EQ(content_of(*store, "a"), numbered_bytes(100'000));
    EXPECT_EQ(held.go_on().value(), Compaction::done);
  }
  EXPECT_EQ(store->compact().value(), Compaction::done);
}

/// It went on for hours while the process was to end.
TEST_F(Commits, AStopEndsACompaction) {
  auto store = open();
  commit(*store, put_of(*store, "a", numbered_bytes(100'000)));
  {
    HeldCompaction held(*files_, *store);
    store->stop();
    EXPECT_EQ(held.go_on().value(), Compaction::cut_short);
  }
  EXPECT_EQ(store->compact().value(), Compaction::cut_short) << "none begins any more";
  EXPECT_TRUE(commit(*store, put_of(*store, "b", "b")).applied) << "what is short is still done";
}

}  // namespace
}  // namespace sconce::tests
