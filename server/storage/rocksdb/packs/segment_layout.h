#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "server/storage/rocksdb/packs/segment.h"

namespace sconce::server::storage {

/// How a segment lies in a pack. Threads: no state.
///
///   a head of 64 bytes, at a multiple of 4,096
///   chunks of 256 KiB of the upload, fewer bytes in the last one, each followed by its checksum (8 bytes)
///   chunks of the description, likewise
///   nothing up to the next multiple of 4,096
///
/// A page with the end of a segment is never written again, so a power cut cannot tear what was acknowledged.

inline constexpr std::uint64_t kSegmentAlignment = 4096;
inline constexpr std::uint64_t kSegmentHeadBytes = 64;
inline constexpr std::uint64_t kChecksumBytes = 8;

constexpr std::uint64_t chunk_count(std::uint64_t bytes) {
  return bytes / kChunkBytes + (bytes % kChunkBytes == 0 ? 0 : 1);
}

/// Of `bytes` in chunks, with their checksums.
constexpr std::uint64_t framed_bytes(std::uint64_t bytes) { return bytes + chunk_count(bytes) * kChecksumBytes; }

/// What a segment takes in its pack.
constexpr std::uint64_t stored_bytes(std::uint64_t size_bytes, std::uint64_t description_bytes) {
  const std::uint64_t used = kSegmentHeadBytes + framed_bytes(size_bytes) + framed_bytes(description_bytes);
  return (used + kSegmentAlignment - 1) / kSegmentAlignment * kSegmentAlignment;
}
constexpr std::uint64_t stored_bytes(const Segment& segment) {
  return stored_bytes(segment.size_bytes, segment.description_bytes);
}

/// A chunk: those of the description are numbered on from those of the bytes.
struct ChunkPlace {
  std::uint64_t offset = 0;  ///< In the pack. The checksum follows the bytes.
  std::uint32_t size_bytes = 0;
};
ChunkPlace place_of_chunk(const Segment& segment, std::uint64_t number);

/// XXH3-64 of a chunk, which also says whose and which one it is: another chunk in its place is found.
std::uint64_t checksum_of_chunk(const Revision& id, std::uint64_t number, std::span<const std::byte> bytes);
/// As it is stored.
std::string checksum_bytes(std::uint64_t checksum);

/// The head of a segment: of use where its record is lost, and to walk through a pack.
struct SegmentHead {
  Revision id;
  std::uint64_t size_bytes = 0;
  std::uint64_t description_bytes = 0;
  ContentHash content_hash;
};
/// `SEG1`, 4 bytes of zeros, the fields in their order, and the checksum of all that.
std::string encode_head(const SegmentHead& head);
/// Nothing if there is no whole head.
std::optional<SegmentHead> decode_head(std::string_view bytes);

}  // namespace sconce::server::storage
