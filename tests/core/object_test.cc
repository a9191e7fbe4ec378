#include "core/object.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/half.h"

namespace sconce::core {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

constexpr TensorClass kBytes{ElementType::u8, Device::cpu};
constexpr TensorClass kFloats{ElementType::f32, Device::cpu};

TEST(Table, GetsWhatWasSet) {
  Object object;
  Table& table = object.make_table();
  table.set(object.make_string("a"), 1);
  table.set(2.5, 2);
  table.set(true, 3);
  EXPECT_EQ(table["a"].number(), 1.0);
  EXPECT_EQ(table.get(2.5).number(), 2.0);
  EXPECT_EQ(table.get(true).number(), 3.0);
  EXPECT_TRUE(table["b"].is_nil());
  EXPECT_EQ(table.size(), 3U);
}

TEST(Table, SettingReplacesAndNilRemoves) {
  Object object;
  Table& table = object.make_table();
  for (int i = 1; i <= 40; ++i) table.set(i, i);
  table.set(7, 70);
  EXPECT_EQ(table[7].number(), 70.0);
  table.set(3, Value());
  EXPECT_TRUE(table[3].is_nil());
  EXPECT_EQ(table.size(), 39U);
  for (int i = 8; i <= 40; ++i) EXPECT_EQ(table[i].number(), static_cast<double>(i));
  table.set(3, 33);
  EXPECT_EQ(table[3].number(), 33.0);
}

TEST(Table, NegativeZeroIsTheKeyZero) {
  Object object;
  Table& table = object.make_table();
  table.set(0.0, 1);
  table.set(-0.0, 2);
  EXPECT_EQ(table.size(), 1U);
  EXPECT_EQ(table.get(0.0).number(), 2.0);
}

TEST(Table, SettlingKeepsTheLastOfEqualKeysAndDropsNil) {
  Object object;
  Table& table = object.make_table();
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 100; ++i) table.append(object.make_string("key" + std::to_string(i)), round * 1000 + i);
  }
  table.append(object.make_string("key5"), Value());
  table.append(1, Value());
  table.settle();
  EXPECT_EQ(table.size(), 99U);
  EXPECT_TRUE(table["key5"].is_nil());
  for (int i = 6; i < 100; ++i) EXPECT_EQ(table["key" + std::to_string(i)].number(), 1000.0 + i);
}

TEST(Table, ObjectsAreKeysByIdentity) {
  Object object;
  Table& table = object.make_table();
  Table& one = object.make_table();
  Table& other = object.make_table();
  table.set(one, 1);
  table.set(other, 2);
  EXPECT_EQ(table.get(one).number(), 1.0);
  EXPECT_EQ(table.get(other).number(), 2.0);
}

TEST(Object, ATensorMustLieInItsStorage) {
  Object object;
  Storage& storage = object.make_storage(kBytes, bytes_of("abcdef"));
  const std::int64_t sizes[] = {2, 3};
  const std::int64_t strides[] = {3, 1};
  EXPECT_TRUE(object.make_tensor(kBytes, sizes, strides, 1, &storage));
  EXPECT_EQ(object.make_tensor(kBytes, sizes, strides, 2, &storage).error().code, ErrorCode::malformed);
  EXPECT_EQ(object.make_tensor(kBytes, sizes, strides, 0, &storage).error().code, ErrorCode::malformed);
  EXPECT_EQ(object.make_tensor(kBytes, sizes, strides, 1, nullptr).error().code, ErrorCode::malformed);
  EXPECT_EQ(object.make_tensor(kFloats, sizes, strides, 1, &storage).error().code, ErrorCode::malformed);
}

std::string walked(std::span<const std::int64_t> sizes, std::span<const std::int64_t> strides, std::int64_t offset) {
  Object object;
  Storage& storage = object.make_storage(kBytes, bytes_of("abcdef"));
  const Tensor* tensor = *object.make_tensor(kBytes, sizes, strides, offset, &storage);
  std::string text;
  for (ElementWalk walk(*tensor); !walk.at_end(); walk.advance()) text += storage.at<char>(walk.position());
  return text;
}

TEST(ElementWalk, GoesRowByRow) {
  const std::int64_t sizes[] = {2, 3};
  const std::int64_t rows[] = {3, 1};
  EXPECT_EQ(walked(sizes, rows, 1), "abcdef");
  const std::int64_t transposed_sizes[] = {3, 2};
  const std::int64_t transposed[] = {1, 3};
  EXPECT_EQ(walked(transposed_sizes, transposed, 1), "adbecf");
  const std::int64_t expanded[] = {0, 1};
  EXPECT_EQ(walked(sizes, expanded, 2), "bcdbcd");
  const std::int64_t six[] = {6};
  const std::int64_t backwards[] = {-1};
  EXPECT_EQ(walked(six, backwards, 6), "fedcba");
  const std::int64_t none[] = {0};
  EXPECT_EQ(walked(none, backwards, 99), "");
}

/// {value, value} or {value, other}
Object pair_of(bool shared) {
  Object object;
  Table& first = object.make_table();
  Table& second = object.make_table();
  Table& root = object.make_table();
  root.set(1, first);
  root.set(2, shared ? first : second);
  object.set_root(root);
  return object;
}

TEST(Equal, SharingCounts) {
  EXPECT_TRUE(equal(pair_of(true), pair_of(true)));
  EXPECT_TRUE(equal(pair_of(false), pair_of(false)));
  EXPECT_FALSE(equal(pair_of(true), pair_of(false)));
  EXPECT_FALSE(equal(pair_of(false), pair_of(true)));
}

TEST(Equal, NanEqualsNanAndZeroIsNotNegativeZero) {
  EXPECT_TRUE(equal(Value(std::nan("1")), Value(-std::nan("2"))));
  EXPECT_FALSE(equal(Value(0.0), Value(-0.0)));
  EXPECT_FALSE(equal(Value(std::nan("")), Value(1)));
}

Object floats(float value, std::optional<std::string_view> version = "V 1") {
  Object object;
  object.set_root(object.make_storage(kFloats, std::as_bytes(std::span(&value, 1)), version));
  return object;
}

TEST(Equal, ElementsAndVersionsCount) {
  EXPECT_TRUE(equal(floats(1), floats(1)));
  EXPECT_FALSE(equal(floats(1), floats(2)));
  EXPECT_TRUE(equal(floats(std::nanf("1")), floats(std::nanf("2"))));
  EXPECT_FALSE(equal(floats(1), floats(1, "V 2")));
  EXPECT_FALSE(equal(floats(1), floats(1, std::nullopt)));
}

/// A ring of tables of this length.
Object ring(int length) {
  Object object;
  Table& first = object.make_table();
  Table* last = &first;
  for (int i = 1; i < length; ++i) {
    Table& next = object.make_table();
    last->set(1, next);
    last = &next;
  }
  last->set(1, first);
  object.set_root(first);
  return object;
}

TEST(Equal, CyclesAreCompared) {
  EXPECT_TRUE(equal(ring(3), ring(3)));
  EXPECT_FALSE(equal(ring(3), ring(6)));
  EXPECT_TRUE(equal(ring(1'000'000), ring(1'000'000)));  // no recursion
}

TEST(Equal, TablesAreEqualInAnyOrder) {
  Object a;
  Table& forwards = a.make_table();
  for (int i = 0; i < 50; ++i) forwards.set(a.make_string(std::to_string(i)), i);
  Object b;
  Table& backwards = b.make_table();
  for (int i = 49; i >= 0; --i) backwards.set(b.make_string(std::to_string(i)), i);
  EXPECT_TRUE(equal(forwards, backwards));
  backwards.set(b.make_string("7"), 8);
  EXPECT_FALSE(equal(forwards, backwards));
}

}  // namespace
}  // namespace sconce::core
