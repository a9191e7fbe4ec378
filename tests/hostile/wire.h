#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/event/event.h"

namespace sconce::tests {

/// Binary input, put together piece by piece: `Wire().tag(kTable).i32(1).i32(2)`.
class Wire {
 public:
  Wire& i32(std::int32_t value) { return integer(static_cast<std::uint32_t>(value), 4); }
  Wire& i64(std::int64_t value) { return integer(static_cast<std::uint64_t>(value), 8); }
  Wire& f64(double value) { return integer(std::bit_cast<std::uint64_t>(value), 8); }
  Wire& raw(std::string_view bytes) {
    bytes_ += bytes;
    return *this;
  }
  /// A length and the bytes, as strings, versions and class names stand.
  Wire& text(std::string_view bytes) { return i32(static_cast<std::int32_t>(bytes.size())).raw(bytes); }

  Wire& nil() { return i32(core::tag::kNil); }
  Wire& number(double value) { return i32(core::tag::kNumber).f64(value); }
  Wire& boolean(bool value) { return i32(core::tag::kBoolean).i32(value ? 1 : 0); }
  Wire& string(std::string_view bytes) { return i32(core::tag::kString).text(bytes); }
  Wire& table(std::int32_t index, std::int32_t count) { return i32(core::tag::kTable).i32(index).i32(count); }
  /// A reference to an object that has been.
  Wire& again(std::int32_t tag, std::int32_t index) { return i32(tag).i32(index); }
  /// The begin of an instance of a class.
  Wire& instance(std::int32_t index, std::string_view class_name) {
    return i32(core::tag::kInstance).i32(index).text("V 1").text(class_name);
  }

  /// A torch.ByteStorage.
  Wire& byte_storage(std::int32_t index, std::string_view bytes) {
    return instance(index, "torch.ByteStorage").i64(static_cast<std::int64_t>(bytes.size())).raw(bytes);
  }

  const std::string& bytes() const { return bytes_; }

 private:
  Wire& integer(std::uint64_t value, unsigned size) {
    for (unsigned i = 0; i < size; ++i) bytes_ += static_cast<char>(value >> (8 * i));
    return *this;
  }

  std::string bytes_;
};

/// Tables that hold the next one twice: 2^levels of them, written in full.
inline std::string doubled_tables(int levels) {
  Wire wire;
  for (int i = 1; i <= levels; ++i) wire.table(i, 2).number(1);
  wire.table(levels + 1, 0);
  for (int i = levels; i >= 1; --i) wire.number(2).again(core::tag::kTable, i + 1);
  return wire.bytes();
}

}  // namespace sconce::tests
