#include "server/storage/rocksdb/packs/packs.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "server/storage/rocksdb/packs/segment_layout.h"
#include "server/storage/rocksdb/packs/segment_writer.h"
#include "tests/support/files.h"

namespace sconce::tests {
namespace {

using namespace server::storage;

class PacksTest : public testing::Test {
 protected:
  PacksTest() { EXPECT_TRUE(packs_.load({}, {})); }

  Packs::Surroundings surroundings() {
    return {.files = rocksdb::FileSystem::Default(),
            .directory = directory_.path() / "packs",
            .cache = rocksdb::NewLRUCache(1 << 20),
            .limits = {},
            .report = [this](const core::Error& error) { reported_ += error.what; }};
  }

  Segment write(const Revision& id, std::size_t size) {
    auto place = packs_.place(id, false);
    if (!place) throw std::runtime_error(place.error().what);
    SegmentWriter writer(id, std::move(*place));
    const std::string bytes(size, 'x');
    EXPECT_TRUE(writer.add(std::as_bytes(std::span(bytes))));
    EXPECT_TRUE(writer.finish(ContentHash{{1}}));
    return writer.segment();
  }

  std::vector<Revision> ids_in(const Revision& pack) {
    std::vector<Revision> ids;
    EXPECT_TRUE(packs_.walk(pack, [&](const Revision& id, const Segment&) { ids.push_back(id); }));
    return ids;
  }

  const TemporaryDirectory directory_;
  std::string reported_;
  Packs packs_{surroundings()};
};

/// A start removes what it does not know, so nothing may be written before.
TEST_F(PacksTest, NothingIsWrittenBeforeTheyAreLoaded) {
  Packs early(surroundings());
  EXPECT_EQ(early.place({{1}}, false).error().code, core::ErrorCode::unavailable);
  ASSERT_TRUE(early.load({}, {}));
  EXPECT_TRUE(early.place({{1}}, false));
}

TEST_F(PacksTest, AWalkFindsAllSegmentsAlsoThoseThatWereDiscarded) {
  const Segment first = write({{1}}, 100'000);
  const Segment second = write({{2}}, 200'000);
  const Segment third = write({{3}}, 10);
  packs_.discard(second);
  EXPECT_EQ(ids_in(first.pack), (std::vector<Revision>{{{1}}, {{2}}, {{3}}}));
  rocksdb::PinnableSlice chunk;
  EXPECT_TRUE(packs_.read({{3}}, third, 0, false, chunk));
  EXPECT_EQ(chunk.ToString(), "xxxxxxxxxx");
}

/// An upload that was cut short leaves its bytes without a head, and they may be anything.
TEST_F(PacksTest, AWalkIsNotLedAstrayByWhatLooksLikeAHead) {
  const Segment first = write({{1}}, 10);
  std::fstream pack(packs_.path_of(first.pack), std::ios::in | std::ios::out | std::ios::binary);
  std::uint64_t page = first.offset + stored_bytes(first);
  constexpr std::uint64_t kTakesNothing = 0xfffe'0003'fff7'ffd0;  // with its checksums it is 2^64 bytes
  ASSERT_EQ(stored_bytes(kTakesNothing, 0), 0U);
  for (const std::uint64_t size : {kTakesNothing, ~std::uint64_t{0}, std::uint64_t{1} << 40}) {
    pack.seekp(static_cast<std::streamoff>(page));
    pack << encode_head({.id = {{9}}, .size_bytes = size, .description_bytes = 0, .content_hash = {}});
    page += kSegmentAlignment;
  }
  pack.seekp(static_cast<std::streamoff>(page));
  pack << encode_head({.id = {{2}}, .size_bytes = 50, .description_bytes = 0, .content_hash = {}})
       << std::string(58, 'y');
  pack.close();
  EXPECT_EQ(ids_in(first.pack), (std::vector<Revision>{{{1}}, {{2}}}));
}

TEST_F(PacksTest, AnOffsetThatNoFileHasIsDamage) {
  Segment segment = write({{1}}, 10);
  segment.offset = ~std::uint64_t{0} - 4095;
  rocksdb::PinnableSlice chunk;
  EXPECT_EQ(packs_.read({{1}}, segment, 0, false, chunk).error().code, core::ErrorCode::corrupt);
}

TEST_F(PacksTest, AnotherChunkInItsPlaceIsDamage) {
  const Revision one{{0, 0, 0, 0, 0, 0, 0, 0, 1}};
  const Revision another{{0, 0, 0, 0, 0, 0, 0, 0, 2}};
  const Segment first = write(one, 10);
  const Segment second = write(another, 10);
  rocksdb::PinnableSlice chunk;
  const Status read = packs_.read(one, second, 0, false, chunk);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, core::ErrorCode::corrupt);
  EXPECT_TRUE(packs_.read(one, first, 0, false, chunk));
}

TEST_F(PacksTest, WhatWasReadIsKeptIfThatIsAskedFor) {
  const Segment segment = write({{1}}, 10);
  rocksdb::PinnableSlice chunk;
  EXPECT_FALSE(packs_.read_from_memory({{1}}, 0, chunk));
  ASSERT_TRUE(packs_.read({{1}}, segment, 0, false, chunk));
  EXPECT_FALSE(packs_.read_from_memory({{1}}, 0, chunk));
  ASSERT_TRUE(packs_.read({{1}}, segment, 0, true, chunk));
  rocksdb::PinnableSlice again;
  EXPECT_TRUE(packs_.read_from_memory({{1}}, 0, again));
  EXPECT_EQ(again.ToString(), "xxxxxxxxxx");
  EXPECT_EQ(again.data(), chunk.data()) << "without a copy";
}

/// A large upload has a pack of its own, so nobody else would give it back.
TEST_F(PacksTest, AnUploadThatIsCutShortLeavesNoPackOfItsOwn) {
  {
    const auto place = packs_.place({{1}}, true);
  }
  EXPECT_TRUE(packs_.list()->empty());
}

TEST_F(PacksTest, AbandonedSegmentsGoUnlessTheyHaveARecord) {
  const Segment first = write({{1}}, 100'000);
  packs_.abandon({{1}}, first);
  EXPECT_FALSE(packs_.discard_abandoned([](const Revision&, const Segment&) -> Result<bool> {
    return core::fail(core::ErrorCode::io_error, "not now");
  }));
  EXPECT_EQ(packs_.list()->size(), 1U);
  EXPECT_TRUE(packs_.discard_abandoned([](const Revision&, const Segment&) { return Result<bool>(false); }));
  EXPECT_TRUE(packs_.list()->empty());
  EXPECT_EQ(packs_.removed(), std::vector<Revision>{first.pack});
  packs_.forget_removed(1);
  EXPECT_TRUE(packs_.removed().empty());
}

}  // namespace
}  // namespace sconce::tests
