#pragma once

#include <bit>
#include <cstring>
#include <string>
#include <type_traits>

namespace sconce::core {

/// Numbers as Sconce's formats hold them: little-endian, not necessarily aligned. Threads: no state. Errors: none; the
/// bytes are there.

static_assert(std::endian::native == std::endian::little, "elements are used in place");

/// The number in the sizeof(T) bytes at `from`.
template <class T>
T load_little_endian(const void* from) {
  static_assert(std::is_arithmetic_v<T>);
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

/// Writes the sizeof(T) bytes at `to`.
template <class T>
void store_little_endian(void* to, T value) {
  static_assert(std::is_arithmetic_v<T>);
  std::memcpy(to, &value, sizeof value);
}

template <class T>
void append_little_endian(std::string& bytes, T value) {
  static_assert(std::is_arithmetic_v<T>);
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

}  // namespace sconce::core
