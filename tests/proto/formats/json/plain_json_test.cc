#include "proto/formats/json/plain_json.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "tests/support/golden.h"

namespace sconce::tests {
namespace {

using core::ErrorCode;
using core::Object;
using core::Value;

std::string plain(const Value& value, const proto::PlainJsonOptions& options = {}) {
  std::string json;
  core::StringSink out(json);
  const core::Status status = proto::write_plain_json(value, out, options);
  return status ? json : to_string(status.error());
}

core::Error refusal(const Value& value, const proto::PlainJsonOptions& options = {}) {
  std::string json;
  core::StringSink out(json);
  const core::Status status = proto::write_plain_json(value, out, options);
  return status ? core::Error{.what = json} : status.error();
}

template <class T>
std::span<const std::byte> elements(const std::vector<T>& values) {
  return std::as_bytes(std::span(values));
}

const core::TensorClass kFloat = {core::ElementType::f32, core::Device::cpu};
const core::TensorClass kInt = {core::ElementType::i32, core::Device::cpu};

TEST(PlainJson, Scalars) {
  const std::pair<Value, std::string_view> rows[] = {
      {Value(), "null\n"},
      {true, "true\n"},
      {false, "false\n"},
      {0, "0\n"},
      {-0.0, "-0.0\n"},
      {100000, "100000\n"},
      {9007199254740992.0, "9007199254740992\n"},
      {1e22, "1e+22\n"},
      {0.1, "0.1\n"},
      {std::numeric_limits<double>::quiet_NaN(), "null\n"},
      {std::numeric_limits<double>::infinity(), "null\n"},
      {-std::numeric_limits<double>::infinity(), "null\n"},
      {Value::view_of("a\"ä\n"), "\"a\\\"ä\\n\"\n"},
  };
  for (const auto& [value, json] : rows) EXPECT_EQ(plain(value), json);
}

TEST(PlainJson, Tables) {
  Object object;
  core::Table& empty = object.make_table();
  EXPECT_EQ(plain(empty), "[]\n");
  core::Table& list = object.make_table();
  for (const int i : {3, 1, 2}) list.set(i, i * 10);
  EXPECT_EQ(plain(list), "[10,20,30]\n");
  core::Table& map = object.make_table();
  map.set(Value::view_of("b"), list);
  map.set(Value::view_of("a\n"), list);
  map.set(Value::view_of(""), empty);
  EXPECT_EQ(plain(map), "{\"b\":[10,20,30],\"a\\n\":[10,20,30],\"\":[]}\n");
}

TEST(PlainJson, Instances) {
  Object object;
  core::Table& fields = object.make_table();
  fields.set(Value::view_of("weight"), 1);
  core::Instance& plain_class = object.make_instance("nn.Linear");
  plain_class.append(Value(fields));
  EXPECT_EQ(plain(plain_class), "{\"weight\":1}\n");
  core::Instance& declared = object.make_instance("tds.Hash");
  EXPECT_EQ(plain(declared), "[]\n");
  const std::int64_t numbers[] = {1, 2};
  const auto bytes = std::as_bytes(std::span(numbers));
  declared.append(core::ScalarArray{core::ElementType::i64, 1, bytes.first(8)});
  EXPECT_EQ(plain(declared), "1\n");
  declared.append(Value::view_of("k"));
  declared.append(core::ScalarArray{core::ElementType::i64, 2, bytes});
  declared.append(core::ScalarArray{core::ElementType::i64, 0, {}});
  EXPECT_EQ(plain(declared), "[1,\"k\",[1,2],[]]\n");
}

struct TensorRow {
  std::vector<std::int64_t> sizes;
  std::vector<std::int64_t> strides;
  std::int64_t offset;
  std::string_view json;
};

TEST(PlainJson, TensorsAreArraysInArrays) {
  const std::vector<std::int32_t> numbers = {0, 1, 2, 3, 4, 5, 6, 7};
  const TensorRow rows[] = {
      {{3}, {1}, 2, "[1,2,3]\n"},
      {{3}, {2}, 1, "[0,2,4]\n"},
      {{3}, {0}, 1, "[0,0,0]\n"},
      {{3}, {-1}, 3, "[2,1,0]\n"},
      {{2, 3}, {3, 1}, 1, "[[0,1,2],[3,4,5]]\n"},
      {{3, 2}, {1, 3}, 1, "[[0,3],[1,4],[2,5]]\n"},
      {{2, 2, 2}, {4, 2, 1}, 1, "[[[0,1],[2,3]],[[4,5],[6,7]]]\n"},
      {{1, 1, 1}, {1, 1, 1}, 8, "[[[7]]]\n"},
      {{}, {}, 1, "[]\n"},
      {{2, 0}, {1, 1}, 1, "[]\n"},
  };
  for (const TensorRow& row : rows) {
    Object object;
    const core::Storage& storage = object.make_storage(kInt, elements(numbers));
    const auto tensor = object.make_tensor(kInt, row.sizes, row.strides, row.offset, &storage);
    ASSERT_TRUE(tensor);
    EXPECT_EQ(plain(**tensor), row.json);
  }
}

TEST(PlainJson, StoragesAreArrays) {
  Object object;
  const std::vector<float> numbers = {0.1F, -0.0F, 16777216.0F, 1e10F, std::bit_cast<float>(0x7fc00001U)};
  EXPECT_EQ(plain(object.make_storage(kFloat, elements(numbers))), "[0.1,-0.0,16777216,10000000000,null]\n");
  EXPECT_EQ(plain(object.make_storage(kFloat, {})), "[]\n");
}

TEST(PlainJson, WhatItCannotSayIsRefusedWithThePath) {
  Object object;
  const auto in_table = [&](const Value& key, const Value& value) {
    core::Table& table = object.make_table();
    table.set(Value::view_of("a"), 1);
    core::Table& inner = object.make_table();
    inner.set(key, value);
    table.set(Value::view_of("b"), inner);
    return Value(table);
  };
  core::Table& mixed = object.make_table();
  mixed.set(1, 1);
  mixed.set(Value::view_of("x"), 1);
  core::Table& holed = object.make_table();
  holed.set(1, 1);
  holed.set(3, 1);
  core::Table& cyclic = object.make_table();
  cyclic.set(Value::view_of("self"), cyclic);
  core::Instance& cyclic_instance = object.make_instance("a");
  core::Table& fields = object.make_table();
  fields.set(Value::view_of("me"), cyclic_instance);
  cyclic_instance.append(Value(fields));
  struct Row {
    Value value;
    std::string_view path;
    std::string_view says;
  };
  const Row rows[] = {
      {in_table(0, 1), "b", "a key that is a number"},
      {in_table(1.5, 1), "b", "a key that is a number"},
      {in_table(2, 1), "b", "a key that is a number"},
      {in_table(1e300, 1), "b", "a key that is a number"},
      {in_table(true, 1), "b", "a key that is a boolean"},
      {in_table(mixed, 1), "b", "a key that is a table"},
      {in_table(1, mixed), "b[1]", "a key that is a number"},
      {in_table(1, holed), "b[1]", "a key that is a number"},
      {in_table(1, Value::view_of("\xff")), "b[1]", "not UTF-8"},
      {in_table(Value::view_of("\xff"), 1), R"(b["\xff"])", "not UTF-8"},
      {in_table(Value::view_of("f"), object.make_function(8, "x", Value())), "b.f", "a function"},
      {in_table(1, cyclic), "b[1].self", "contains itself"},
      {cyclic_instance, "me", "contains itself"},
  };
  for (const Row& row : rows) {
    const core::Error error = refusal(row.value);
    EXPECT_EQ(error.code, ErrorCode::unrepresentable) << row.says;
    EXPECT_EQ(error.path, row.path) << to_string(error);
    EXPECT_TRUE(error.what.contains(row.says)) << to_string(error);
  }
}

TEST(PlainJson, WhatGrowsWithoutEndIsStopped) {
  Object object;
  Value doubled = 1;
  for (int i = 0; i < 60; ++i) {
    core::Table& table = object.make_table();
    table.set(1, doubled);
    table.set(2, doubled);
    doubled = table;
  }
  EXPECT_EQ(refusal(doubled, {.bytes_max = 1'000'000}).code, ErrorCode::limit_exceeded);
  const std::vector<float> one = {1};
  const core::Storage& storage = object.make_storage(kFloat, elements(one));
  const std::int64_t sizes[] = {1'000'000, 1'000'000};
  const std::int64_t strides[] = {0, 0};
  const auto tensor = object.make_tensor(kFloat, sizes, strides, 1, &storage);
  ASSERT_TRUE(tensor);
  EXPECT_EQ(refusal(**tensor, {.bytes_max = 1'000'000}).code, ErrorCode::limit_exceeded);
  EXPECT_EQ(plain(1, {.bytes_max = 2}), "1\n");
  EXPECT_EQ(refusal(1, {.bytes_max = 1}).code, ErrorCode::limit_exceeded);
}

TEST(PlainJson, InstancesWithoutTextDoNotGoOnForEver) {
  Object object;
  Value doubled = object.make_table();
  for (int i = 0; i < 100'000; ++i) {
    core::Instance& instance = object.make_instance("a");
    instance.append(doubled);
    doubled = instance;
  }
  EXPECT_EQ(plain(doubled), "[]\n");
}

}  // namespace
}  // namespace sconce::tests
