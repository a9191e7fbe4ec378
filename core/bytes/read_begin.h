#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/bytes/byte_source.h"

namespace sconce::core {

/// The first bytes of a source, up to `bytes_max` of them. Threads: as the source. Errors: the source's.
inline Result<std::string> read_begin(ByteSource& source, std::size_t bytes_max) {
  std::string begin;
  const std::size_t size = std::min<std::uint64_t>(bytes_max, source.size_bytes());
  while (begin.size() < size) {
    const auto piece = source.read(begin.size(), size - begin.size());
    if (!piece) return std::unexpected(piece.error());
    begin.append(reinterpret_cast<const char*>(piece->data()), piece->size());
  }
  return begin;
}

}  // namespace sconce::core
