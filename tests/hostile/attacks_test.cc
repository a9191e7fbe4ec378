// Input that no writer makes: each is refused where it goes wrong, whatever it claims.

#include <gtest/gtest.h>

#include <cmath>

#include "tests/hostile/refusal.h"
#include "tests/hostile/wire.h"

namespace sconce::tests {
namespace {

using core::ErrorCode;
using core::Format;

constexpr std::int64_t kHuge = 0x7fffffffffffffff;

core::ReadOptions of_size(const std::string& input) {
  core::ReadOptions options;
  options.input_bytes = input.size();
  return options;
}

/// The same input, whose size is known beforehand.
Refusal claimed(const char* name, const std::string& input, std::uint64_t offset, const std::string& path,
                const std::string& says, Format format = Format::binary) {
  return {name, input, ErrorCode::truncated, offset, path, says, format, of_size(input)};
}

TEST(Attacks, TagsThatAreNone) {
  expect_refused({
      {"9", Wire().i32(9).bytes(), ErrorCode::malformed, 0, "", "tag from 0 to 8, not 9"},
      {"-1", Wire().i32(-1).bytes(), ErrorCode::malformed, 0, "", "not -1"},
      {"in a table", Wire().table(1, 1).string("a").i32(77).bytes(), ErrorCode::malformed, 21, "a", "not 77"},
      {"in ascii", "3\n1\n1\n2\n1\na\n77\n", ErrorCode::malformed, 12, "a", "not 77", Format::ascii},
      {"no number", "three\n", ErrorCode::malformed, 0, "", "", Format::ascii},
  });
}

TEST(Attacks, CountsThatTheInputCannotHold) {
  expect_refused({
      claimed("a string of 2 GiB", Wire().i32(2).i32(0x7fffffff).raw("abc").bytes(), 4, "", "2147483647"),
      claimed("a table", Wire().table(1, 0x7fffffff).bytes(), 8, "", "2147483647"),
      claimed("a storage", Wire().instance(1, "torch.DoubleStorage").i64(1'000'000).bytes(), 38, "", "1000000"),
      claimed("a storage of 2^63 - 1", Wire().instance(1, "torch.ByteStorage").i64(kHuge).bytes(), 36, "", ""),
      claimed("an ascii storage", "4\n1\n3\nV 1\n19\ntorch.DoubleStorage\n1000000\n", 33, "", "1000000", Format::ascii),
  });
}

/// Where the size of the input is not known, the end of it tells.
TEST(Attacks, CountsWithoutAnEnd) {
  expect_refused({
      {"a string", Wire().i32(2).i32(0x7fffffff).raw("abc").bytes(), ErrorCode::truncated, 11, "", ""},
      {"a storage", Wire().instance(1, "torch.DoubleStorage").i64(kHuge / 8).bytes(), ErrorCode::truncated, 46, "", ""},
  });
}

TEST(Attacks, SizesThatWrap) {
  expect_refused({
      {"2^61 + 1 doubles", Wire().instance(1, "torch.DoubleStorage").i64((std::int64_t{1} << 61) + 1).f64(0).bytes(),
       ErrorCode::malformed, 38, "", "2305843009213693953"},
      {"a product of sizes of 2^64",
       Wire()
           .instance(1, "torch.ByteTensor")
           .i32(2)
           .i64(std::int64_t{1} << 32)
           .i64(std::int64_t{1} << 32)
           .i64(0)
           .i64(0)
           .i64(1)
           .instance(2, "torch.ByteStorage")
           .i64(1)
           .raw("x")
           .bytes(),
       ErrorCode::malformed, 115, "", "product"},
  });
}

TEST(Attacks, NegativeCounts) {
  expect_refused({
      {"a string", Wire().i32(2).i32(-1).bytes(), ErrorCode::malformed, 4, "", "-1"},
      {"a storage", Wire().instance(1, "torch.ByteStorage").i64(-1).bytes(), ErrorCode::malformed, 36, "", "-1"},
      {"dimensions", Wire().instance(1, "torch.ByteTensor").i32(-1).bytes(), ErrorCode::malformed, 35, "", "-1"},
      {"a size", Wire().instance(1, "torch.ByteTensor").i32(1).i64(-1).i64(1).i64(1).nil().bytes(),
       ErrorCode::malformed, 39, "", "size -1 in dimension 1"},
  });
  expect_read(Wire().table(1, -5).bytes(), Format::binary, {});  // Torch reads an empty table
}

/// They are refused where what they count would begin, however the elements before it came.
TEST(Attacks, CountsOfADeclaredClass) {
  core::ClassLayouts classes;
  ASSERT_TRUE(classes.declare("my.Halves", "half[3] pair[2]"));
  ASSERT_TRUE(classes.declare("my.Counted", "int:n short[2] byte[n]"));
  ASSERT_TRUE(classes.declare("my.Listed", "int:n object object[n]"));
  const auto expect = [&classes](const char* name, const Wire& wire, ErrorCode code, std::uint64_t offset,
                                 const std::string& says) {
    Refusal refusal{name, wire.bytes(), code, offset, "", says, Format::binary, of_size(wire.bytes())};
    refusal.options.classes = &classes;
    expect_refused(refusal);
  };
  expect("pairs behind halves", Wire().instance(1, "my.Halves").raw("aabbcc").nil(), ErrorCode::truncated, 34,
         "claims 2");
  expect("negative, behind shorts", Wire().instance(1, "my.Counted").i32(-1).raw("aabb"), ErrorCode::malformed, 37,
         "-1");
  const std::string text(core::kInlineStringBytesMax + 1, 't');  // a longer string comes in pieces
  expect("objects behind a string", Wire().instance(1, "my.Listed").i32(9).string(text), ErrorCode::truncated,
         40 + text.size(), "claims 9");
}

/// A tensor of one dimension on a storage of four bytes.
std::string tensor_on_four(std::int64_t size, std::int64_t stride, std::int64_t offset) {
  return Wire()
      .instance(1, "torch.ByteTensor")
      .i32(1)
      .i64(size)
      .i64(stride)
      .i64(offset)
      .instance(2, "torch.ByteStorage")
      .i64(4)
      .raw("abcd")
      .bytes();
}

TEST(Attacks, TensorsBeyondTheirStorage) {
  expect_refused({
      {"one too many", tensor_on_four(5, 1, 1), ErrorCode::malformed, 99, "", "storage"},
      {"a stride too far", tensor_on_four(2, 4, 1), ErrorCode::malformed, 99, "", "storage"},
      {"an offset too far", tensor_on_four(1, 1, 5), ErrorCode::malformed, 99, "", "storage"},
      {"offset 0", tensor_on_four(1, 1, 0), ErrorCode::malformed, 99, "", "offset"},
      {"a negative offset", tensor_on_four(1, 1, -3), ErrorCode::malformed, 99, "", ""},
      {"a stride below the storage", tensor_on_four(2, -1, 1), ErrorCode::malformed, 99, "", ""},
      {"a stride that wraps", tensor_on_four(3, kHuge, 1), ErrorCode::malformed, 99, "", ""},
  });
  expect_read(tensor_on_four(4, 1, 1), Format::binary, {});
  expect_read(tensor_on_four(4, -1, 4), Format::binary, {});
  expect_read(tensor_on_four(0, 1, 0), Format::binary, {});
}

TEST(Attacks, StoragesThatAreNone) {
  const auto tensor = [] { return Wire().instance(1, "torch.ByteTensor").i32(1).i64(1).i64(1).i64(1); };
  expect_refused({
      {"nil", tensor().nil().bytes(), ErrorCode::malformed, 63, "", "storage"},
      {"a number", tensor().number(1).bytes(), ErrorCode::malformed, 63, "", "storage"},
      {"of another class", tensor().instance(2, "torch.CharStorage").i64(1).raw("x").bytes(), ErrorCode::malformed, 82,
       "", "not a torch.CharStorage"},
      {"a table that has been",
       Wire().table(1, 1).number(1).instance(2, "torch.ByteTensor").i32(1).i64(1).i64(1).i64(1).again(4, 1).bytes(),
       ErrorCode::malformed, 91, "[1]", "index 1 is neither"},
  });
}

TEST(Attacks, KeysThatAreNone) {
  expect_refused({
      {"nil", Wire().table(1, 1).nil().number(1).bytes(), ErrorCode::malformed, 12, "", "nil"},
      {"NaN", Wire().table(1, 1).number(std::nan("")).number(1).bytes(), ErrorCode::malformed, 16, "", "NaN"},
      {"nil deeper down", Wire().table(1, 1).string("a").table(2, 1).nil().nil().bytes(), ErrorCode::malformed, 33, "a",
       "nil"},
  });
}

TEST(Attacks, APayloadThatIsNotOneObjectNamesItsClassAndByte) {
  expect_refused({
      {"no object", Wire().table(1, 1).string("x").instance(2, "my.Class").i32(1000).bytes(), ErrorCode::malformed, 48,
       "x", "the class my.Class at byte 21 has no declared layout"},
      {"nothing at all", Wire().instance(1, "my.Class").bytes(), ErrorCode::truncated, 27, "",
       "the class my.Class at byte 0 has no declared layout"},
  });
}

TEST(Attacks, BytesBehindTheObject) {
  core::ReadOptions refuse;
  refuse.trailing = core::TrailingBytes::refuse;
  expect_refused({
      {"binary", Wire().nil().raw("x").bytes(), ErrorCode::trailing_bytes, 4, "", "", Format::binary, refuse},
      {"ascii", "0\n0\n", ErrorCode::trailing_bytes, 2, "", "", Format::ascii, refuse},
  });
  expect_read("0\n \t\r\n\n", Format::ascii, refuse);
  expect_read(Wire().nil().raw("x").bytes(), Format::binary, {});
}

TEST(Attacks, InputThatEndsEarly) {
  expect_refused({
      {"empty", "", ErrorCode::truncated, 0, "", ""},
      {"half a tag", std::string("\0\0", 2), ErrorCode::truncated, 2, "", ""},
      {"a table without its pair", Wire().table(1, 1).bytes(), ErrorCode::truncated, 12, "", ""},
      {"a pair without its value", Wire().table(1, 1).string("a").bytes(), ErrorCode::truncated, 21, "a", ""},
      {"ascii", "3\n1\n1\n", ErrorCode::truncated, 6, "", "", Format::ascii},
  });
}

}  // namespace
}  // namespace sconce::tests
