#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/storage/store.h"

namespace sconce::server::storage {

/// Bytes that are stored together, and dropped together.
struct Placement {
  enum class Kind : std::uint8_t {
    value,    ///< One value.
    chunks,   ///< Values of kChunkBytes each, and the last one with the rest. Layouts before 5 had them.
    segment,  ///< A segment of a pack; several objects may share it.
  };
  Revision id;  ///< Unique to these bytes.
  Kind kind = Kind::value;
  friend bool operator==(const Placement&, const Placement&) = default;
};

/// A part of what was stored together.
struct Extent {
  Placement placement;
  std::uint64_t offset = 0;  ///< Of bytes, in the placement. Only segments have other extents than the whole.
  std::uint64_t size_bytes = 0;
  friend bool operator==(const Extent&, const Extent&) = default;
};

/// The record that the RocksDB store keeps under a key. Threads: as a value.
struct StoredObject {
  ObjectMeta meta;
  std::vector<Extent> extents;  ///< One after the other they are the object. One, if it is a value or in chunks.
  const Placement& placement() const { return extents.front().placement; }  ///< Of the first extent.
  bool is_value() const { return placement().kind == Placement::Kind::value; }
  friend bool operator==(const StoredObject&, const StoredObject&) = default;
};

/// The record of an object. Integers are little-endian, times milliseconds since 1970, signed.
///
///   offset  bytes  what
///   0       1      version of this layout: 4 for segments, else 3
///   1       16     revision
///   17      8      size of the object in bytes
///   25      16     content hash
///   41      8      time of the write
///   49      8      time when the key came to exist
///   version 3:
///   57      16     id of the placement
///   73      4      size of chunks: kChunkBytes; 0: one value
///   version 4:
///   57      4      number of extents, and for each of them:
///           16     id of the segment
///           8, 8   offset and size in bytes
///   both:
///           1      size of the root's kind
///           n      the root's kind
///           2      number of pairs of user metadata, and for each pair:
///           2, 2   sizes of name and value
///           n, m   name, value
///
/// Version 2 has one byte more before the placement: 0 where the bytes are one value under the revision, which is not
/// repeated. Version 1 ends at offset 49, and all its objects are so.
std::string encode_object(const StoredObject& object);

/// Errors: corrupt (another size, or extents that are not the object), io_error (a version that is not known).
Result<StoredObject> decode_object(std::string_view record);

}  // namespace sconce::server::storage
