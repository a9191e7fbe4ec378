#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "server/storage/store.h"

namespace sconce::server::storage {

/// What the database knows of a pack. Threads: as a value.
struct PackRecord {
  std::uint64_t end_bytes = 0;   ///< Where its last committed segment ends. What is after it belongs to nobody.
  std::uint64_t live_bytes = 0;  ///< Of the segments that an object refers to.
  friend bool operator==(const PackRecord&, const PackRecord&) = default;
};

/// Version (1 byte: 1), end and live bytes (8 bytes each, little-endian). Threads: no state.
std::string encode_pack(const PackRecord& record);

/// Errors: corrupt (another size), io_error (a version that is not known).
Result<PackRecord> decode_pack(std::string_view record);

}  // namespace sconce::server::storage
