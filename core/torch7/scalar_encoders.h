#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <string_view>

#include "core/bytes/buffered_writer.h"
#include "core/event/element_type.h"
#include "core/torch7/format.h"

namespace sconce::core {

/// Writes the primitives of binary, b32 and b64.
///
/// Lifetime: `out` is borrowed. Threads: one at a time. Errors: a function returns false, and `out.status()` or
/// `overflow` tells why.
class BinaryEncoder {
 public:
  BinaryEncoder(Format format, BufferedWriter& out) : narrow_longs_(format == Format::b32), out_(out) {}

  bool write_int(std::int32_t value) { return write_scalar(value); }
  bool write_double(double value) { return write_scalar(value); }
  /// `value` must fit.
  bool write_long(std::int64_t value) {
    return narrow_longs_ ? write_scalar(static_cast<std::int32_t>(value)) : write_scalar(value);
  }
  /// An array of longs, all of which fit.
  bool write_longs(std::span<const std::int64_t> values);
  bool write_bytes(std::string_view bytes) { return out_.write(std::as_bytes(std::span(bytes))); }
  /// Part of an array; `ends` if it is its last. On a long that does not fit, `overflow` is set.
  bool write_elements(ElementType type, std::span<const std::byte> elements, bool ends,
                      std::optional<std::int64_t>& overflow);
  /// After the last byte of a string or of code.
  bool end_bytes() { return true; }

  bool holds(std::int64_t value) const {
    return !narrow_longs_ ||
           (value >= std::numeric_limits<std::int32_t>::min() && value <= std::numeric_limits<std::int32_t>::max());
  }

 private:
  template <class T>
  bool write_scalar(T value) {
    std::byte* to = out_.room(sizeof(T));
    if (to == nullptr) return false;
    std::memcpy(to, &value, sizeof(T));
    out_.advance(sizeof(T));
    return true;
  }

  bool narrow_longs_;
  BufferedWriter& out_;
};

/// Writes the primitives of ascii. The same contract.
class AsciiEncoder {
 public:
  AsciiEncoder(Format, BufferedWriter& out) : out_(out) {}

  bool write_int(std::int32_t value) { return write_long(value); }
  bool write_double(double value);
  bool write_long(std::int64_t value);
  bool write_longs(std::span<const std::int64_t> values);
  bool write_bytes(std::string_view bytes) { return out_.write(std::as_bytes(std::span(bytes))); }
  bool write_elements(ElementType type, std::span<const std::byte> elements, bool ends,
                      std::optional<std::int64_t>& overflow);
  bool end_bytes() { return write_char('\n'); }
  bool holds(std::int64_t) const { return true; }

 private:
  bool write_char(char c);
  template <class Float>
  bool write_floats(std::span<const std::byte> elements, bool ends);
  bool write_halves(std::span<const std::byte> elements, bool ends);
  bool write_integers(ElementType type, std::span<const std::byte> elements, bool ends);

  BufferedWriter& out_;
};

}  // namespace sconce::core
