#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/storage/store.h"

namespace sconce::server::storage {

/// Where the bytes of an object lie: one value under `id`, or chunks under it, of `chunk_bytes` each and the last one
/// with what is left.
struct Placement {
  Revision id;                    // unique to these bytes
  std::uint32_t chunk_bytes = 0;  // 0: one value
  bool in_chunks() const { return chunk_bytes != 0; }
  friend bool operator==(const Placement&, const Placement&) = default;
};

/// The record that the RocksDB store keeps under a key. Threads: as a value.
struct StoredObject {
  ObjectMeta meta;
  Placement placement;
  friend bool operator==(const StoredObject&, const StoredObject&) = default;
};

/// The record of an object. Integers are little-endian, times milliseconds since 1970, signed.
///
///   offset  bytes  what
///   0       1      version of this layout: 3
///   1       16     revision
///   17      8      size of the object in bytes
///   25      16     content hash
///   41      8      time of the write
///   49      8      time when the key came to exist
///   57      16     placement: the id
///   73      4      placement: the size of chunks; 0: one value
///   77      1      size of the root's kind
///   78      n      the root's kind
///           2      number of pairs of user metadata, and for each pair:
///           2, 2   sizes of name and value
///           n, m   name, value
///
/// Version 2 has one byte more before the placement: 0 where the bytes are one value under the revision, which is not
/// repeated. Version 1 ends at offset 49, and all its objects are so.
std::string encode_object(const StoredObject& object);

/// Errors: corrupt (another size), io_error (a version that is not known).
Result<StoredObject> decode_object(std::string_view record);

}  // namespace sconce::server::storage
