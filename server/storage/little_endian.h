#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sconce::server::storage {

inline void append_little_endian(std::string& bytes, std::uint64_t value) {
  for (unsigned shift = 0; shift < 64; shift += 8) bytes += static_cast<char>(value >> shift);
}

/// The eight bytes at `at`, which are there.
inline std::uint64_t little_endian_at(std::string_view bytes, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = 8; i-- > 0;) value = value << 8U | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

}  // namespace sconce::server::storage
