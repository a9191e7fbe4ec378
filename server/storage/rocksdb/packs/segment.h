#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "server/storage/store.h"

namespace sconce::server::storage {

/// What is read at once of a large object, and checked: so a small part of it costs one read.
inline constexpr std::uint32_t kChunkBytes = 256 << 10;

/// Where the bytes of one upload are, and how many objects consist of them. Threads: as a value.
struct Segment {
  Revision pack;
  std::uint64_t offset = 0;             ///< Of its head in the pack.
  std::uint64_t size_bytes = 0;         ///< Without the description.
  std::uint64_t description_bytes = 0;  ///< What the upload said of itself.
  ContentHash content_hash;             ///< Of the bytes, without the description.
  std::uint32_t references = 0;         ///< Extents of objects that lie in it; without any it is garbage.
  friend bool operator==(const Segment&, const Segment&) = default;
};

/// Another place has the same bytes, if they were moved.
inline bool is_same_place(const Segment& a, const Segment& b) { return a.pack == b.pack && a.offset == b.offset; }

/// The record of a segment, under its id. Integers are little-endian.
///
///   offset  bytes  what
///   0       1      version of this layout: 1
///   1       16     id of the pack
///   17      8      offset of the segment in the pack
///   25      8      size in bytes
///   33      8      size of the description
///   41      16     content hash
///   57      4      references
std::string encode_segment(const Segment& segment);

/// Errors: corrupt (another size), io_error (a version that is not known).
Result<Segment> decode_segment(std::string_view record);

}  // namespace sconce::server::storage
