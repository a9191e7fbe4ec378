#include "core/little_endian.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace sconce::core {
namespace {

using namespace std::string_literals;

TEST(LittleEndian, LoadsFromAnyAddress) {
  const std::string bytes = "x\x01\x02\x03\x84"s;
  EXPECT_EQ(load_little_endian<std::int32_t>(bytes.data() + 1), static_cast<std::int32_t>(0x84030201));
  EXPECT_EQ(load_little_endian<std::uint16_t>(bytes.data() + 1), 0x0201);
}

TEST(LittleEndian, StoresAndAppendsTheLowestByteFirst) {
  std::string bytes = "xxxxx";
  store_little_endian(bytes.data() + 1, std::uint16_t{0x0201});
  append_little_endian(bytes, 1.0);
  EXPECT_EQ(bytes, "x\x01\x02xx\0\0\0\0\0\0\xf0\x3f"s);
}

}  // namespace
}  // namespace sconce::core
