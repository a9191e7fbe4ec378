#include "core/scalar_encoders.h"

#include "core/half.h"
#include "core/number_text.h"

namespace sconce::core {
namespace {

template <class T>
T load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

std::int64_t load_integer(ElementType type, const std::byte* from) {
  if (type == ElementType::i16) return load<std::int16_t>(from);
  if (type == ElementType::i32) return load<std::int32_t>(from);
  return load<std::int64_t>(from);
}

char* print_element(char* to, ElementType type, const std::byte* from) {
  switch (type) {
    case ElementType::f64: return print_double(to, load<double>(from));
    case ElementType::f32: return print_float(to, load<float>(from));
    case ElementType::f16: return print_float(to, half_to_float(load<std::uint16_t>(from)));
    case ElementType::i16:
    case ElementType::i32:
    case ElementType::i64: return print_integer(to, load_integer(type, from));
    case ElementType::u8:
    case ElementType::i8: break;  // raw bytes, never printed
  }
  return to;
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
    const auto value = load<std::int64_t>(elements.data() + at);
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
  const auto bits = std::as_bytes(std::span(&value, 1));
  std::optional<std::int64_t> overflow;
  return write_elements(ElementType::f64, bits, true, overflow);
}

bool AsciiEncoder::write_long(std::int64_t value) { return write_longs({&value, 1}); }

bool AsciiEncoder::write_longs(std::span<const std::int64_t> values) {
  std::optional<std::int64_t> overflow;
  return write_elements(ElementType::i64, std::as_bytes(values), true, overflow);
}

bool AsciiEncoder::write_elements(ElementType type, std::span<const std::byte> elements, bool ends,
                                  std::optional<std::int64_t>&) {
  const std::size_t width = size_bytes_of(type);
  if (width == 1) return out_.write(elements) && (!ends || write_char('\n'));
  for (std::size_t at = 0; at < elements.size(); at += width) {
    std::byte* to = out_.room(kNumberTextBytesMax + 1);
    if (to == nullptr) return false;
    char* const begin = reinterpret_cast<char*>(to);
    char* end = print_element(begin, type, elements.data() + at);
    *end++ = ends && at + width == elements.size() ? '\n' : ' ';
    out_.advance(static_cast<std::size_t>(end - begin));
  }
  return true;
}

}  // namespace sconce::core
