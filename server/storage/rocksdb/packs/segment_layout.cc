#include "server/storage/rocksdb/packs/segment_layout.h"

#include <algorithm>

#include "server/storage/rocksdb/files/record_bytes.h"
#include "server/storage/xxhash.h"

namespace sconce::server::storage {

namespace {

constexpr std::string_view kMagic = "SEG1";

std::uint64_t seed_of(const Revision& id, std::uint64_t number) {
  RecordReader half(std::string_view(reinterpret_cast<const char*>(id.bytes.data()) + sizeof(std::uint64_t),
                                     id.bytes.size() - sizeof(std::uint64_t)));
  return half.integer<std::uint64_t>() + number;
}

std::uint64_t checksum_of_head(std::string_view head) { return XXH3_64bits(head.data(), head.size()); }

}  // namespace

ChunkPlace place_of_chunk(const Segment& segment, std::uint64_t number) {
  const std::uint64_t chunks = chunk_count(segment.size_bytes);
  const bool is_described = number >= chunks;
  const std::uint64_t first =
      segment.offset + kSegmentHeadBytes + (is_described ? framed_bytes(segment.size_bytes) : 0);
  const std::uint64_t bytes = is_described ? segment.description_bytes : segment.size_bytes;
  const std::uint64_t of_these = is_described ? number - chunks : number;
  const std::uint64_t before = of_these * kChunkBytes;
  const std::uint64_t left = bytes > before ? bytes - before : 0;
  return {.offset = first + of_these * (kChunkBytes + kChecksumBytes),
          .size_bytes = static_cast<std::uint32_t>(std::min<std::uint64_t>(left, kChunkBytes))};
}

std::uint64_t checksum_of_chunk(const Revision& id, std::uint64_t number, std::span<const std::byte> bytes) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed_of(id, number));
}

std::string checksum_bytes(std::uint64_t checksum) {
  RecordWriter bytes;
  bytes.integer(checksum);
  return bytes.take();
}

std::string encode_head(const SegmentHead& head) {
  RecordWriter bytes;
  bytes.bytes(kMagic);
  bytes.integer(std::uint32_t{0});
  bytes.bytes(head.id.bytes);
  bytes.integer(head.size_bytes);
  bytes.integer(head.description_bytes);
  bytes.bytes(head.content_hash.bytes);
  std::string encoded = bytes.take();
  return encoded + checksum_bytes(checksum_of_head(encoded));
}

std::optional<SegmentHead> decode_head(std::string_view bytes) {
  if (bytes.size() < kSegmentHeadBytes) return std::nullopt;
  RecordReader reader(bytes.substr(0, kSegmentHeadBytes));
  SegmentHead head;
  const std::string magic = reader.text(kMagic.size());
  const auto zeros = reader.integer<std::uint32_t>();
  reader.bytes(head.id.bytes);
  head.size_bytes = reader.integer<std::uint64_t>();
  head.description_bytes = reader.integer<std::uint64_t>();
  reader.bytes(head.content_hash.bytes);
  const auto checksum = reader.integer<std::uint64_t>();
  const std::string_view checked = bytes.substr(0, kSegmentHeadBytes - kChecksumBytes);
  if (magic != kMagic || zeros != 0 || checksum != checksum_of_head(checked)) return std::nullopt;
  return head;
}

}  // namespace sconce::server::storage
