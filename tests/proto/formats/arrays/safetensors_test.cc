#include "proto/formats/arrays/safetensors.h"

#include <gtest/gtest.h>

#include "tests/proto/reading.h"

namespace sconce::proto {
namespace {

using core::ErrorCode;
using Metadata = std::vector<std::pair<std::string, std::string>>;

SafetensorsReader make(core::EventSink& sink) { return SafetensorsReader(sink, {.tensors_max = 3}); }

std::string file_of(const std::string& json, const std::string& data) {
  std::string file;
  for (int i = 0; i < 8; ++i) file += static_cast<char>(json.size() >> (8 * i) & 0xff);
  return file + json + data;
}

std::string tensor(const std::string& name, const std::string& dtype, const std::string& shape,
                   const std::string& offsets) {
  return '"' + name + R"(":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + '}';
}

NamedTensor leaf(const std::string& name, Dtype dtype, const std::vector<std::int64_t>& shape) {
  return {.name = name, .dtype = dtype, .shape = shape, .elements = {}};
}

std::string events_of(const std::string& file) { return tests::events_of(make, file); }

TEST(SafetensorsReader, TensorsComeInTheOrderOfTheirBytes) {
  const std::string json = '{' + tensor("b", "I16", "[2]", "[4,8]") + ',' + tensor("a", "F32", "[1,1]", "[0,4]") + '}';
  EXPECT_EQ(events_of(file_of(json + "   ", "ffffssss")),
            "\ntable 1 2\nstring 1 inline a\ninstance 2 V 1 torch.FloatTensor\n"
            "tensor torch.FloatTensor 1 1 | 1 1 | 1\ninstance 3 V 1 torch.FloatStorage\nstorage torch.FloatTensor 1\n"
            "elements f32 ffff\nend\nend\nstring 1 inline b\ninstance 4 V 1 torch.ShortTensor\n"
            "tensor torch.ShortTensor 2 | 1 | 1\ninstance 5 V 1 torch.ShortStorage\nstorage torch.ShortTensor 2\n"
            "elements i16 ssss\nend\nend\nend");
}

TEST(SafetensorsReader, MetadataIsATableInFront) {
  const std::string json = '{' + tensor("a", "U8", "[1]", "[0,1]") + R"(,"__metadata__":{"format":"pt","k\n":""}})";
  const std::string events = events_of(file_of(json, "x"));
  EXPECT_TRUE(
      events.starts_with("\ntable 1 2\nstring 12 inline __metadata__\ntable 2 2\nstring 6 inline format\n"
                         "string 2 inline pt\nstring 2 inline k\n\nstring 0 inline \nend\nstring 1 inline a\n"
                         "instance 3 V 1"))
      << events;
}

TEST(SafetensorsReader, LongTextIsAnnounced) {
  const std::string value(200'000, 'v');
  const std::string events = events_of(file_of(R"({"__metadata__":{"k":")" + value + "\"}}", ""));
  EXPECT_NE(events.find("string 200000 \nbytes vvv"), std::string::npos);
}

TEST(SafetensorsReader, WhatTorchLacksIsAnExtension) {
  const std::string events = events_of(file_of('{' + tensor("w", "BF16", "[2,1]", "[0,4]") + '}', "aabb"));
  EXPECT_NE(events.find("instance 2 V 1 sconce.Tensor\ntable 3 3\n"), std::string::npos) << events;
  EXPECT_NE(events.find("inline BF16\n"), std::string::npos) << events;
  EXPECT_NE(events.find("elements i16 aabb\n"), std::string::npos) << events;
}

TEST(SafetensorsReader, ElementsSmallerThanAByteFillBytes) {
  const auto file = [](const std::string& shape, const std::string& data) {
    return file_of('{' + tensor("w", "F4", shape, "[0," + std::to_string(data.size()) + "]") + '}', data);
  };
  const std::string events = events_of(file("[2,3]", "abc"));
  EXPECT_NE(events.find("inline F4\n"), std::string::npos) << events;
  EXPECT_NE(events.find("tensor torch.ByteTensor 3 | 1 | 1\n"), std::string::npos) << events;
  tests::expect_refused(make, file("[3]", "ab"), ErrorCode::malformed, 8 + 51, "do not fill whole bytes: 3");
}

TEST(SafetensorsReader, NothingIsAnEmptyTable) {
  EXPECT_EQ(events_of(file_of("{}", "")), "\ntable 1 0\nend");
  EXPECT_EQ(events_of(file_of(R"({"__metadata__":{}})", "")),
            "\ntable 1 1\nstring 12 inline __metadata__\ntable 2 0\nend\nend");
  const std::string empty = '{' + tensor("a", "F64", "[0,7]", "[0,0]") + ',' + tensor("b", "I8", "[]", "[0,1]") + '}';
  EXPECT_NE(events_of(file_of(empty, "x")).find("storage torch.DoubleTensor 0\nend\nend\nstring 1 inline b\n"),
            std::string::npos);
}

TEST(SafetensorsReader, TheHeadersLengthIsBounded) {
  const auto refused = [](const std::string& file, ErrorCode code, std::string_view says) {
    tests::expect_refused(make, file, code, 8, says);
  };
  refused(std::string("\x01\xe1\xf5\x05\0\0\0\0", 8), ErrorCode::limit_exceeded, "has 100000001 bytes");
  refused(std::string(8, '\xff'), ErrorCode::limit_exceeded, "has 18446744073709551615 bytes");
  refused(std::string(8, '\0'), ErrorCode::malformed, "has 0 bytes");
  refused(std::string("\1\0\0\0\0\0\0\0{", 9), ErrorCode::malformed, "has 1 bytes");
}

TEST(SafetensorsReader, RefusesJsonThatIsNoHeader) {
  const auto refused = [](const std::string& json, std::uint64_t at, std::string_view says,
                          ErrorCode code = ErrorCode::malformed) {
    tests::expect_refused(make, file_of(json, ""), code, 8 + at, says);
  };
  refused(" {}", 0, "does not begin with {");
  refused("[]", 0, "does not begin with {");
  refused("{ ", 2, "ends before its value does");
  refused("{}}", 2, "nothing more behind the value");
  refused("{\"\xff\":1}", 2, "is not UTF-8");
  refused(R"({"a":[1]})", 5, "an array stands");
  refused(R"({"a":1})", 5, "a number stands");
  refused(R"({"a":{"shape":[[1]]}})", 15, "an array stands");
  refused(R"({"a":{"shape":{}}})", 14, "an object stands");
  refused(R"({"a":{"shape":[-1]}})", 15, "a negative number");
  refused(R"({"a":{"shape":[1.0]}})", 15, "no integer");
  refused(R"({"a":{"shape":[18446744073709551616]}})", 15, "too large");
  refused(R"({"a":{"shape":[9223372036854775808]}})", 15, "too large");
  refused(R"({"a":{"shape":null}})", 14, "null stands");
  refused(R"({"a":{"dtype":true}})", 14, "a boolean");
  refused(R"({"a":{"data_offsets":[1,2,3]}})", 26, "two integers");
  refused(R"({"a":{"data_offsets":[1]}})", 23, "two integers");
  refused(R"({"a":{"color":1}})", 6, "has the field `color`");
  refused(R"({"a":{"shape":[],"shape":[]}})", 17, "field `shape` twice");
  refused(R"({"a":{"dtype":"U8","shape":[]}})", 29, "lacks");
  refused(R"({"__metadata__":[]})", 16, "an array stands");
  refused(R"({"__metadata__":{"a":1}})", 21, "a number stands");
  refused(R"({"__metadata__":{"a":{}}})", 21, "an object stands");
  refused(R"({"__metadata__":{},"__metadata__":{}})", 19, "stands twice");
  refused(R"({"__metadata__":{"a":"","a":""}})", 0, "the key `a` twice");
  for (const std::string dtype : {"F7", "V2", "C128"}) {
    refused(R"({"a":{"dtype":")" + dtype + "\"}}", 14, "`a` has the dtype `" + dtype + '`', ErrorCode::unrepresentable);
  }
  refused(R"({"__metadata__":{"a":"","b":"","c":"","d":""}})", 38, "more than 3", ErrorCode::limit_exceeded);
}

TEST(SafetensorsReader, RefusesTensorsThatDoNotFillTheFile) {
  const auto refused = [](std::vector<std::string> tensors, std::uint64_t at, std::string_view says,
                          ErrorCode code = ErrorCode::malformed) {
    std::string json;
    for (const std::string& one : tensors) json += (json.empty() ? "{" : ",") + one;
    tests::expect_refused(make, file_of(json + '}', "xxxx"), code, 8 + at, says);
  };
  const std::string a = tensor("a", "U8", "[2]", "[0,2]");  // 51 bytes
  refused({tensor("a", "U8", "[2]", "[0,3]")}, 51, "`a` has 2 bytes, but data_offsets from 0 to 3");
  refused({tensor("a", "U8", "[2]", "[2,0]")}, 51, "but data_offsets from 2 to 0");
  refused({tensor("a", "U8", "[2]", "[1,3]")}, 51, "begins at 1, and what is before it ends at 0");
  refused({a, tensor("b", "U8", "[1]", "[3,4]")}, 103, "`b` begins at 3, and what is before it ends at 2");
  refused({a, tensor("b", "U8", "[3]", "[1,4]")}, 103, "`b` begins at 1, and what is before it ends at 2");
  refused({a, tensor("a", "U8", "[2]", "[2,4]")}, 103, "two tensors are called `a`");
  refused({tensor("a", "F32", "[4294967296,4294967296]", "[0,0]")}, 72, "multiply to more");
  refused({a, a, a, a}, 157, "more than 3", ErrorCode::limit_exceeded);
  std::string ones = "1";
  for (int i = 0; i < 1024; ++i) ones += ",1";
  refused({tensor("a", "U8", "[" + ones + "]", "[0,1]")}, 2076, "more than 1024", ErrorCode::limit_exceeded);
}

TEST(SafetensorsReader, TheBytesMustBeThoseOfTheHeader) {
  const std::string file = file_of('{' + tensor("a", "I32", "[2]", "[0,8]") + '}', "aaaabbbb");
  for (std::size_t size = 0; size < file.size(); ++size) {
    tests::expect_refused(make, file.substr(0, size), ErrorCode::truncated, size, "");
  }
  tests::expect_refused(make, file + "c", ErrorCode::trailing_bytes, file.size(), "behind the last tensor");
}

TEST(SafetensorsHeader, IsReadAsItIsWritten) {
  const std::vector<NamedTensor> leaves = {leaf("w \"1\"", Dtype::f32, {2, 1}), leaf("none", Dtype::i64, {0}),
                                           leaf("ä", Dtype::boolean, {})};
  const Metadata metadata = {{"by", "a\nb"}};
  const auto header = safetensors_header(leaves, metadata);
  ASSERT_TRUE(header) << core::to_string(header.error());
  EXPECT_EQ(header->size() % 8, 0U);
  EXPECT_TRUE(header->substr(8).starts_with(R"({"__metadata__":{"by":"a\nb"},"w \"1\"":{"dtype":"F32","shape":[2,1],)"))
      << *header;
  const std::string events = events_of(*header + "aaaabbbb1");
  EXPECT_NE(events.find("inline w \"1\"\ninstance 3 V 1 torch.FloatTensor\ntensor torch.FloatTensor 2 1"),
            std::string::npos)
      << events;
  EXPECT_NE(events.find("tensor torch.LongTensor 0 |"), std::string::npos);
  EXPECT_NE(events.find("inline ä\ninstance 7 V 1 sconce.Tensor"), std::string::npos) << events;
  EXPECT_EQ(safetensors_header({}, {})->substr(8), "{}      ");
}

TEST(SafetensorsHeader, NamesThatItCannotSayAreRefused) {
  const auto refused = [](std::vector<std::string> names, const Metadata& metadata) {
    std::vector<NamedTensor> leaves;
    for (const std::string& name : names) leaves.push_back(leaf(name, Dtype::u8, {1}));
    const auto header = safetensors_header(leaves, metadata);
    EXPECT_TRUE(!header && header.error().code == ErrorCode::unrepresentable);
    return header ? "" : header.error().what;
  };
  EXPECT_EQ(refused({"a.b", "c", "a.b"}, {}), "two tensors would be called `a.b`");
  EXPECT_EQ(refused({"__metadata__"}, {}), "no tensor of a safetensors file can be called `__metadata__`");
  EXPECT_EQ(refused({"a\xff"}, {}), "safetensors has text in UTF-8 only, and `a\\xff` is not");
  EXPECT_EQ(refused({}, {{"k", "\xff"}}), "safetensors has text in UTF-8 only, and `\\xff` is not");
}

}  // namespace
}  // namespace sconce::proto
