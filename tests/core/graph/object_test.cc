#include "core/graph/object.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/graph/serialize.h"
#include "core/numbers/half.h"

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

/// The keys in order, each number or string followed by a blank.
std::string keys_of(const Table& table) {
  std::string keys;
  for (const auto& [key, value] : table.entries()) {
    keys += key.number() ? std::to_string(static_cast<int>(*key.number())) : std::string(*key.string());
    keys += ' ';
  }
  return keys;
}

TEST(Table, WhatIsLeftKeepsItsOrder) {
  Object object;
  Table& table = object.make_table();
  for (const char* key : {"a", "b", "c", "d"}) table.set(object.make_string(key), 1);
  for (int i = 1; i <= 4; ++i) table.set(i, i);
  table.set(object.make_string("b"), Value());
  table.set(2, Value());
  EXPECT_EQ(keys_of(table), "a c d 1 3 4 ");
  table.set(object.make_string("b"), 2);
  table.set(2, 2);
  EXPECT_EQ(keys_of(table), "a c d 1 3 4 b 2 ");
  table.set(2, Value());
  table.set(object.make_string("b"), Value());
  EXPECT_EQ(keys_of(table), "a c d 1 3 4 ");
}

/// Against a list of pairs that is searched from its begin.
TEST(Table, AnySetsInAnyOrderLeaveWhatTheyShould) {
  std::uint32_t random = 1;
  const auto next = [&random](std::uint32_t below) {
    random = random * 1664525 + 1013904223;
    return (random >> 8U) % below;
  };
  for (const std::uint32_t keys : {4U, 40U, 400U}) {
    Object object;
    Table& table = object.make_table();
    std::vector<std::pair<Value, int>> expected;
    for (int step = 1; step <= 4000; ++step) {
      const auto number = static_cast<int>(next(keys));
      const Value key = next(2) == 0 ? Value(number) : object.make_string("k" + std::to_string(number));
      const bool removes = next(5) < (step / 500 % 2 == 0 ? 2U : 4U);
      table.set(key, removes ? Value() : Value(step));
      const auto known = std::ranges::find_if(expected, [&](const auto& pair) { return same_key(pair.first, key); });
      if (known == expected.end() && !removes) expected.emplace_back(key, step);
      else if (known != expected.end() && removes) expected.erase(known);
      else if (known != expected.end()) known->second = step;
      ASSERT_EQ(table.size(), expected.size());
      ASSERT_EQ(table.get(key).is_nil(), removes);
      if (step % 97 != 0) continue;
      auto wanted = expected.begin();
      for (const auto& [each, value] : table.entries()) {
        ASSERT_TRUE(same_key(each, wanted->first)) << step;
        ASSERT_EQ(value.number(), static_cast<double>(wanted->second));
        ASSERT_EQ(table.get(each).number(), value.number());
        ++wanted;
      }
      ASSERT_EQ(wanted, expected.end());
    }
  }
}

/// Each was quadratic, so that this many took hours.
TEST(Table, SettingCostsTheSameHoweverManyThereAre) {
  constexpr int kCount = 1'000'000;
  Object object;
  Table& forwards = object.make_table();
  for (int i = 1; i <= kCount; ++i) forwards.set(i, i);
  for (int i = 1; i <= kCount; ++i) forwards.set(i, Value());
  EXPECT_EQ(forwards.size(), 0U);
  Table& backwards = object.make_table();
  for (int i = kCount; i > 0; --i) backwards.set(i, i);
  EXPECT_EQ(backwards.size(), static_cast<std::size_t>(kCount));
  for (int i = 1; i < kCount; ++i) backwards.set(i, Value());
  EXPECT_EQ(keys_of(backwards), std::to_string(kCount) + " ");
  Table& queue = object.make_table();
  for (int i = 0; i < kCount; ++i) {
    queue.set(i + 0.5, i);
    if (i >= 100) queue.set(i - 99.5, Value());
  }
  EXPECT_EQ(queue.size(), 100U);
  EXPECT_LT(queue.slots().size(), 1000U);
}

TEST(Table, RemovedPairsAreWrittenNowhere) {
  Object object;
  Table& table = object.make_table();
  for (int i = 1; i <= 100; ++i) table.set(i + 0.5, i);
  for (int i = 1; i <= 40; ++i) table.set(i + 0.5, Value());
  object.set_root(table);
  Object fewer;
  Table& same = fewer.make_table();
  for (int i = 41; i <= 100; ++i) same.set(i + 0.5, i);
  fewer.set_root(same);
  EXPECT_TRUE(equal(object, fewer));
  EXPECT_EQ(serialize(object).value(), serialize(fewer).value());
}

TEST(Table, NegativeZeroIsTheKeyZero) {
  Object object;
  Table& table = object.make_table();
  table.set(0.0, 1);
  table.set(-0.0, 2);
  EXPECT_EQ(table.size(), 1U);
  EXPECT_EQ(table.get(0.0).number(), 2.0);
}

TEST(Table, FinishingKeepsTheLastOfEqualKeysAndDropsNil) {
  Object object;
  Table& table = object.make_table();
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 100; ++i)
      table.append_unchecked(object.make_string("key" + std::to_string(i)), round * 1000 + i);
  }
  table.append_unchecked(object.make_string("key5"), Value());
  table.append_unchecked(1, Value());
  table.finish_appending();
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
