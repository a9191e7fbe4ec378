#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace sconce::server::storage {

/// CRC-32C (Castagnoli, RFC 3720 B.4), going on from `crc`, which is that of the bytes before. Threads: no state.
std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t crc = 0);

}  // namespace sconce::server::storage
