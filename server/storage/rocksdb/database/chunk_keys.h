#pragma once

#include <cstdint>
#include <string>

#include "server/storage/store.h"

namespace sconce::server::storage {

/// Keys of the column family `chunks`, in which layouts before 5 have their large objects: what was stored so is read,
/// and dropped. Threads: no state.
///
/// The key of chunk `number` of an upload: 16 bytes, then the number, big-endian, so that an upload's chunks lie
/// together and in order.
std::string chunk_key(const Revision& upload, std::uint64_t number);
/// The description of an upload has this number.
inline constexpr std::uint64_t kDescriptionNumber = std::uint64_t{1} << 63;
inline constexpr std::uint64_t kChunkNumberMax = ~std::uint64_t{0};
/// No key of the upload is less. Files of layout 4 begin with it.
std::string front_key(const Revision& upload);

}  // namespace sconce::server::storage
