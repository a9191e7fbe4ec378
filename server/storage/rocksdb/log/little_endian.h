#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace sconce::server::storage {

inline void append_little_endian(std::string& bytes, std::uint64_t value) {
  if constexpr (std::endian::native == std::endian::big) value = __builtin_bswap64(value);
  bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

/// The eight bytes at `at`, which are there.
inline std::uint64_t little_endian_at(std::string_view bytes, std::size_t at) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof(value));
  return std::endian::native == std::endian::little ? value : __builtin_bswap64(value);
}

}  // namespace sconce::server::storage
