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
#include "tests/contract/store_fixture.h"

namespace sconce::tests {
namespace {

using namespace server::storage;
namespace fs = std::filesystem;

/// The system's files, on which some names cannot be linked, and some files not made before they may.
class ChosenFiles final : public rocksdb::FileSystemWrapper {
 public:
  ChosenFiles() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "ChosenFiles"; }

  void refuse_link_of(const fs::path& file) { refused_ = file; }
  /// Called before a file is made.
  void before_new_file(std::function<void(const std::string&)> call) {
    const std::lock_guard lock(mutex_);
    before_new_file_ = std::move(call);
  }

  rocksdb::IOStatus LinkFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
    if (!refused_.empty() && fs::exists(refused_) && fs::equivalent(from, refused_)) {
      return rocksdb::IOStatus::IOError("not this file");
    }
    return FileSystemWrapper::LinkFile(from, to, options, debug);
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
  fs::path refused_;
  std::mutex mutex_;
  std::function<void(const std::string&)> before_new_file_;
};

constexpr std::size_t kLargeBytes = 600'000;

std::set<fs::path> uploads_in(const fs::path& directory) {
  std::set<fs::path> files;
  for (const auto& file : fs::directory_iterator(directory / "uploads")) {
    if (file.path().extension() == ".sst") files.insert(file.path());
  }
  return files;
}

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

/// One bad file failed up to 255 others.
TEST_F(Commits, AFileThatCannotBeTakenInFailsItsCommitAlone) {
  {
    const auto store = open();
    std::vector<Write> writes;
    writes.push_back(put_of(*store, "small", "s"));
    writes.push_back(put_of(*store, "good/1", numbered_bytes(kLargeBytes)));
    const std::set<fs::path> before = uploads_in(directory_.path());
    writes.push_back(put_of(*store, "bad", numbered_bytes(kLargeBytes)));
    for (const fs::path& file : uploads_in(directory_.path())) {
      if (!before.contains(file)) files_->refuse_link_of(file);
    }
    writes.push_back(put_of(*store, "good/2", numbered_bytes(kLargeBytes)));
    writes.push_back(put_of(*store, "spooled", "of a batch"));
    ASSERT_TRUE(std::get<Put>(writes.back().what).upload->spool());
    const auto outcomes = commit_together(*store, std::move(writes));
    for (const std::size_t good : {0U, 1U, 3U, 4U}) {
      ASSERT_TRUE(outcomes[good].has_value()) << good << ": " << to_string(outcomes[good].error());
      EXPECT_TRUE(outcomes[good]->applied) << good;
    }
    ASSERT_FALSE(outcomes[2].has_value());
    EXPECT_EQ(outcomes[2].error().code, core::ErrorCode::io_error);
    EXPECT_EQ(store->counters().commit_groups, 4U) << "one by one";
    EXPECT_TRUE(uploads_in(directory_.path()).empty()) << "what was not taken in is removed before that is told";
    (void)store->compact();  // what was not to go is not garbage
    EXPECT_EQ(content_of(*store, "spooled"), "of a batch");
    EXPECT_EQ(commit(*store, put_of(*store, "after", "a")).applied, true);
  }
  const auto store = open();
  EXPECT_EQ(content_of(*store, "bad"), "(none)");
  EXPECT_EQ(content_of(*store, "small"), "s");
  EXPECT_EQ(content_of(*store, "spooled"), "of a batch");
  for (const char* const key : {"good/1", "good/2"}) EXPECT_EQ(content_of(*store, key), numbered_bytes(kLargeBytes));
}

TEST_F(Commits, FilesOfARefusedUploadAreNotRemovedOnTheThreadThatCommits) {
  const auto store = open();
  std::vector<Write> writes;
  writes.push_back(put_of(*store, "a", numbered_bytes(kLargeBytes), {.kind = Condition::Kind::exists}));
  std::thread::id refused_by;
  std::thread::id committed_by;
  std::latch both(2);
  store->begin_commit(std::move(writes), [&](const Result<CommitOutcome>& outcome) {
    EXPECT_TRUE(outcome && !outcome->applied);
    EXPECT_TRUE(uploads_in(directory_.path()).empty()) << "its space is there when it is told";
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
