#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sconce::core {

/// The encodings of Torch's primitives. Threads: no state. Source: docs/formats.md, "Primitives".
enum class Format : std::uint8_t {
  automatic,  ///< For reading only: detected from the bytes (sniff.h).
  ascii,      ///< Text; strings, ByteStorage and CharStorage as raw bytes.
  binary,     ///< Little-endian, 8-byte longs: what 64-bit Torch7 writes. The same bytes as `b64`.
  b32,        ///< Little-endian, 4-byte longs: what 32-bit Torch7 and Torch7 on Windows write.
  b64,        ///< Little-endian, 8-byte longs.
};

/// The order of bytes in binary, b32 and b64 input. Torch writes big-endian only where a program asked for it.
enum class ByteOrder : std::uint8_t { little, big };

/// `ascii`, `binary`, `b32`, `b64`, `automatic`.
std::string_view name_of(Format format);
std::optional<Format> format_from_name(std::string_view name);

}  // namespace sconce::core
