// Large objects are moved, between packs and out of the chunks of an older layout, on disks that fail at every step,
// and that lose their power there: each object stays what it was.

#include <gtest/gtest.h>

#include <map>

#include "server/storage/rocksdb/database/database.h"
#include "tests/contract/packs/store_with_packs.h"
#include "tests/faults/rocksdb_faulty_files.h"
#include "tests/support/layouts.h"

namespace sconce::tests {
namespace {

using namespace server::storage;
using Fault = FaultyFiles::Fault;
using Lasting = FaultyFiles::Lasting;

// A sanitizer makes each several times as long, so it sees some of them; the tests without one see all.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t kStep = 7;
#else
constexpr std::uint64_t kStep = 1;
#endif

constexpr unsigned kStepsAfterMove = 12;

void unpack_layout_4(const fs::path& directory) { unpack_layout(4, directory); }

/// One pack, of which a half is garbage that keeps its space.
void make_wasteful_pack(const fs::path& directory) {
  {
    const auto store = open_in(directory / "data");
    for (const char* const key : {"a", "b", "c", "d"})
      commit(*store, put_of(*store, key, key + numbered_bytes(kLargeBytes)));
    for (const auto& pack : fs::directory_iterator(directory / "data" / "packs")) {
      fs::create_hard_link(pack.path(), directory / "backup");
    }
    commit(*store, delete_of("a"));
    commit(*store, delete_of("c"));
  }
  fs::remove(directory / "backup");
}

/// On a disk without faults, and on which a sync takes no time.
std::unique_ptr<StorageEngine> open_recovered(const fs::path& data) {
  auto store = open_rocksdb_store({.directory = data, .file_system = std::make_shared<FaultyFiles>()});
  if (!store) throw std::runtime_error(to_string(store.error()));
  return std::move(*store);
}

bool is_in_chunks(const fs::path& data) {
  const auto database = RocksdbDatabase::open_read_only(data);
  if (!database) throw std::runtime_error(to_string(database.error()));
  return *(*database)->has_chunks();
}

using Contents = std::map<std::string, std::string>;

Contents contents_of(Store& store) {
  Contents contents;
  const auto listing = store.list({});
  if (!listing) throw std::runtime_error(to_string(listing.error()));
  for (const auto& entry : listing->entries) contents[entry.name] = content_of(store, entry.name);
  return contents;
}

struct FaultRow {
  const char* name;
  Fault fault;
  Lasting lasting;
};

class MovedObjects : public testing::TestWithParam<FaultRow> {
 protected:
  void prepare(void (*make)(const fs::path&)) {
    make(template_.path());
    const TemporaryDirectory copy;
    fs::copy(template_.path(), copy.path(), fs::copy_options::recursive);
    contents_ = contents_of(*open_in(copy.path() / "data"));
  }

  /// With the nth change failing, and a power cut after it. Returns whether the move was done all the same.
  bool move_with_fault_at(std::uint64_t n, const fs::path& data) {
    const auto files = std::make_shared<FaultyFiles>(n);
    bool is_moved = false;
    {
      const auto store = open_rocksdb_store({.directory = data, .file_system = files});
      EXPECT_TRUE(store);
      commit(**store, put_of(**store, "new", "1"));
      files->fail_at(n, GetParam().fault, GetParam().lasting);
      (void)(*store)->compact();  // it may fail
      const StoreCounters& counters = (*store)->counters();
      is_moved = counters.segments_moved + counters.objects_converted > 0;
      files->cut_power();
    }
    files->apply_power_cut();
    return is_moved;
  }

  void expect_all(Store& store) {
    Contents now = contents_of(store);
    EXPECT_EQ(now.extract("new").mapped(), "1");
    EXPECT_TRUE(now == contents_);
  }

  /// And goes on with it.
  void expect_recovered(const fs::path& data) {
    {
      const auto store = open_recovered(data);
      expect_all(*store);
      ASSERT_TRUE(store->compact());
      expect_all(*store);
    }
    EXPECT_EQ(damages_in(data), "");
  }

  /// Up to the steps that come after the move.
  void move_with_every_fault(const std::function<void(const fs::path&)>& expect_moved) {
    unsigned moved_in_a_row = 0;
    for (std::uint64_t n = 1; moved_in_a_row < kStepsAfterMove && !HasFailure(); n += kStep) {
      SCOPED_TRACE("change " + std::to_string(n));
      const TemporaryDirectory directory;
      const fs::path data = directory.path() / "data";
      fs::copy(template_.path(), directory.path(), fs::copy_options::recursive);
      moved_in_a_row = move_with_fault_at(n, data) ? moved_in_a_row + 1 : 0;
      expect_recovered(data);
      expect_moved(data);
    }
  }

  const TemporaryDirectory template_;
  Contents contents_;
};

TEST_P(MovedObjects, OutOfAPackWithWaste) {
  prepare(make_wasteful_pack);
  ASSERT_GT(space_of_files(template_.path(), ".pack"), 4 * kLargeBytes);
  move_with_every_fault(
      [](const fs::path& data) { EXPECT_LT(space_of_files(data, ".pack"), 2 * kLargeBytes + 100'000); });
}

TEST_P(MovedObjects, OutOfChunks) {
  prepare(unpack_layout_4);
  move_with_every_fault([](const fs::path& data) { EXPECT_FALSE(is_in_chunks(data)); });
}

INSTANTIATE_TEST_SUITE_P(Faults, MovedObjects,
                         testing::Values(FaultRow{"io_error_once", Fault::io_error, Lasting::once},
                                         FaultRow{"io_error", Fault::io_error, Lasting::until_healed},
                                         FaultRow{"no_space", Fault::no_space, Lasting::until_healed},
                                         FaultRow{"no_descriptors_once", Fault::no_descriptors, Lasting::once}),
                         [](const auto& each) { return std::string(each.param.name); });

class Conversion : public StoreWithPacks {};

/// Until then the older program can be started again.
TEST_F(Conversion, BeginsWithTheFirstWrite) {
  unpack_layout_4(directory_.path());
  {
    const auto store = open();
    ASSERT_TRUE(store->compact());
    EXPECT_EQ(store->counters().objects_converted, 0U);
  }
  EXPECT_TRUE(is_in_chunks(data_));
  const auto store = open();
  const auto before = store->stat("large");
  const std::string content = content_of(*store, "large");
  const auto described = (*store->open("large"))->description();
  ASSERT_FALSE(described->empty());
  commit(*store, put_of(*store, "new", "1"));
  ASSERT_TRUE(store->compact());
  EXPECT_EQ(store->counters().objects_converted, 1U);
  EXPECT_EQ(*store->stat("large"), *before) << "its revision and times are the same";
  EXPECT_TRUE(content_of(*store, "large") == content);
  EXPECT_EQ(*(*store->open("large"))->description(), *described);
  EXPECT_EQ(packs().size(), 1U);
}

TEST_F(Conversion, AReaderKeepsItsChunks) {
  unpack_layout_4(directory_.path());
  const auto store = open();
  const std::string content = content_of(*store, "large");
  {
    const auto reader = store->open("large");
    EXPECT_EQ(bytes_of(**reader, 0, 100), content.substr(0, 100));
    commit(*store, put_of(*store, "new", "1"));
    ASSERT_TRUE(store->compact());
    EXPECT_EQ(bytes_of(**reader, 550'000, 100), content.substr(550'000, 100));
  }
  EXPECT_EQ(store->counters().objects_converted, 1U);
}

TEST_F(Conversion, NeedsNoRequestAfterTheFirstWrite) {
  unpack_layout_4(directory_.path());
  commit(*open(), delete_of("small"));
  const auto store = open();
  EXPECT_TRUE(comes_true([&] { return store->counters().objects_converted == 1U; }));
}

TEST_F(Conversion, WhatIsDamagedStays_AndIsReported) {
  unpack_layout_4(directory_.path());
  ASSERT_EQ(damage_files(data_, ".sst", 300'000), 1U) << "that of the chunks";
  const auto store = open();
  commit(*store, put_of(*store, "new", "1"));
  (void)store->compact();
  EXPECT_NE(reported(), "");
  EXPECT_EQ(store->counters().objects_converted, 0U);
  EXPECT_TRUE(*store->stat("large"));
}

}  // namespace
}  // namespace sconce::tests
