// The RocksDB store on disks that fail, fill up or lose their power: what was acknowledged is there, and nothing else.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "server/storage/rocksdb/check.h"
#include "server/storage/rocksdb/store.h"
#include "tests/contract/store_fixture.h"
#include "tests/faults/rocksdb_faulty_files.h"

namespace sconce::tests {
namespace {

using namespace server::storage;
using Fault = FaultyFiles::Fault;
using Lasting = FaultyFiles::Lasting;

constexpr std::size_t kLargeBytes = 600'000;

Result<std::unique_ptr<StorageEngine>> open_on(const std::shared_ptr<FaultyFiles>& files,
                                               const TemporaryDirectory& directory) {
  return open_rocksdb_store({.directory = directory.path(), .object_bytes_max = kObjectBytesMax, .file_system = files});
}

/// What a key may hold: `(none)` is no object.
using Contents = std::set<std::string>;

/// Writes, step by step, and knows of every key what it may hold: one content, or two after a write that failed, since
/// that may still have been done. Where something fails it goes on, as clients do.
class Writer {
 public:
  explicit Writer(CachedStore& store) : store_(store) {}

  void put(const std::string& key, const std::string& bytes, bool spooled = false) {
    std::vector<std::pair<std::string, std::string>> contents = {{key, bytes}};
    commit(contents, spooled);
  }
  void remove(const std::string& key) {
    std::vector<Write> writes;
    writes.push_back(delete_of(key));
    settle({{key, "(none)"}}, store_.commit(std::move(writes)).has_value());
  }
  /// All at once.
  void commit(const std::vector<std::pair<std::string, std::string>>& contents, bool spooled) {
    std::vector<Write> writes;
    for (const auto& [key, bytes] : contents) {
      auto upload = store_.begin_upload(bytes.size());
      const bool written = upload && (*upload)->write(std::as_bytes(std::span(bytes)));
      if (!written || (spooled && !(*upload)->spool())) return;
      writes.push_back({.key = key, .condition = {}, .what = Put{std::move(*upload)}});
    }
    settle(contents, store_.commit(std::move(writes)).has_value());
  }

  std::map<std::string, Contents>& possible() { return possible_; }

 private:
  void settle(const std::vector<std::pair<std::string, std::string>>& contents, bool acknowledged) {
    for (const auto& [key, content] : contents) {
      Contents& possible = possible_[key];
      if (acknowledged) possible.clear();
      else if (possible.empty()) possible.insert("(none)");
      possible.insert(content);
    }
    for (const auto& row : possible_) expect_the_same_from_memory(row.first);
  }

  void expect_the_same_from_memory(const std::string& key) {
    const auto in_memory = store_.open_in_memory(key);
    const auto opened = store_.open(key);
    if (!in_memory || !opened) return;
    ASSERT_EQ(*in_memory == nullptr, *opened == nullptr) << key;
    if (*opened == nullptr) return;
    EXPECT_EQ((*in_memory)->meta().revision, (*opened)->meta().revision) << key;
  }

  CachedStore& store_;
  std::map<std::string, Contents> possible_;
};

void write_of_everything(Writer& writer) {
  writer.put("small", "1");
  writer.put("blob", numbered_bytes(10'000));
  writer.put("large", numbered_bytes(kLargeBytes));
  writer.commit({{"batch 1", "a"}, {"batch 2", numbered_bytes(20'000)}, {"batch 3", numbered_bytes(kLargeBytes)}},
                true);
  writer.put("small", "2");
  writer.put("large", numbered_bytes(kLargeBytes + 1));
  writer.put("another", numbered_bytes(kLargeBytes - 1));
  writer.remove("blob");
  writer.put("blob", numbered_bytes(11'000));
  writer.remove("large");
}

/// The batch's keys came together.
void expect_atomic(Store& store) {
  const bool first = content_of(store, "batch 1") != "(none)";
  for (const std::string key : {"batch 2", "batch 3"}) EXPECT_EQ(content_of(store, key) != "(none)", first) << key;
}

void expect_possible(Store& store, const std::map<std::string, Contents>& possible) {
  for (const auto& [key, contents] : possible) {
    const std::string content = content_of(store, key);
    EXPECT_TRUE(contents.contains(content)) << key << " holds " << content.substr(0, 20) << " … of " << content.size();
  }
  expect_atomic(store);
}

void expect_undamaged(const TemporaryDirectory& directory) {
  const auto checked = check_rocksdb_store(directory.path(), [](const std::string& where, const core::Error& error) {
    ADD_FAILURE() << where << ": " << error.what;
  });
  ASSERT_TRUE(checked) << checked.error().what;
  EXPECT_EQ(checked->damages, 0U);
}

/// Opens it once more, on a disk without faults.
void expect_recovered(const TemporaryDirectory& directory, const std::map<std::string, Contents>& possible,
                      bool compacted) {
  {
    const auto store = open_on(std::make_shared<FaultyFiles>(), directory);
    ASSERT_TRUE(store) << store.error().what;
    expect_possible(**store, possible);
    commit(**store, put_of(**store, "afterwards", "1"));
    if (compacted) {
      ASSERT_TRUE((*store)->compact());
      expect_possible(**store, possible);
    }
  }
  expect_undamaged(directory);
}

struct FaultRow {
  const char* name;
  Fault fault;
  Lasting lasting;
};

class FaultAtEveryChange : public testing::TestWithParam<FaultRow> {};

INSTANTIATE_TEST_SUITE_P(Faults, FaultAtEveryChange,
                         testing::Values(FaultRow{"io_error_once", Fault::io_error, Lasting::once},
                                         FaultRow{"io_error", Fault::io_error, Lasting::until_healed},
                                         FaultRow{"no_space_once", Fault::no_space, Lasting::once},
                                         FaultRow{"no_space", Fault::no_space, Lasting::until_healed},
                                         FaultRow{"no_descriptors_once", Fault::no_descriptors, Lasting::once},
                                         FaultRow{"no_descriptors", Fault::no_descriptors, Lasting::until_healed}),
                         [](const auto& each) { return std::string(each.param.name); });

// A sanitizer makes each several times as long, so it sees some of them; the tests without one see all.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t kStep = 7;
#else
constexpr std::uint64_t kStep = 1;
#endif

/// The nth change fails, n counted upwards until nothing does; each time with a power cut at the end.
TEST_P(FaultAtEveryChange, LosesNothing) {
  const FaultRow& row = GetParam();
  bool failed = true;
  for (std::uint64_t n = 1; failed; n += kStep) {
    SCOPED_TRACE("change " + std::to_string(n));
    const TemporaryDirectory directory;
    const auto files = std::make_shared<FaultyFiles>(n);
    files->fail_at(n, row.fault, row.lasting);
    std::map<std::string, Contents> possible;
    if (const auto store = open_on(files, directory)) {
      Writer writer(**store);
      write_of_everything(writer);
      possible = writer.possible();
      files->cut_power();
    }
    failed = files->changes() >= n;
    files->apply_power_cut();
    expect_recovered(directory, possible, n % 8 == 0);
    if (HasFailure()) return;
  }
}

TEST(FullDisk, ReadsGoOnAndWritesComeBackWithTheSpace) {
  const TemporaryDirectory directory;
  const auto files = std::make_shared<FaultyFiles>();
  const auto store = open_on(files, directory);
  ASSERT_TRUE(store);
  Writer writer(**store);
  write_of_everything(writer);
  files->fail_at(1, Fault::no_space, Lasting::until_healed);
  for (const std::size_t size : {std::size_t{1}, std::size_t{50'000}}) {
    std::vector<Write> writes;
    writes.push_back(put_of(**store, "new", numbered_bytes(size)));
    const auto outcome = (*store)->commit(std::move(writes));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, core::ErrorCode::no_space) << outcome.error().what;
  }
  const std::string large = numbered_bytes(kLargeBytes);
  const auto upload = (*store)->begin_upload(kLargeBytes);
  ASSERT_FALSE(upload);
  EXPECT_EQ(upload.error().code, core::ErrorCode::no_space);
  expect_possible(**store, writer.possible());
  EXPECT_EQ(content_of(**store, "new"), "(none)");
  files->heal();
  std::vector<Write> writes;
  writes.push_back(put_of(**store, "new", large));
  const auto outcome = (*store)->commit(std::move(writes));
  EXPECT_TRUE(outcome) << outcome.error().what;
  EXPECT_TRUE(content_of(**store, "new") == large);
  expect_possible(**store, writer.possible());
}

/// Free bytes are told before anything fails.
TEST(FullDisk, DeletesAreTakenWherePutsAreNot) {
  const TemporaryDirectory directory;
  const auto files = std::make_shared<FaultyFiles>();
  const auto store = open_on(files, directory);
  ASSERT_TRUE(store);
  for (const std::size_t size : {std::size_t{1}, std::size_t{50'000}, kLargeBytes}) {
    commit(**store, put_of(**store, std::to_string(size), numbered_bytes(size)));
  }
  files->set_free_bytes(1 << 20);
  for (const std::size_t size : {std::size_t{1}, std::size_t{50'000}}) {
    std::vector<Write> writes;
    writes.push_back(put_of(**store, "new", numbered_bytes(size)));
    const auto outcome = (*store)->commit(std::move(writes));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, core::ErrorCode::no_space);
  }
  EXPECT_EQ((*store)->begin_upload(kLargeBytes).error().code, core::ErrorCode::no_space);
  EXPECT_EQ((*store)->begin_upload(std::nullopt).has_value(), true) << "it may stay small";
  EXPECT_EQ((*store)->disk_room(std::nullopt).value()->take(1).error().code, core::ErrorCode::no_space);
  EXPECT_EQ(upload_of(**store, "spooled")->spool().error().code, core::ErrorCode::no_space);
  for (const std::size_t size : {std::size_t{1}, std::size_t{50'000}, kLargeBytes}) {
    EXPECT_TRUE(commit(**store, delete_of(std::to_string(size))).applied);
  }
  files->heal();
  files->set_free_bytes(std::uint64_t{8} << 30);
  EXPECT_TRUE(commit(**store, put_of(**store, "new", numbered_bytes(kLargeBytes))).applied);
}

/// An upload that began before there was space may have its first large write before the files are opened again.
TEST(FullDisk, AnUploadThatBeganBeforeTheStoreCouldBeWrittenIsRefusedOrKept) {
  const TemporaryDirectory directory;
  {
    ASSERT_TRUE(open_on(std::make_shared<FaultyFiles>(), directory));
  }
  const auto files = std::make_shared<FaultyFiles>();
  files->fail_at(1, Fault::no_space, Lasting::until_healed);
  const auto store = open_on(files, directory);
  ASSERT_TRUE(store) << store.error().what;
  auto upload = (*store)->begin_upload(std::nullopt);
  ASSERT_TRUE(upload);
  files->heal();
  const std::string large = numbered_bytes(kLargeBytes);
  const Status written = (*upload)->write(std::as_bytes(std::span(large)));
  if (!written) {
    EXPECT_EQ(written.error().code, core::ErrorCode::unavailable) << written.error().what;
    upload->reset();
    EXPECT_TRUE(commit(**store, put_of(**store, "a", large)).applied);
  } else {
    std::vector<Write> writes;
    writes.push_back({.key = "a", .condition = {}, .what = Put{std::move(*upload)}});
    EXPECT_TRUE((*store)->commit(std::move(writes)));
  }
  EXPECT_TRUE(content_of(**store, "a") == large);
}

TEST(FullDisk, WhatCannotBeOpenedToBeWrittenIsReadUntilItCan) {
  const TemporaryDirectory directory;
  std::map<std::string, Contents> possible;
  {
    const auto store = open_on(std::make_shared<FaultyFiles>(), directory);
    ASSERT_TRUE(store);
    Writer writer(**store);
    write_of_everything(writer);
    writer.put("large", numbered_bytes(kLargeBytes));
    possible = writer.possible();
  }
  const auto files = std::make_shared<FaultyFiles>();
  files->fail_at(1, Fault::no_space, Lasting::until_healed);
  const auto store = open_on(files, directory);
  ASSERT_TRUE(store) << store.error().what;
  expect_possible(**store, possible);
  std::vector<Write> writes;
  writes.push_back(delete_of("large"));
  const auto refused = (*store)->commit(std::move(writes));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, core::ErrorCode::no_space) << refused.error().what;
  const auto another = open_on(std::make_shared<FaultyFiles>(), directory);
  ASSERT_FALSE(another) << "nobody else may write to it meanwhile";
  EXPECT_NE(another.error().what.find("in use"), std::string::npos) << another.error().what;
  files->heal();
  bool deleted = false;
  for (int i = 0; i < 300 && !deleted; ++i) {
    std::vector<Write> again;
    again.push_back(delete_of("large"));
    deleted = (*store)->commit(std::move(again)).has_value();
    if (!deleted) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  ASSERT_TRUE(deleted);
  possible["large"] = {"(none)"};
  expect_possible(**store, possible);
  bool taken = false;
  for (int i = 0; i < 300 && !taken; ++i) {
    taken = (*store)->begin_upload(kLargeBytes).has_value();
    if (!taken) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_TRUE(taken);
}

/// Of what is in the log nothing is flushed; and a power cut afterwards finds all of it.
TEST(FullDisk, ALogThatDoesNotFitOnceMoreStaysWhereItIs) {
  const TemporaryDirectory directory;
  std::map<std::string, Contents> possible;
  for (int round = 0; round < 3; ++round) {
    SCOPED_TRACE(round);
    const auto files = std::make_shared<FaultyFiles>(round);
    {
      if (round > 0) files->set_free_bytes(1 << 20);
      const auto store = open_on(files, directory);
      ASSERT_TRUE(store) << store.error().what;
      expect_possible(**store, possible);
      if (round > 0) {
        EXPECT_TRUE(commit(**store, delete_of("small " + std::to_string(round))).applied);
        possible["small " + std::to_string(round)] = {"(none)"};
      } else {
        Writer writer(**store);
        for (unsigned i = 0; i < 10; ++i) writer.put("small " + std::to_string(i), numbered_bytes(20'000 + i));
        possible = writer.possible();
      }
      files->cut_power();
    }
    files->apply_power_cut();
  }
  expect_recovered(directory, possible, true);
}

/// What the other announced is not counted on.
TEST(FullDisk, TwoUploadsDoNotTakeTheSameSpace) {
  const TemporaryDirectory directory;
  const auto files = std::make_shared<FaultyFiles>();
  const auto store = open_on(files, directory);
  ASSERT_TRUE(store);
  constexpr std::uint64_t kFree = std::uint64_t{8} << 30;
  files->set_free_bytes(kFree);
  {
    const auto first = (*store)->begin_upload(kFree / 2);
    ASSERT_TRUE(first);
    const auto second = (*store)->begin_upload(kFree / 2);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, core::ErrorCode::no_space);
    EXPECT_TRUE(commit(**store, put_of(**store, "small", "1")).applied);
  }
  EXPECT_TRUE((*store)->begin_upload(kFree / 2));
}

TEST(NoDescriptors, WritesComeBackWithThem) {
  const TemporaryDirectory directory;
  const auto files = std::make_shared<FaultyFiles>();
  const auto store = open_on(files, directory);
  ASSERT_TRUE(store);
  Writer writer(**store);
  write_of_everything(writer);
  files->fail_at(1, Fault::no_descriptors, Lasting::until_healed);
  const auto compacted = (*store)->compact();  // a flush, which begins a log
  ASSERT_FALSE(compacted);
  EXPECT_NE(compacted.error().code, core::ErrorCode::corrupt) << compacted.error().what;
  {
    std::vector<Write> writes;
    writes.push_back(put_of(**store, "new", "1"));
    const auto outcome = (*store)->commit(std::move(writes));
    EXPECT_TRUE(outcome || outcome.error().code != core::ErrorCode::corrupt);
  }
  files->heal();
  const auto comes_back = [&] {
    std::vector<Write> writes;
    writes.push_back(put_of(**store, "new", "2"));
    return (*store)->commit(std::move(writes)).has_value();
  };
  bool back = false;
  for (int i = 0; i < 300 && !back; ++i) {
    back = comes_back();
    if (!back) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_TRUE(back);
  EXPECT_EQ(content_of(**store, "new"), "2");
  expect_possible(**store, writer.possible());
}

/// A sync that failed must not be taken for done by trying again.
TEST(FailingDisk, NothingIsWrittenAfterASyncThatFailed) {
  const TemporaryDirectory directory;
  const auto files = std::make_shared<FaultyFiles>();
  std::map<std::string, Contents> possible;
  {
    const auto store = open_on(files, directory);
    ASSERT_TRUE(store);
    Writer writer(**store);
    writer.put("a", "before");
    files->fail_at(1, Fault::io_error, Lasting::until_healed);
    writer.put("a", "failed");
    files->heal();
    std::vector<Write> writes;
    writes.push_back(put_of(**store, "b", "1"));
    const auto outcome = (*store)->commit(std::move(writes));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, core::ErrorCode::unavailable) << outcome.error().what;
    EXPECT_EQ(content_of(**store, "a"), "before");
    possible = writer.possible();
    files->cut_power();
  }
  files->apply_power_cut();
  const auto store = open_on(std::make_shared<FaultyFiles>(), directory);
  ASSERT_TRUE(store);
  EXPECT_EQ(content_of(**store, "b"), "(none)");
}

}  // namespace
}  // namespace sconce::tests
