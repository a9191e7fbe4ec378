#pragma once

#include <string>
#include <string_view>

#include "server/storage/store.h"

namespace sconce::server::storage {

/// What the store keeps under a key. Integers are little-endian.
///
///   offset  bytes  what
///   0       1      version of this layout: 1
///   1       16     revision
///   17      8      size of the object in bytes
///   25      16     content hash
///   41      8      time of the write, milliseconds since 1970, signed
///   49             end
std::string encode_meta(const ObjectMeta& meta);

/// Errors: corrupt (another size), io_error (a version that is not known).
Result<ObjectMeta> decode_meta(std::string_view record);

}  // namespace sconce::server::storage
