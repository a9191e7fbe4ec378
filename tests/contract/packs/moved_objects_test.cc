// Large objects are moved, between packs and out of the chunks of an older layout, on disks that fail at every step,
// and that lose their power there: each object stays what it was.

#include <gtest/gtest.h>

#include <map>

#include "server/storage/rocksdb/database/database.h"
#include "tests/contract/packs/moving_store.h"
#include "tests/faults/rocksdb_faulty_files.h"

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
  using Move = std::function<Status(MovingStore&)>;

  /// What `template_` holds, by key.
  void read_contents() {
    const TemporaryDirectory copy;
    fs::copy(template_.path(), copy.path(), fs::copy_options::recursive);
    contents_ = contents_of(*open_recovered(copy.path() / "data"));
  }

  /// With the nth change failing, and a power cut after it. Returns whether the move was done all the same.
  bool move_with_fault_at(std::uint64_t n, const fs::path& data, const Move& move) {
    const auto files = std::make_shared<FaultyFiles>(n);
    bool is_moved = false;
    {
      MovingStore store(data, files);
      EXPECT_TRUE(store.apply("new", "1"));
      files->fail_at(n, GetParam().fault, GetParam().lasting);
      (void)move(store);  // it may fail
      store.drain();
      const StoreCounters& counters = store.database().counters();
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

  void expect_recovered(const fs::path& data) {
    expect_all(*open_recovered(data));
    EXPECT_EQ(damages_in(data), "");
  }

  /// Up to the steps that come after the move; each time it is tried once more without faults.
  void move_with_every_fault(const Move& move, const std::function<void(const fs::path&)>& expect_moved) {
    read_contents();
    unsigned moved_in_a_row = 0;
    for (std::uint64_t n = 1; moved_in_a_row < kStepsAfterMove && !HasFailure(); n += kStep) {
      SCOPED_TRACE("change " + std::to_string(n));
      const TemporaryDirectory directory;
      const fs::path data = directory.path() / "data";
      fs::copy(template_.path(), directory.path(), fs::copy_options::recursive);
      moved_in_a_row = move_with_fault_at(n, data, move) ? moved_in_a_row + 1 : 0;
      expect_recovered(data);
      {
        MovingStore store(data, std::make_shared<FaultyFiles>());
        EXPECT_TRUE(move(store));
        store.drain();
      }
      expect_recovered(data);
      expect_moved(data);
    }
  }

  const TemporaryDirectory template_;
  Contents contents_;
};

TEST_P(MovedObjects, OutOfAPackWithWaste) {
  make_wasteful_pack(template_.path() / "data", {"b", "d"}, {"a", "c"});
  ASSERT_GT(space_of_files(template_.path(), ".pack"), 4 * kLargeBytes);
  move_with_every_fault(
      [](MovingStore& store) { return store.compact(); },
      [](const fs::path& data) { EXPECT_LT(space_of_files(data, ".pack"), 2 * kLargeBytes + 100'000); });
}

TEST_P(MovedObjects, OutOfChunks) {
  unpack_layout(4, template_.path());
  move_with_every_fault([](MovingStore& store) { return store.convert(); },
                        [](const fs::path& data) { EXPECT_FALSE(is_in_chunks(data)); });
}

INSTANTIATE_TEST_SUITE_P(Faults, MovedObjects,
                         testing::Values(FaultRow{"io_error_once", Fault::io_error, Lasting::once},
                                         FaultRow{"io_error", Fault::io_error, Lasting::until_healed},
                                         FaultRow{"no_space", Fault::no_space, Lasting::until_healed},
                                         FaultRow{"no_descriptors_once", Fault::no_descriptors, Lasting::once}),
                         [](const auto& each) { return std::string(each.param.name); });

class Conversion : public StoreWithPacks {
 protected:
  void SetUp() override { unpack_layout(4, directory_.path()); }
};

/// Until then the older program can be started again.
TEST_F(Conversion, BeginsWithTheFirstWrite) {
  MovingStore store(data_);
  ASSERT_TRUE(store.convert());
  EXPECT_EQ(store.database().counters().objects_converted, 0U);
  ASSERT_TRUE(store.apply("new", "1"));
  ASSERT_TRUE(store.convert());
  EXPECT_EQ(store.database().counters().objects_converted, 1U);
}

TEST_F(Conversion, ChangesNothingButWhereTheBytesLie) {
  std::optional<ObjectMeta> before;
  std::string content;
  std::string description;
  {
    const auto store = open();
    before = *store->stat("large");
    content = content_of(*store, "large");
    description = *(*store->open("large"))->description();
    ASSERT_FALSE(description.empty());
    commit(*store, delete_of("small"));
  }
  const auto store = open();  // nobody asks for it
  ASSERT_TRUE(comes_true([&] { return store->counters().objects_converted == 1U; }));
  EXPECT_EQ(*store->stat("large"), before) << "its revision and times are the same";
  EXPECT_TRUE(content_of(*store, "large") == content);
  EXPECT_EQ(*(*store->open("large"))->description(), description);
  EXPECT_EQ(packs().size(), 1U);
}

TEST_F(Conversion, AReaderKeepsItsChunks) {
  MovingStore store(data_);
  const auto reader = store.opener().open("large");
  const std::string begin = bytes_of(**reader, 0, 100);
  ASSERT_TRUE(store.apply("new", "1"));
  ASSERT_TRUE(store.convert());
  store.drain();
  ASSERT_EQ(store.database().counters().objects_converted, 1U);
  EXPECT_TRUE(*store.database().has_chunks());
  EXPECT_EQ(bytes_of(**reader, 550'000, 100).size(), 100U);
  EXPECT_EQ(bytes_of(**reader, 0, 100), begin);
}

TEST_F(Conversion, WhatIsDamagedStays_AndIsReported) {
  ASSERT_EQ(damage_files(data_, ".sst", 300'000), 1U) << "that of the chunks";
  MovingStore store(data_);
  ASSERT_TRUE(store.apply("new", "1"));
  EXPECT_TRUE(store.convert());
  EXPECT_NE(store.reported(), "");
  EXPECT_EQ(store.database().counters().objects_converted, 0U);
  EXPECT_TRUE(*store.database().object_at("large"));
}

/// Clients may need less room than it.
TEST_F(Conversion, WithoutRoomItLeavesTheDiskToOthers) {
  const auto files = std::make_shared<FaultyFiles>();
  MovingStore store(data_, files);
  ASSERT_TRUE(store.apply("new", "1"));
  const std::uint64_t available = store.database().space().available_bytes();
  std::uint64_t free = 0;
  ASSERT_TRUE(files->GetFreeSpace(data_.string(), {}, &free, nullptr).ok());
  files->set_free_bytes(free - available + 500'000);
  const Status converted = store.convert();
  ASSERT_FALSE(converted);
  EXPECT_EQ(converted.error().code, core::ErrorCode::no_space);
  EXPECT_FALSE(store.database().space().is_full());
  EXPECT_TRUE(store.apply("newer", "1"));
  files->set_free_bytes(free);
  EXPECT_TRUE(store.convert()) << "it looks again";
  EXPECT_EQ(store.database().counters().objects_converted, 1U);
}

}  // namespace
}  // namespace sconce::tests
