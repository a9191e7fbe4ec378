#include "server/storage/rocksdb/packs/segment.h"

#include <gtest/gtest.h>

#include "server/storage/rocksdb/packs/pack_record.h"
#include "server/storage/rocksdb/packs/segment_layout.h"

namespace sconce::tests {
namespace {

using namespace server::storage;

Segment segment() {
  return {.pack = {{1, 2}},
          .offset = 8192,
          .size_bytes = 600'000,
          .description_bytes = 300'000,
          .content_hash = {{3}},
          .references = 4};
}

TEST(Segment, IsReadBack) { EXPECT_EQ(*decode_segment(encode_segment(segment())), segment()); }

TEST(Segment, OtherBytesAreRefused) {
  const std::string record = encode_segment(segment());
  for (std::size_t size = 0; size < record.size(); ++size) {
    EXPECT_EQ(decode_segment(record.substr(0, size)).error().code, core::ErrorCode::corrupt) << size;
  }
  EXPECT_EQ(decode_segment(record + 'x').error().code, core::ErrorCode::corrupt);
  EXPECT_EQ(decode_segment('\2' + record.substr(1)).error().code, core::ErrorCode::io_error);
}

TEST(PackRecord, IsReadBack) {
  const PackRecord record{.end_bytes = 1'000'000'000'000, .live_bytes = 4096};
  EXPECT_EQ(*decode_pack(encode_pack(record)), record);
  EXPECT_EQ(decode_pack(encode_pack(record).substr(1)).error().code, core::ErrorCode::io_error);
  EXPECT_EQ(decode_pack(encode_pack(record) + 'x').error().code, core::ErrorCode::corrupt);
  EXPECT_EQ(decode_pack("").error().code, core::ErrorCode::corrupt);
}

TEST(SegmentLayout, ChunksFollowEachOtherWithTheirChecksums) {
  const std::uint64_t first = 8192 + 64;
  const std::uint64_t frame = kChunkBytes + 8;
  EXPECT_EQ(place_of_chunk(segment(), 0).offset, first);
  EXPECT_EQ(place_of_chunk(segment(), 1).offset, first + frame);
  EXPECT_EQ(place_of_chunk(segment(), 2).offset, first + 2 * frame);
  EXPECT_EQ(place_of_chunk(segment(), 0).size_bytes, kChunkBytes);
  EXPECT_EQ(place_of_chunk(segment(), 2).size_bytes, 600'000 - 2 * kChunkBytes);
}

TEST(SegmentLayout, TheDescriptionFollowsTheBytes) {
  const std::uint64_t first = 8192 + 64 + 600'000 + 3 * 8;
  EXPECT_EQ(place_of_chunk(segment(), 3).offset, first);
  EXPECT_EQ(place_of_chunk(segment(), 3).size_bytes, kChunkBytes);
  EXPECT_EQ(place_of_chunk(segment(), 4).offset, first + kChunkBytes + 8);
  EXPECT_EQ(place_of_chunk(segment(), 4).size_bytes, 300'000 - kChunkBytes);
}

TEST(SegmentLayout, ASegmentEndsAtAPage) {
  EXPECT_EQ(stored_bytes(4096 - 64 - 8, 0), 4096U);
  EXPECT_EQ(stored_bytes(4096 - 64 - 7, 0), 8192U);
  EXPECT_EQ(stored_bytes(600'000, 300'000) % 4096, 0U);
}

TEST(SegmentLayout, AChecksumKnowsItsPlace) {
  const std::byte bytes[] = {std::byte{1}, std::byte{2}};
  const Revision id{{9, 9, 9, 9, 9, 9, 9, 9, 1}};
  const Revision another{{9, 9, 9, 9, 9, 9, 9, 9, 2}};
  EXPECT_EQ(checksum_of_chunk(id, 1, bytes), checksum_of_chunk(id, 1, bytes));
  EXPECT_NE(checksum_of_chunk(id, 1, bytes), checksum_of_chunk(id, 2, bytes));
  EXPECT_NE(checksum_of_chunk(id, 1, bytes), checksum_of_chunk(another, 1, bytes));
}

TEST(SegmentLayout, AHeadIsReadBackAndNothingElseIs) {
  const std::string head = encode_head({.id = {{7}}, .size_bytes = 5, .description_bytes = 6, .content_hash = {{8}}});
  ASSERT_EQ(head.size(), kSegmentHeadBytes);
  const auto read = decode_head(head + "what follows");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->id, (Revision{{7}}));
  EXPECT_EQ(read->size_bytes, 5U);
  EXPECT_EQ(read->description_bytes, 6U);
  EXPECT_EQ(read->content_hash, (ContentHash{{8}}));
  for (std::size_t at = 0; at < head.size(); ++at) {
    std::string damaged = head;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    EXPECT_FALSE(decode_head(damaged)) << at;
  }
  EXPECT_FALSE(decode_head(head.substr(1)));
  EXPECT_FALSE(decode_head(std::string(4096, '\0')));
}

}  // namespace
}  // namespace sconce::tests
