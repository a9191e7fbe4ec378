#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

#include "core/event/element_type.h"
#include "core/limits.h"
#include "core/little_endian.h"
#include "core/torch7/cursor.h"
#include "core/torch7/format.h"

namespace sconce::core {

/// Reads the primitives of binary, b32 and b64. Source: docs/formats.md, "Primitives".
///
/// Lifetime: what is read in place lasts as long as the cursor's bytes. Threads: one at a time. Errors:
/// ReadStatus::failed, which `failure` explains.
class BinaryScalars {
 public:
  BinaryScalars(Format format, ByteOrder order, const ReadLimits&)
      : long_bytes_(format == Format::b32 ? 4 : 8), swap_(order == ByteOrder::big) {}

  ReadStatus read_int(Cursor& cursor, std::int32_t& value) { return read_scalar(cursor, value); }
  ReadStatus read_tag(Cursor& cursor, std::int32_t& tag) { return read_scalar(cursor, tag); }
  ReadStatus read_double(Cursor& cursor, double& value) { return read_scalar(cursor, value); }
  ReadStatus read_long(Cursor& cursor, std::int64_t& value) {
    if (long_bytes_ == 8) return read_scalar(cursor, value);
    std::int32_t narrow = 0;
    const ReadStatus read = read_scalar(cursor, narrow);
    value = narrow;
    return read;
  }

  /// Exactly `size` bytes, in place.
  ReadStatus read_bytes(Cursor& cursor, std::size_t size, std::string_view& bytes) {
    cursor.token = cursor.position;
    if (cursor.left() < size) return ReadStatus::need_more;
    bytes = {reinterpret_cast<const char*>(cursor.position), size};
    cursor.position += size;
    return ReadStatus::complete;
  }

  /// From 1 to `size_max` bytes, in place.
  ReadStatus read_some_bytes(Cursor& cursor, std::uint64_t size_max, std::string_view& bytes) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(size_max, cursor.left()));
    if (size == 0) return ReadStatus::need_more;
    return read_bytes(cursor, size, bytes);
  }

  /// From 1 to `count_max` whole elements in the canonical encoding: in place where the input has it, else converted.
  /// Valid until the next call.
  ReadStatus read_elements(Cursor& cursor, ElementType type, std::uint64_t count_max,
                           std::span<const std::byte>& elements) {
    cursor.token = cursor.position;
    const std::size_t wire_bytes = wire_bytes_of(type);
    auto count = static_cast<std::size_t>(std::min<std::uint64_t>(count_max, cursor.left() / wire_bytes));
    if (count == 0) return ReadStatus::need_more;
    const bool in_place = wire_bytes == size_bytes_of(type) && (!swap_ || wire_bytes == 1);
    if (in_place) {
      elements = {cursor.position, count * wire_bytes};
    } else {
      count = std::min(count, kScratchBytes / size_bytes_of(type));
      elements = convert(cursor.position, type, count);
    }
    cursor.position += count * wire_bytes;
    return ReadStatus::complete;
  }

  /// Steps over what may follow an object without being part of something else: nothing.
  void skip_trailing(Cursor&) {}
  void finish_object(Cursor&) {}

  /// Why the last read failed. Binary primitives cannot fail.
  std::string_view failure() const { return {}; }
  bool failed_by_limit() const { return false; }

  MinimumBytes element_minimum(ElementType type) const { return {wire_bytes_of(type), 0}; }
  static constexpr MinimumBytes kObjectMinimum{4, 0};  // nil
  static constexpr MinimumBytes kPairMinimum{12, 0};   // false, nil

 private:
  static constexpr std::size_t kScratchBytes = 64 * 1024;

  std::size_t wire_bytes_of(ElementType type) const {
    return type == ElementType::i64 ? long_bytes_ : size_bytes_of(type);
  }

  template <class T>
  ReadStatus read_scalar(Cursor& cursor, T& value) {
    cursor.token = cursor.position;
    if (cursor.left() < sizeof(T)) return ReadStatus::need_more;
    value = load<T>(cursor.position);
    cursor.position += sizeof(T);
    return ReadStatus::complete;
  }

  template <class T>
  T load(const std::byte* from) const {
    std::array<std::byte, sizeof(T)> raw;
    std::memcpy(raw.data(), from, sizeof(T));
    if (swap_) std::ranges::reverse(raw);
    return std::bit_cast<T>(raw);
  }

  std::span<const std::byte> convert(const std::byte* from, ElementType type, std::size_t count) {
    if (!scratch_) scratch_ = std::make_unique_for_overwrite<std::byte[]>(kScratchBytes);
    switch (size_bytes_of(type)) {
      case 2: return convert_each<std::int16_t, std::int16_t>(from, count);
      case 4: return convert_each<std::int32_t, std::int32_t>(from, count);
      default: break;
    }
    if (wire_bytes_of(type) == 4) return convert_each<std::int32_t, std::int64_t>(from, count);
    return convert_each<std::int64_t, std::int64_t>(from, count);
  }

  template <class Wire, class Canonical>
  std::span<const std::byte> convert_each(const std::byte* from, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      store_little_endian<Canonical>(scratch_.get() + i * sizeof(Canonical), load<Wire>(from + i * sizeof(Wire)));
    return {scratch_.get(), count * sizeof(Canonical)};
  }

  std::size_t long_bytes_;
  bool swap_;
  std::unique_ptr<std::byte[]> scratch_;
};

}  // namespace sconce::core
