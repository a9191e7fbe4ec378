#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/storage/store.h"

namespace sconce::server::storage {

/// The bytes of a large object lie in chunks of this many bytes, the last one with what is left, under the name of the
/// upload that brought them.
struct ChunkedBytes {
  Revision upload;
  std::uint32_t chunk_bytes = 0;
  friend bool operator==(const ChunkedBytes&, const ChunkedBytes&) = default;
};

/// What the RocksDB store keeps under a key. Without `chunks` the bytes are one value, under the revision.
struct StoredObject {
  ObjectMeta meta;
  std::optional<ChunkedBytes> chunks;
  friend bool operator==(const StoredObject&, const StoredObject&) = default;
};

/// Bytes that no key names any more.
struct Garbage {
  Revision revision;
  std::optional<Revision> upload;  // of their chunks
  friend bool operator==(const Garbage&, const Garbage&) = default;
};

inline Garbage garbage_of(const StoredObject& object) {
  Garbage garbage{.revision = object.meta.revision, .upload = std::nullopt};
  if (object.chunks) garbage.upload = object.chunks->upload;
  return garbage;
}

/// The record of an object. Integers are little-endian, times milliseconds since 1970, signed.
///
///   offset  bytes  what
///   0       1      version of this layout: 2
///   1       16     revision
///   17      8      size of the object in bytes
///   25      16     content hash
///   41      8      time of the write
///   49      8      time when the key came to exist
///   57      1      1: the bytes are chunks; 0: one value
///   58      16     of chunks: the upload; else zeros
///   74      4      of chunks: their size; else 0
///   78      1      size of the root's kind
///   79      n      the root's kind
///           2      number of pairs of user metadata, and for each pair:
///           2, 2   sizes of name and value
///           n, m   name, value
///
/// Version 1 ends at offset 49.
std::string encode_object(const StoredObject& object);

/// Errors: corrupt (another size), io_error (a version that is not known).
Result<StoredObject> decode_object(std::string_view record);

}  // namespace sconce::server::storage
