#include "core/torch7/scalar_encoders.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/exact_integer.h"
#include "core/little_endian.h"
#include "core/numbers/float_printing.h"
#include "core/numbers/half.h"
#include "core/numbers/number_text.h"

namespace sconce::core {
namespace {

std::int64_t load_integer(ElementType type, const std::byte* from) {
  if (type == ElementType::i16) return load_little_endian<std::int16_t>(from);
  if (type == ElementType::i32) return load_little_endian<std::int32_t>(from);
  return load_little_endian<std::int64_t>(from);
}

}  // namespace

bool BinaryEncoder::write_longs(std::span<const std::int64_t> values) {
  for (const std::int64_t value : values) {
    if (!write_long(value)) return false;
  }
  return true;
}

bool BinaryEncoder::write_elements(ElementType type, std::span<const std::byte> elements, bool,
                                   std::optional<std::int64_t>& overflow) {
  if (type != ElementType::i64 || !narrow_longs_) return out_.write(elements);
  for (std::size_t at = 0; at < elements.size(); at += sizeof(std::int64_t)) {
    const auto value = load_little_endian<std::int64_t>(elements.data() + at);
    if (!holds(value)) {
      overflow = value;
      return false;
    }
    if (!write_long(value)) return false;
  }
  return true;
}

bool AsciiEncoder::write_char(char c) {
  std::byte* to = out_.room(1);
  if (to == nullptr) return false;
  *to = static_cast<std::byte>(c);
  out_.advance(1);
  return true;
}

bool AsciiEncoder::write_double(double value) {
  // Integers are the commonest Lua numbers.
  if (value > 0 && value <= kExactIntegerMax) {
    const auto integer = static_cast<std::int64_t>(value);
    if (static_cast<double>(integer) == value) return write_long(integer);
  }
  return write_floats<double>(std::as_bytes(std::span(&value, 1)), true);
}

bool AsciiEncoder::write_long(std::int64_t value) { return write_longs({&value, 1}); }

bool AsciiEncoder::write_longs(std::span<const std::int64_t> values) {
  std::optional<std::int64_t> overflow;
  return write_elements(ElementType::i64, std::as_bytes(values), true, overflow);
}

bool AsciiEncoder::write_elements(ElementType type, std::span<const std::byte> elements, bool ends,
                                  std::optional<std::int64_t>&) {
  switch (type) {
    case ElementType::u8:
    case ElementType::i8: return out_.write(elements) && (!ends || write_char('\n'));
    case ElementType::f64: return write_floats<double>(elements, ends);
    case ElementType::f32: return write_floats<float>(elements, ends);
    case ElementType::f16: return write_halves(elements, ends);
    case ElementType::i16:
    case ElementType::i32:
    case ElementType::i64: return write_integers(type, elements, ends);
  }
  std::unreachable();
}

template <class Float>
bool AsciiEncoder::write_floats(std::span<const std::byte> elements, bool ends) {
  while (!elements.empty()) {
    std::byte* to = out_.room(kFloatRoomBytes);
    if (to == nullptr) return false;
    const std::size_t count = std::min(elements.size() / sizeof(Float), out_.room_bytes() / kFloatRoomBytes);
    char* const begin = reinterpret_cast<char*>(to);
    char* const end = print_floats<Float>(begin, elements.data(), count);
    elements = elements.subspan(count * sizeof(Float));
    if (ends && elements.empty()) end[-1] = '\n';
    out_.advance(static_cast<std::size_t>(end - begin));
  }
  return true;
}

bool AsciiEncoder::write_halves(std::span<const std::byte> elements, bool ends) {
  std::array<float, 256> floats;
  while (!elements.empty()) {
    const std::size_t count = std::min(elements.size() / sizeof(std::uint16_t), floats.size());
    for (std::size_t i = 0; i < count; ++i) {
      floats[i] = half_to_float(load_little_endian<std::uint16_t>(elements.data() + i * sizeof(std::uint16_t)));
    }
    elements = elements.subspan(count * sizeof(std::uint16_t));
    if (!write_floats<float>(std::as_bytes(std::span(floats).first(count)), ends && elements.empty())) return false;
  }
  return true;
}

bool AsciiEncoder::write_integers(ElementType type, std::span<const std::byte> elements, bool ends) {
  const std::size_t width = size_bytes_of(type);
  for (std::size_t at = 0; at < elements.size(); at += width) {
    std::byte* to = out_.room(kIntegerTextBytesMax + 1);
    if (to == nullptr) return false;
    char* const begin = reinterpret_cast<char*>(to);
    char* end = print_integer(begin, load_integer(type, elements.data() + at));
    *end++ = ends && at + width == elements.size() ? '\n' : ' ';
    out_.advance(static_cast<std::size_t>(end - begin));
  }
  return true;
}

}  // namespace sconce::core
