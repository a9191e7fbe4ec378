#include "core/torch7/binary_scalars.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sconce::core {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kEight = "\x01\x02\x03\x04\x05\x06\x07\x08"sv;

Cursor at_begin_of(std::string_view bytes) { return {std::as_bytes(std::span(bytes)), false}; }

BinaryScalars scalars_of(Format format, ByteOrder order = ByteOrder::little) { return {format, order, ReadLimits()}; }

template <class T>
std::vector<T> values_of(std::span<const std::byte> elements) {
  std::vector<T> values(elements.size() / sizeof(T));
  std::memcpy(values.data(), elements.data(), elements.size());
  return values;
}

TEST(BinaryScalars, IntegersAreLittleEndianUnlessBigIsAskedFor) {
  std::int32_t value = 0;
  Cursor cursor = at_begin_of(kEight);
  EXPECT_EQ(scalars_of(Format::binary).read_int(cursor, value), ReadStatus::complete);
  EXPECT_EQ(value, 0x04030201);
  EXPECT_EQ(cursor.left(), 4U);
  cursor = at_begin_of(kEight);
  EXPECT_EQ(scalars_of(Format::binary, ByteOrder::big).read_int(cursor, value), ReadStatus::complete);
  EXPECT_EQ(value, 0x01020304);
}

TEST(BinaryScalars, ALongHasEightBytesAndFourInB32) {
  std::int64_t value = 0;
  Cursor cursor = at_begin_of(kEight);
  EXPECT_EQ(scalars_of(Format::b64).read_long(cursor, value), ReadStatus::complete);
  EXPECT_EQ(value, 0x0807060504030201);
  cursor = at_begin_of("\xfe\xff\xff\xff"sv);
  EXPECT_EQ(scalars_of(Format::b32).read_long(cursor, value), ReadStatus::complete);
  EXPECT_EQ(value, -2);
  EXPECT_EQ(cursor.left(), 0U);
}

TEST(BinaryScalars, ADoubleIsItsBits) {
  double value = 0;
  Cursor cursor = at_begin_of("\x3f\xf8\0\0\0\0\0\0"sv);
  EXPECT_EQ(scalars_of(Format::binary, ByteOrder::big).read_double(cursor, value), ReadStatus::complete);
  EXPECT_EQ(value, 1.5);
}

TEST(BinaryScalars, WhatIsCutLeavesTheCursorWhereItBegins) {
  BinaryScalars scalars = scalars_of(Format::b64);
  for (std::size_t size = 0; size < 8; ++size) {
    Cursor cursor = at_begin_of(kEight.substr(0, size));
    std::int64_t number = 0;
    double real = 0;
    std::string_view bytes;
    std::span<const std::byte> elements;
    EXPECT_EQ(scalars.read_long(cursor, number), ReadStatus::need_more) << size;
    EXPECT_EQ(scalars.read_double(cursor, real), ReadStatus::need_more) << size;
    EXPECT_EQ(scalars.read_bytes(cursor, 8, bytes), ReadStatus::need_more) << size;
    EXPECT_EQ(scalars.read_elements(cursor, ElementType::i64, 1, elements), ReadStatus::need_more) << size;
    EXPECT_EQ(cursor.position, cursor.begin) << size;
    EXPECT_EQ(cursor.token, cursor.begin) << size;
  }
}

TEST(BinaryScalars, BytesAreReadInPlace) {
  BinaryScalars scalars = scalars_of(Format::binary);
  Cursor cursor = at_begin_of(kEight);
  std::string_view bytes;
  EXPECT_EQ(scalars.read_bytes(cursor, 3, bytes), ReadStatus::complete);
  EXPECT_EQ(static_cast<const void*>(bytes.data()), cursor.begin);
  EXPECT_EQ(scalars.read_some_bytes(cursor, 100, bytes), ReadStatus::complete);
  EXPECT_EQ(bytes, kEight.substr(3));
  EXPECT_EQ(scalars.read_some_bytes(cursor, 100, bytes), ReadStatus::need_more);
}

TEST(BinaryScalars, ElementsAreReadInPlaceAsFarAsTheyAreWhole) {
  BinaryScalars scalars = scalars_of(Format::binary);
  Cursor cursor = at_begin_of(kEight.substr(0, 7));
  std::span<const std::byte> elements;
  EXPECT_EQ(scalars.read_elements(cursor, ElementType::i16, 100, elements), ReadStatus::complete);
  EXPECT_EQ(elements.data(), cursor.begin);
  EXPECT_EQ(elements.size(), 6U);
  EXPECT_EQ(cursor.left(), 1U);
}

TEST(BinaryScalars, NoMoreElementsAreReadThanAreWanted) {
  BinaryScalars scalars = scalars_of(Format::binary);
  Cursor cursor = at_begin_of(kEight);
  std::span<const std::byte> elements;
  EXPECT_EQ(scalars.read_elements(cursor, ElementType::i16, 2, elements), ReadStatus::complete);
  EXPECT_EQ(elements.size(), 4U);
  EXPECT_EQ(cursor.left(), 4U);
}

TEST(BinaryScalars, ElementsOfTheOtherByteOrderAreTurned) {
  BinaryScalars scalars = scalars_of(Format::binary, ByteOrder::big);
  const auto read = [&scalars](ElementType type) {
    Cursor cursor = at_begin_of(kEight);
    std::span<const std::byte> elements;
    EXPECT_EQ(scalars.read_elements(cursor, type, 100, elements), ReadStatus::complete);
    EXPECT_EQ(cursor.left(), 0U);
    return elements;
  };
  EXPECT_EQ(values_of<std::uint8_t>(read(ElementType::u8)), (std::vector<std::uint8_t>{1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(values_of<std::int16_t>(read(ElementType::f16)),
            (std::vector<std::int16_t>{0x0102, 0x0304, 0x0506, 0x0708}));
  EXPECT_EQ(values_of<std::int32_t>(read(ElementType::f32)), (std::vector<std::int32_t>{0x01020304, 0x05060708}));
  EXPECT_EQ(values_of<std::int64_t>(read(ElementType::f64)), (std::vector<std::int64_t>{0x0102030405060708}));
}

TEST(BinaryScalars, LongsOfB32AreWidened) {
  for (const auto& [order, bytes] : {std::pair(ByteOrder::little, "\x05\0\0\0\xff\xff\xff\xff"sv),
                                     std::pair(ByteOrder::big, "\0\0\0\x05\xff\xff\xff\xff"sv)}) {
    BinaryScalars scalars = scalars_of(Format::b32, order);
    Cursor cursor = at_begin_of(bytes);
    std::span<const std::byte> elements;
    EXPECT_EQ(scalars.read_elements(cursor, ElementType::i64, 100, elements), ReadStatus::complete);
    EXPECT_EQ(values_of<std::int64_t>(elements), (std::vector<std::int64_t>{5, -1}));
    EXPECT_EQ(cursor.left(), 0U);
  }
}

TEST(BinaryScalars, ManyElementsThatAreConvertedComeInPieces) {
  constexpr std::size_t kCount = 20'000;  // as longs, more than the 64 KiB that are converted at once
  BinaryScalars scalars = scalars_of(Format::b32);
  const std::string bytes(4 * kCount, '\1');
  Cursor cursor = at_begin_of(bytes);
  std::vector<std::int64_t> all;
  std::span<const std::byte> elements;
  while (scalars.read_elements(cursor, ElementType::i64, kCount, elements) == ReadStatus::complete) {
    EXPECT_LE(elements.size(), 64U * 1024);
    const auto values = values_of<std::int64_t>(elements);
    all.insert(all.end(), values.begin(), values.end());
  }
  EXPECT_EQ(all, std::vector<std::int64_t>(kCount, 0x01010101));
}

TEST(BinaryScalars, TheFewestBytesOfAnElementAreThoseOnTheWire) {
  EXPECT_EQ(scalars_of(Format::b32).element_minimum(ElementType::i64).each, 4U);
  EXPECT_EQ(scalars_of(Format::b64).element_minimum(ElementType::i64).each, 8U);
  EXPECT_EQ(scalars_of(Format::b32).element_minimum(ElementType::f64).each, 8U);
}

}  // namespace
}  // namespace sconce::core
