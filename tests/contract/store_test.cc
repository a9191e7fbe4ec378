// What every store promises (server/storage/store.h).

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <mutex>
#include <set>
#include <thread>

#include "server/storage/content_hasher.h"
#include "server/storage/memory_store.h"
#include "server/storage/rocksdb/store.h"
#include "tests/contract/store_fixture.h"

namespace sconce::tests {
namespace {

using namespace server::storage;
using Kind = Condition::Kind;

class StoreContract : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (std::string_view(GetParam()) == "memory") {
      store_ = make_memory_store(kObjectBytesMax);
      return;
    }
    auto opened = open_rocksdb_store({.directory = directory_.path(), .object_bytes_max = kObjectBytesMax});
    ASSERT_TRUE(opened) << opened.error().what;
    store_ = std::move(*opened);
  }

  StorageEngine& store() { return *store_; }

 private:
  TemporaryDirectory directory_;
  std::unique_ptr<StorageEngine> store_;
};

INSTANTIATE_TEST_SUITE_P(Stores, StoreContract, testing::Values("memory", "rocksdb"),
                         [](const auto& each) { return std::string(each.param); });

TEST_P(StoreContract, AKeyThatWasNeverWrittenIsNotThere) {
  EXPECT_EQ(content_of(store(), "a"), "(none)");
  EXPECT_EQ(*store().stat("a"), std::nullopt);
}

TEST_P(StoreContract, APutCanBeReadWithItsMeta) {
  const CommitOutcome outcome = commit(store(), put_of(store(), "a", "hello"));
  ASSERT_TRUE(outcome.applied);
  EXPECT_EQ(outcome.before, std::vector<std::optional<ObjectMeta>>{std::nullopt});
  ASSERT_TRUE(outcome.after.at(0));
  EXPECT_EQ(outcome.after[0]->size_bytes, 5U);
  EXPECT_EQ(outcome.after[0]->content_hash, hash_of(std::as_bytes(std::span(std::string_view("hello")))));
  EXPECT_EQ(*store().stat("a"), outcome.after[0]);
  EXPECT_EQ(content_of(store(), "a"), "hello");
}

TEST_P(StoreContract, AnEmptyObjectIsAnObject) {
  commit(store(), put_of(store(), "a", ""));
  EXPECT_EQ(content_of(store(), "a"), "");
}

TEST_P(StoreContract, PiecesOfAnUploadAreOneObject) {
  auto upload = upload_of(store(), "hel");
  ASSERT_TRUE(upload->write(std::as_bytes(std::span(std::string_view("lo")))));
  commit(store(), {.key = "a", .condition = {}, .what = Put{std::move(upload)}});
  EXPECT_EQ(content_of(store(), "a"), "hello");
  EXPECT_EQ((*store().stat("a"))->content_hash, hash_of(std::as_bytes(std::span(std::string_view("hello")))));
}

TEST_P(StoreContract, ARangeIsThatRange) {
  commit(store(), put_of(store(), "a", "0123456789"));
  const auto reader = store().open("a");
  const auto bytes = (*reader)->read(3, 4);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size()), "3456");
}

/// Larger than what a store keeps in one piece, whatever that is.
TEST_P(StoreContract, ALargeObjectIsAnObject) {
  const std::string large = numbered_bytes(3'000'000);
  auto upload = store().begin_upload(std::nullopt);
  ASSERT_TRUE(upload);
  for (std::size_t at = 0; at < large.size(); at += 70'000) {
    ASSERT_TRUE((*upload)->write(
        std::as_bytes(std::span(large)).subspan(at, std::min<std::size_t>(70'000, large.size() - at))));
  }
  commit(store(), {.key = "a", .condition = {}, .what = Put{std::move(*upload)}});
  EXPECT_EQ((*store().stat("a"))->size_bytes, large.size());
  EXPECT_EQ((*store().stat("a"))->content_hash, hash_of(std::as_bytes(std::span(large))));
  EXPECT_TRUE(content_of(store(), "a") == large);
}

TEST_P(StoreContract, RangesOfALargeObjectAreThoseRanges) {
  const std::string large = numbered_bytes(2'000'000);
  commit(store(), put_of(store(), "a", large));
  const auto reader = store().open("a");
  for (const std::size_t offset : {0UL, 262'143UL, 262'144UL, 1'048'570UL, 5UL, 1'999'990UL}) {
    EXPECT_EQ(bytes_of(**reader, offset, 10), large.substr(offset, 10)) << offset;
  }
  EXPECT_TRUE(bytes_of(**reader, 100'000, 1'500'000) == large.substr(100'000, 1'500'000));
}

TEST_P(StoreContract, SizesAroundAPieceAreKept) {
  for (const std::size_t size : {262'143UL, 262'144UL, 262'145UL, 524'288UL, 524'289UL}) {
    const std::string bytes = numbered_bytes(size);
    commit(store(), put_of(store(), "a", bytes));
    EXPECT_TRUE(content_of(store(), "a") == bytes) << size;
  }
}

TEST_P(StoreContract, AnnotationsAndTimesAreKept) {
  const Annotations annotations{.root_kind = "table", .user_metadata = {{"step", "1000"}, {"note", ""}}};
  Write write = put_of(store(), "a", "1");
  std::get<Put>(write.what).annotations = annotations;
  const ObjectMeta first = *commit(store(), std::move(write)).after[0];
  EXPECT_EQ(first.annotations, annotations);
  EXPECT_EQ((*store().stat("a"))->annotations, annotations);
  EXPECT_EQ(first.created, first.modified);
  const ObjectMeta second = *commit(store(), put_of(store(), "a", "2")).after[0];
  EXPECT_EQ(second.annotations, Annotations{});
  EXPECT_EQ(second.created, first.created);
  EXPECT_GE(second.modified, first.modified);
}

TEST_P(StoreContract, ALaterRevisionIsGreater) {
  const auto first = commit(store(), put_of(store(), "a", "1")).after[0]->revision;
  const auto second = commit(store(), put_of(store(), "a", "1")).after[0]->revision;
  EXPECT_LT(first, second);
}

/// Of puts, deletes and batches, of any key.
TEST_P(StoreContract, EveryCommitThatChangesSomethingHasAGreaterRevision) {
  std::optional<Revision> last;
  const auto expect_greater = [&](std::vector<Write> writes, const char* what) {
    const auto outcome = store().commit(std::move(writes));
    ASSERT_TRUE(outcome) << what;
    ASSERT_TRUE(outcome->revision) << what;
    EXPECT_GT(outcome->revision, last) << what;
    for (const auto& after : outcome->after) {
      EXPECT_TRUE(!after || after->revision <= *outcome->revision) << what;
    }
    last = outcome->revision;
  };
  const auto writes_of = [](auto... each) {
    std::vector<Write> writes;
    (writes.push_back(std::move(each)), ...);
    return writes;
  };
  expect_greater(writes_of(put_of(store(), "b", "1")), "a put");
  expect_greater(writes_of(put_of(store(), "a", "1")), "a put of another key");
  expect_greater(writes_of(delete_of("b")), "a delete");
  expect_greater(writes_of(put_of(store(), "b", "2"), put_of(store(), "c", "2")), "two puts");
  expect_greater(writes_of(put_of(store(), "d", "2"), delete_of("a"), delete_of("none")), "a put and deletes");
  expect_greater(writes_of(Write{.key = "d", .condition = {}, .what = Check{}}, delete_of("b"), delete_of("c")),
                 "a check and deletes");
  expect_greater(writes_of(put_of(store(), "e", numbered_bytes(600'000))), "a large put");
  expect_greater(writes_of(put_of(store(), "b", "3")), "a put after deletes");
}

TEST_P(StoreContract, TheRevisionOfACommitIsThatOfItsLastPut) {
  const CommitOutcome put = commit(store(), put_of(store(), "a", "1"));
  EXPECT_EQ(put.revision, put.after[0]->revision);
  EXPECT_EQ(put.after[0], *store().stat("a"));
  std::vector<Write> writes;
  writes.push_back(put_of(store(), "z", "1"));
  writes.push_back(put_of(store(), "b", "1"));
  writes.push_back(delete_of("a"));
  const auto outcome = store().commit(std::move(writes));
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->revision, (*store().stat("b"))->revision);
  EXPECT_LT((*store().stat("z"))->revision, (*store().stat("b"))->revision) << "each write has its own";
}

TEST_P(StoreContract, ACommitThatChangesNothingHasNoRevision) {
  commit(store(), put_of(store(), "a", "1"));
  EXPECT_FALSE(commit(store(), put_of(store(), "a", "2", {.kind = Kind::absent})).revision) << "its condition";
  EXPECT_FALSE(commit(store(), delete_of("a", {.kind = Kind::absent})).revision) << "its condition";
  EXPECT_FALSE(commit(store(), delete_of("none")).revision);
  EXPECT_FALSE(commit(store(), {.key = "a", .condition = {}, .what = Check{}}).revision);
  const auto empty = store().commit({});
  ASSERT_TRUE(empty);
  EXPECT_FALSE(empty->revision);
}

/// From many threads: no two are the same, and a later commit's is greater than one that had returned.
TEST_P(StoreContract, RevisionsOfCommitsFollowTheirOrder) {
  constexpr int kThreads = 6;
  constexpr int kCommits = 30;
  std::mutex mutex;
  std::set<Revision> all;
  std::optional<Revision> greatest;
  const auto run = [&](const std::string& key) {
    for (int i = 0; i < kCommits; ++i) {
      const auto before = [&] {
        const std::lock_guard lock(mutex);
        return greatest;
      }();
      const auto revision = commit(store(), i % 2 == 0 ? put_of(store(), key, "1") : delete_of(key)).revision;
      ASSERT_TRUE(revision);
      EXPECT_GT(revision, before);
      const std::lock_guard lock(mutex);
      EXPECT_TRUE(all.insert(*revision).second);
      greatest = std::max(greatest, revision);
    }
  };
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) threads.emplace_back(run, std::to_string(t));
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(all.size(), kThreads * kCommits);
}

TEST_P(StoreContract, ADeletedKeyIsNotThere) {
  commit(store(), put_of(store(), "a", "1"));
  const CommitOutcome outcome = commit(store(), delete_of("a"));
  EXPECT_TRUE(outcome.applied);
  EXPECT_TRUE(outcome.before[0].has_value());
  EXPECT_FALSE(outcome.after[0].has_value());
  EXPECT_EQ(content_of(store(), "a"), "(none)");
  EXPECT_FALSE(commit(store(), delete_of("a")).before[0].has_value());
}

TEST_P(StoreContract, AReaderKeepsItsRevisionAcrossOverwriteAndDelete) {
  commit(store(), put_of(store(), "a", "old"));
  const auto before_overwrite = store().open("a");
  commit(store(), put_of(store(), "a", "new"));
  const auto before_delete = store().open("a");
  commit(store(), delete_of("a"));
  const auto old_bytes = (*before_overwrite)->read(0, 3);
  ASSERT_TRUE(old_bytes) << old_bytes.error().what;
  EXPECT_EQ(std::memcmp(old_bytes->data(), "old", 3), 0);
  const auto new_bytes = (*before_delete)->read(0, 3);
  ASSERT_TRUE(new_bytes) << new_bytes.error().what;
  EXPECT_EQ(std::memcmp(new_bytes->data(), "new", 3), 0);
}

TEST_P(StoreContract, AReaderKeepsALargeRevisionToo) {
  const std::string large = numbered_bytes(1'000'000);
  commit(store(), put_of(store(), "a", large));
  const auto reader = store().open("a");
  EXPECT_EQ(bytes_of(**reader, 0, 10), large.substr(0, 10));
  commit(store(), delete_of("a"));
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_TRUE(bytes_of(**reader, 10, 999'990) == large.substr(10));
}

TEST_P(StoreContract, AnUploadThatIsNotCommittedLeavesNothing) {
  {
    const auto upload = upload_of(store(), "lost");
  }
  EXPECT_EQ(content_of(store(), "a"), "(none)");
}

TEST_P(StoreContract, AnUploadThatIsTooLargeIsRefused) {
  const std::string bytes(kObjectBytesMax, 'x');
  const auto upload = upload_of(store(), bytes);
  const Status more = upload->write(std::as_bytes(std::span(bytes)).first(1));
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, core::ErrorCode::limit_exceeded);
}

TEST_P(StoreContract, ConditionsDecide) {
  const Revision first = commit(store(), put_of(store(), "a", "1")).after[0]->revision;
  const Revision second = commit(store(), put_of(store(), "a", "2")).after[0]->revision;
  struct Row {
    const char* key;
    Condition condition;
    bool holds;
  };
  const Row rows[] = {
      {"a", {.kind = Kind::exists}, true},
      {"b", {.kind = Kind::exists}, false},
      {"a", {.kind = Kind::absent}, false},
      {"b", {.kind = Kind::absent}, true},
      {"a", {Kind::revision_is_one_of, {first}}, false},
      {"a", {Kind::revision_is_one_of, {first, second}}, true},
      {"a", {Kind::revision_is_one_of, {}}, false},
      {"b", {Kind::revision_is_one_of, {second}}, false},
      {"a", {Kind::revision_is_none_of, {first}}, true},
      {"a", {Kind::revision_is_none_of, {second}}, false},
      {"b", {Kind::revision_is_none_of, {second}}, true},
  };
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    SCOPED_TRACE(i);
    std::vector<Write> writes;
    writes.push_back({.key = rows[i].key, .condition = rows[i].condition, .what = Delete{}});
    // A second write that cannot hold keeps the commit from changing anything, whatever the first one decides.
    writes.push_back(put_of(store(), "never", "", {.kind = Kind::exists}));
    const auto outcome = store().commit(std::move(writes));
    ASSERT_TRUE(outcome);
    EXPECT_FALSE(outcome->applied);
    EXPECT_EQ(outcome->failed, rows[i].holds ? 1U : 0U);
  }
  EXPECT_EQ(content_of(store(), "a"), "2");
}

TEST_P(StoreContract, AFailedConditionWritesNothingAndTellsTheState) {
  commit(store(), put_of(store(), "a", "1"));
  std::vector<Write> writes;
  writes.push_back(put_of(store(), "b", "2"));
  writes.push_back(put_of(store(), "a", "3", {.kind = Kind::absent}));
  const auto outcome = store().commit(std::move(writes));
  ASSERT_TRUE(outcome);
  EXPECT_FALSE(outcome->applied);
  EXPECT_EQ(outcome->failed, 1U);
  EXPECT_EQ(outcome->before[1], *store().stat("a"));
  EXPECT_TRUE(outcome->after.empty());
  EXPECT_EQ(content_of(store(), "a"), "1");
  EXPECT_EQ(content_of(store(), "b"), "(none)");
}

TEST_P(StoreContract, ManyWritesAppearTogether) {
  commit(store(), put_of(store(), "c", "old"));
  std::vector<Write> writes;
  writes.push_back(put_of(store(), "a", "1"));
  writes.push_back(put_of(store(), "b", "2"));
  writes.push_back(delete_of("c"));
  ASSERT_TRUE(store().commit(std::move(writes))->applied);
  EXPECT_EQ(content_of(store(), "a"), "1");
  EXPECT_EQ(content_of(store(), "b"), "2");
  EXPECT_EQ(content_of(store(), "c"), "(none)");
}

TEST_P(StoreContract, AStoreThatServesAllSaysSo) {
  commit(store(), put_of(store(), "a", "1"));
  const StoreHealth health = store().health();
  EXPECT_TRUE(health.reads);
  EXPECT_TRUE(health.writes);
  EXPECT_EQ(health.trouble, StoreHealth::Trouble::none);
}

TEST_P(StoreContract, AKeyTwiceIsABug) {
  std::vector<Write> writes;
  writes.push_back(put_of(store(), "a", "1"));
  writes.push_back(delete_of("a"));
  const auto outcome = store().commit(std::move(writes));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, core::ErrorCode::invalid_argument);
  EXPECT_EQ(content_of(store(), "a"), "(none)");
}

TEST_P(StoreContract, ReadsAreCounted) {
  const StoreCounters& counters = store().counters();
  commit(store(), put_of(store(), "small", "0123456789"));
  commit(store(), put_of(store(), "large", numbered_bytes(1'000'000)));
  EXPECT_EQ(counters.values_read + counters.chunks_read + counters.bytes_read, 0U);
  const auto small = store().open("small");
  EXPECT_EQ(counters.values_read, 0U);
  bytes_of(**small, 2, 3);
  bytes_of(**small, 5, 5);
  EXPECT_EQ(counters.values_read, 1U);
  EXPECT_EQ(counters.chunks_read, 0U);
  EXPECT_EQ(counters.bytes_read, 10U);
  content_of(store(), "large");
  EXPECT_EQ(counters.bytes_read, 1'000'010U);
}

TEST_P(StoreContract, WhatCommitsChangeIsCounted) {
  const StoreCounters& counters = store().counters();
  std::vector<Write> writes;
  writes.push_back(put_of(store(), "a", "0123456789"));
  writes.push_back(put_of(store(), "b", numbered_bytes(1'000'000)));
  ASSERT_TRUE(store().commit(std::move(writes))->applied);
  EXPECT_EQ(counters.bytes_written, 1'000'010U);
  EXPECT_EQ(counters.commits, 1U);
  EXPECT_EQ(counters.commit_groups, 1U);
  commit(store(), delete_of("a"));
  EXPECT_EQ(counters.bytes_written, 1'000'010U);
  EXPECT_EQ(counters.commits, 2U);
  EXPECT_EQ(counters.commit_groups, 2U);
}

TEST_P(StoreContract, WhatChangesNothingIsNotCounted) {
  const StoreCounters& counters = store().counters();
  commit(store(), put_of(store(), "a", "1"));
  EXPECT_FALSE(commit(store(), put_of(store(), "a", "2", {.kind = Kind::absent})).applied);
  EXPECT_TRUE(commit(store(), delete_of("b")).applied);
  EXPECT_TRUE(commit(store(), {.key = "a", .condition = {}, .what = Check{}}).applied);
  ASSERT_TRUE(store().commit({})->applied);
  upload_of(store(), "lost");
  EXPECT_EQ(counters.bytes_written, 1U);
  EXPECT_EQ(counters.commits, 1U);
  EXPECT_EQ(counters.commit_groups, 1U);
}

TEST_P(StoreContract, EveryCommitIsInOneGroup) {
  constexpr int kThreads = 8;
  constexpr int kCommits = 25;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < kCommits; ++i) commit(store(), put_of(store(), std::to_string(t), "12"));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(store().counters().commits, kThreads * kCommits);
  EXPECT_EQ(store().counters().bytes_written, 2 * kThreads * kCommits);
  EXPECT_GE(store().counters().commit_groups, 1U);
  EXPECT_LE(store().counters().commit_groups, store().counters().commits);
}

/// Each thread adds one to a counter by compare-and-swap; no addition may be lost.
TEST_P(StoreContract, CompareAndSwapLosesNothing) {
  constexpr int kThreads = 8;
  constexpr int kAdditions = 25;
  commit(store(), put_of(store(), "n", "0"));
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this] {
      for (int done = 0; done < kAdditions;) {
        const auto reader = store().open("n");
        const std::string text = bytes_of(**reader, 0, (*reader)->meta().size_bytes);
        const Condition unchanged{Kind::revision_is_one_of, {(*reader)->meta().revision}};
        done += commit(store(), put_of(store(), "n", std::to_string(std::stoi(text) + 1), unchanged)).applied ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(content_of(store(), "n"), std::to_string(kThreads * kAdditions));
}

TEST_P(StoreContract, ManyAreOpenedAsOneByOne) {
  const std::string large = numbered_bytes(600'000);
  commit(store(), put_of(store(), "a", "hello"));
  commit(store(), put_of(store(), "large", large));
  const std::vector<std::string> keys = {"large", "none", "a", "a"};
  auto readers = store().open_many(keys);
  ASSERT_EQ(readers.size(), 4U);
  for (const auto& reader : readers) ASSERT_TRUE(reader) << reader.error().what;
  EXPECT_EQ(*readers[1], nullptr);
  commit(store(), delete_of("a"));
  commit(store(), put_of(store(), "large", "other"));
  EXPECT_EQ(bytes_of(**readers[0], 0, large.size()), large);
  EXPECT_EQ(bytes_of(**readers[2], 0, 5), "hello");
  EXPECT_EQ(bytes_of(**readers[3], 1, 4), "ello");
  EXPECT_TRUE(store().open_many({}).empty());
}

TEST_P(StoreContract, WhatIsReleasedIsReadAgain) {
  const std::string large = numbered_bytes(600'000);
  for (const std::string& bytes : {std::string("hello"), large}) {
    commit(store(), put_of(store(), "a", bytes));
    const auto reader = store().open("a");
    ASSERT_TRUE(reader);
    EXPECT_EQ(bytes_of(**reader, 0, 3), bytes.substr(0, 3));
    (*reader)->release();
    EXPECT_EQ(bytes_of(**reader, 0, bytes.size()), bytes);
  }
}

/// A store may do without, but what it keeps is what was said, of the same bytes.
TEST_P(StoreContract, ADescriptionIsKeptOfItsBytesOrNotAtAll) {
  const std::string large = numbered_bytes(600'000);
  const auto put = [&](std::string_view bytes, const std::string& description) {
    std::vector<Write> writes(1);
    writes[0] = put_of(store(), "a", bytes);
    std::get<Put>(writes[0].what).upload->describe(description);
    ASSERT_TRUE(store().commit(std::move(writes)));
  };
  put(large, "large one");
  const auto first = store().open("a");
  const auto described = (*first)->description();
  ASSERT_TRUE(described) << described.error().what;
  EXPECT_EQ(*described, "large one");
  put("small", "small one");
  const auto second = store().open("a");
  const auto description = (*second)->description();
  ASSERT_TRUE(description);
  EXPECT_TRUE(description->empty() || *description == "small one") << *description;
  EXPECT_EQ((*first)->description(), "large one");
  EXPECT_EQ(bytes_of(**first, 0, large.size()), large);
  commit(store(), put_of(store(), "a", large));
  EXPECT_EQ((*store().open("a"))->description(), "");
}

/// A reader sees one revision or another, whole, and never a missing one, whatever is written meanwhile.
TEST_P(StoreContract, ReadersSeeWholeRevisionsWhileTheyChange) {
  constexpr std::size_t kBytes = 20'000;
  constexpr int kOverwrites = 200;
  commit(store(), put_of(store(), "a", std::string(kBytes, 'a')));
  std::atomic<bool> stop = false;
  std::thread reader([&] {
    while (!stop) {
      const std::string content = content_of(store(), "a");
      ASSERT_EQ(content.size(), kBytes);
      ASSERT_EQ(content.find_first_not_of(content[0]), std::string::npos);
    }
  });
  for (int i = 0; i < kOverwrites; ++i)
    commit(store(), put_of(store(), "a", std::string(kBytes, static_cast<char>('b' + i % 20))));
  stop = true;
  reader.join();
}

std::string names_of(const Listing& listing) {
  std::string names;
  for (const Listing::Entry& entry : listing.entries) names += entry.name + (entry.meta ? " " : "* ");
  return names + (listing.more ? "..." : ".");
}

TEST_P(StoreContract, KeysAreListedInTheOrderOfTheirBytes) {
  for (const char* key : {"b", "a/2", "a", "a/1", "a-", "\xc3\xa9", "B", "a/1/x"})
    commit(store(), put_of(store(), key, key));
  const auto list = [this](const ListQuery& query) { return names_of(*store().list(query)); };
  EXPECT_EQ(list({}), "B a a- a/1 a/1/x a/2 b \xc3\xa9 .");
  EXPECT_EQ(list({.prefix = "a/"}), "a/1 a/1/x a/2 .");
  EXPECT_EQ(list({.limit = 3}), "B a a- ...");
  EXPECT_EQ(list({.after = "a-", .limit = 3}), "a/1 a/1/x a/2 ...");
  EXPECT_EQ(list({.after = "a0"}), "b \xc3\xa9 .");
  EXPECT_EQ(list({.prefix = "a/", .after = "B"}), "a/1 a/1/x a/2 .");
  EXPECT_EQ(list({.prefix = "a/", .after = "b"}), ".");
  EXPECT_EQ(list({.prefix = "nothing"}), ".");
  EXPECT_EQ((*store().list({.prefix = "b"})).entries.at(0).meta, *store().stat("b"));
}

TEST_P(StoreContract, ADelimiterGroupsKeys) {
  for (const char* key : {"a", "runs/1/x", "runs/1/y", "runs/2", "runs/3/z", "z"})
    commit(store(), put_of(store(), key, key));
  const auto list = [this](const ListQuery& query) { return names_of(*store().list(query)); };
  EXPECT_EQ(list({.delimiter = "/"}), "a runs/* z .");
  EXPECT_EQ(list({.prefix = "runs/", .delimiter = "/"}), "runs/1/* runs/2 runs/3/* .");
  EXPECT_EQ(list({.prefix = "runs/", .after = "runs/1/", .delimiter = "/", .limit = 1}), "runs/2 ...");
  EXPECT_EQ(list({.after = "runs/", .delimiter = "/"}), "z .");
  EXPECT_EQ(list({.delimiter = "/", .limit = 2}), "a runs/* ...");
}

TEST_P(StoreContract, APageOfMuchMetadataIsShorter) {
  constexpr std::size_t kValueBytes = 60'000;
  constexpr std::size_t kKeys = server::storage::kListingBytesMax / kValueBytes + 10;
  for (std::size_t i = 0; i < kKeys; ++i) {
    Write write = put_of(store(), std::to_string(100 + i), "1");
    std::get<Put>(write.what).annotations.user_metadata = {{"a", std::string(kValueBytes, 'x')}};
    commit(store(), std::move(write));
  }
  const auto first = store().list({});
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->more);
  EXPECT_EQ(first->entries.size(), server::storage::kListingBytesMax / kValueBytes + 1);
  const auto second = store().list({.after = first->entries.back().name});
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->more);
  EXPECT_EQ(first->entries.size() + second->entries.size(), kKeys);
  EXPECT_LT(first->entries.back().name, second->entries.front().name);
}

/// Keys come and go around those that stay, which every listing has to show once.
TEST_P(StoreContract, AListingIsExactWhileKeysChange) {
  constexpr int kKeys = 300;
  const auto stays = [](int i) { return "key" + std::to_string(1000 + i) + "a"; };
  for (int i = 0; i < kKeys; ++i) commit(store(), put_of(store(), stays(i), "1"));
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    for (int i = 0; !stop; i = (i + 7) % kKeys) {
      const std::string passing = "key" + std::to_string(1000 + i) + "b";
      commit(store(), put_of(store(), passing, "1"));
      commit(store(), put_of(store(), stays(i), "2"));
      commit(store(), delete_of(passing));
    }
  });
  for (int round = 0; round < 20; ++round) {
    std::vector<std::string> seen;
    ListQuery query{.limit = 10};
    for (bool more = true; more;) {
      const auto page = store().list(query);
      ASSERT_TRUE(page);
      for (const Listing::Entry& entry : page->entries) {
        if (entry.name.back() == 'a') seen.push_back(entry.name);
      }
      more = page->more;
      if (more) query.after = page->entries.back().name;
    }
    EXPECT_EQ(seen.size(), static_cast<std::size_t>(kKeys));
    EXPECT_TRUE(std::ranges::is_sorted(seen));
    EXPECT_EQ(std::ranges::adjacent_find(seen), seen.end());
  }
  stop = true;
  writer.join();
}

}  // namespace
}  // namespace sconce::tests
