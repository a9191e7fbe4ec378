// Each limit of core/limits.h: what it allows, and the attack that it stops.

#include "core/limits.h"

#include <gtest/gtest.h>

#include "tests/hostile/refusal.h"
#include "tests/hostile/wire.h"

namespace sconce::tests {
namespace {

using core::ErrorCode;
using core::Format;

core::ReadOptions with(const core::ReadLimits& limits) {
  core::ReadOptions options;
  options.limits = limits;
  return options;
}

/// {{{…}}}: tables inside tables, under the key 1.
std::string nested(int levels) {
  Wire wire;
  for (int i = 1; i < levels; ++i) wire.table(i, 1).number(1);
  return wire.table(levels, 0).bytes();
}

TEST(Limits, DepthIsBounded) {
  const core::ReadOptions options = with({.depth_max = 3});
  expect_read(nested(3), Format::binary, options);
  expect_refused({"four levels", nested(4), ErrorCode::limit_exceeded, 72, "[1][1][1]", "3", Format::binary, options});
}

TEST(Limits, AMillionLevelsAreRefusedAtTheDefault) {
  std::string path;
  for (int i = 0; i < 10'000; ++i) path += "[1]";
  expect_refused({"a million levels", nested(1'000'000), ErrorCode::limit_exceeded, 240'000, path, "10000"});
}

TEST(Limits, StringsAreBounded) {
  const core::ReadOptions options = with({.string_bytes_max = 4});
  expect_read(Wire().string("four").bytes(), Format::binary, options);
  expect_refused(
      {"five bytes", Wire().string("five!").bytes(), ErrorCode::limit_exceeded, 4, "", "4", Format::binary, options});
  expect_read("2\n4\nfour\n", Format::ascii, options);
  expect_refused({"five bytes", "2\n5\nfive!\n", ErrorCode::limit_exceeded, 2, "", "4", Format::ascii, options});
}

TEST(Limits, ClassNamesAndVersionsAreBounded) {
  const core::ReadOptions options = with({.class_name_bytes_max = 4});
  expect_read(Wire().instance(1, "a.Bc").nil().bytes(), Format::binary, options);
  expect_refused({"a long name", Wire().instance(1, "a.Bcd").nil().bytes(), ErrorCode::limit_exceeded, 15, "", "4",
                  Format::binary, options});
  expect_refused({"a long version", Wire().i32(core::tag::kInstance).i32(1).text("V 100").text("a.B").nil().bytes(),
                  ErrorCode::limit_exceeded, 8, "", "4", Format::binary, options});
  expect_refused({"a name of 2 GiB", Wire().i32(core::tag::kInstance).i32(1).i32(0x7fffffff).bytes(),
                  ErrorCode::limit_exceeded, 8, "", "1024"});
}

TEST(Limits, NumbersInAsciiAreBounded) {
  const core::ReadOptions options = with({.number_bytes_max = 8});
  expect_read("1\n0.123456\n", Format::ascii, options);
  expect_refused(
      {"nine digits", "1\n0.1234567\n", ErrorCode::limit_exceeded, 2, "", "number_bytes_max", Format::ascii, options});
  expect_refused({"digits without end", "1\n" + std::string(100'000, '1'), ErrorCode::limit_exceeded, 2, "",
                  "number_bytes_max", Format::ascii});
}

Wire tensor_of(std::int32_t dimensions) {
  Wire wire;
  wire.instance(1, "torch.ByteTensor").i32(dimensions);
  for (int i = 0; i < dimensions; ++i) wire.i64(0);
  for (int i = 0; i < dimensions; ++i) wire.i64(1);
  return wire.i64(1).nil();
}

TEST(Limits, DimensionsAreBounded) {
  const core::ReadOptions options = with({.dimensions_max = 3});
  expect_read(tensor_of(3).bytes(), Format::binary, options);
  expect_refused(
      {"four dimensions", tensor_of(4).bytes(), ErrorCode::limit_exceeded, 35, "", "3", Format::binary, options});
  expect_refused({"2147483647 dimensions", Wire().instance(1, "torch.ByteTensor").i32(0x7fffffff).bytes(),
                  ErrorCode::limit_exceeded, 35, "", "1024"});
}

/// A table of storages without elements.
std::string storages(int count) {
  Wire wire;
  wire.table(1, count);
  for (int i = 1; i <= count; ++i) wire.number(i).instance(i + 1, "torch.ByteStorage").i64(0);
  return wire.bytes();
}

/// A table of empty tables whose indices are far apart.
std::string scattered(int count) {
  Wire wire;
  wire.table(1, count);
  for (int i = 1; i <= count; ++i) wire.number(i).table(1000 * i, 0);
  return wire.bytes();
}

TEST(Limits, RememberedIndicesAreBounded) {
  const core::ReadOptions options = with({.indices_max = 4});
  expect_read(storages(4), Format::binary, options);
  expect_refused({"five storages", storages(5), ErrorCode::limit_exceeded, 284, "[5]", "4", Format::binary, options});
  expect_read(scattered(4), Format::binary, options);
  expect_refused({"five scattered", scattered(5), ErrorCode::limit_exceeded, 124, "[5]", "4", Format::binary, options});
}

TEST(Limits, IndicesInOrderCostNothing) {
  Wire wire;
  wire.table(1, 100);
  for (int i = 1; i <= 100; ++i) wire.number(i).table(i + 1, 0);
  expect_read(wire.bytes(), Format::binary, with({.indices_max = 0}));
}

}  // namespace
}  // namespace sconce::tests
