#include "server/storage/rocksdb/packs/pack_table.h"

#include <gtest/gtest.h>

#include "server/storage/rocksdb/packs/pack_directory.h"

namespace sconce::tests {
namespace {

using namespace server::storage;

class PackTableTest : public testing::Test {
 protected:
  static std::unique_ptr<PackTable::File> file() { return std::make_unique<NoFile>(); }

  /// A finished segment, committed with this much of it alive.
  void commit(const Revision& pack, std::uint64_t end, std::uint64_t live) {
    table_.finish(pack, end);
    table_.commit(pack, {.record = {.end_bytes = end, .live_bytes = live}, .committed = 1});
  }

  /// One that is never written.
  class NoFile final : public PackTable::File {
    using Slice = rocksdb::Slice;
    using Options = rocksdb::IOOptions;
    using Debug = rocksdb::IODebugContext;
    rocksdb::IOStatus Write(std::uint64_t, const Slice&, const Options&, Debug*) override { return none(); }
    rocksdb::IOStatus Read(std::uint64_t, std::size_t, const Options&, Slice*, char*, Debug*) const override {
      return none();
    }
    rocksdb::IOStatus Flush(const Options&, Debug*) override { return none(); }
    rocksdb::IOStatus Sync(const Options&, Debug*) override { return none(); }
    rocksdb::IOStatus Close(const Options&, Debug*) override { return none(); }
    static rocksdb::IOStatus none() { return rocksdb::IOStatus::NotSupported(); }
  };

  const Revision a_{{1}};
  const Revision b_{{2}};
  PackTable table_{{.pack_bytes_max = 100'000, .free_files_max = 2}};
};

TEST_F(PackTableTest, APackIsWrittenByOneAtATime) {
  EXPECT_FALSE(table_.lease());
  const PackTable::Lease first = table_.add(a_, file(), true);
  EXPECT_EQ(first.begin, kPackHeadBytes);
  EXPECT_FALSE(table_.lease());
  table_.finish(a_, 8192);
  const auto next = table_.lease();
  ASSERT_TRUE(next);
  EXPECT_EQ(next->pack, a_);
  EXPECT_EQ(next->begin, 8192U);
  EXPECT_EQ(next->file, first.file);
  EXPECT_FALSE(table_.lease());
  EXPECT_FALSE(table_.give_back(a_));
  EXPECT_EQ(table_.lease()->begin, 8192U);
}

TEST_F(PackTableTest, AFullOneTakesNoMore) {
  (void)table_.add(a_, file(), true);
  table_.finish(a_, 100'000);
  EXPECT_FALSE(table_.lease());
}

TEST_F(PackTableTest, AnOwnOneTakesNoMore) {
  (void)table_.add(a_, file(), false);
  table_.finish(a_, 8192);
  EXPECT_FALSE(table_.lease());
}

TEST_F(PackTableTest, NotMoreFilesThanThatStayOpen) {
  const Revision three[] = {{{1}}, {{2}}, {{3}}};
  for (const Revision& id : three) (void)table_.add(id, file(), true);
  for (const Revision& id : three) table_.finish(id, 8192);
  EXPECT_TRUE(table_.lease());
  EXPECT_TRUE(table_.lease());
  EXPECT_FALSE(table_.lease());
}

TEST_F(PackTableTest, ItGoesOnceItsGarbageIsDropped) {
  (void)table_.add(a_, file(), true);
  commit(a_, 8192, 4096);
  table_.commit(a_, {.record = {.end_bytes = 8192, .live_bytes = 0}, .unreferenced = 1});
  EXPECT_TRUE(table_.drop_segment(a_));
  EXPECT_FALSE(table_.lease()) << "it is going";
}

TEST_F(PackTableTest, ItStaysWhileAnObjectIsInIt) {
  (void)table_.add(a_, file(), true);
  commit(a_, 8192, 4096);
  (void)table_.lease();
  commit(a_, 12'288, 8192);
  table_.commit(a_, {.record = {.end_bytes = 12'288, .live_bytes = 4096}, .unreferenced = 1});
  EXPECT_FALSE(table_.drop_segment(a_));
}

TEST_F(PackTableTest, ItStaysWhileASegmentWaitsForItsCommit) {
  (void)table_.add(a_, file(), true);
  commit(a_, 8192, 4096);
  (void)table_.lease();
  table_.finish(a_, 12'288);
  table_.commit(a_, {.record = {.end_bytes = 8192, .live_bytes = 0}, .unreferenced = 1});
  EXPECT_FALSE(table_.drop_segment(a_));
  EXPECT_TRUE(table_.discard(a_));
}

TEST_F(PackTableTest, ItStaysWhileItIsWritten) {
  (void)table_.add(a_, file(), true);
  commit(a_, 8192, 4096);
  (void)table_.lease();
  table_.commit(a_, {.record = {.end_bytes = 8192, .live_bytes = 0}, .unreferenced = 1});
  EXPECT_FALSE(table_.drop_segment(a_));
  EXPECT_TRUE(table_.seal(a_));
}

TEST_F(PackTableTest, OneThatNothingWasWrittenToIsUsedAgain) {
  (void)table_.add(a_, file(), true);
  EXPECT_FALSE(table_.give_back(a_));
  EXPECT_TRUE(table_.lease());
}

TEST_F(PackTableTest, OneOfAnEarlierProcessGoesOnceItIsEmpty) {
  table_.add_sealed(a_, {.end_bytes = 8192, .live_bytes = 0});
  table_.add_sealed(b_, {.end_bytes = 8192, .live_bytes = 4096});
  EXPECT_FALSE(table_.lease());
  table_.add_garbage(a_);
  EXPECT_FALSE(table_.is_empty(a_));
  EXPECT_FALSE(table_.is_empty(b_));
  EXPECT_TRUE(table_.drop_segment(a_));
  EXPECT_EQ(table_.record_of(b_).live_bytes, 4096U);
}

}  // namespace
}  // namespace sconce::tests
