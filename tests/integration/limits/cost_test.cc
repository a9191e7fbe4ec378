// What small requests, and small objects, may cost the server: its memory and its processor time are measured, and each
// bound is far from what the same cost before there was one budget for a request.

#include <gtest/gtest.h>

#include <string>

#include "tests/hostile/wire.h"
#include "tests/integration/objects/served_objects.h"

namespace sconce::tests {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

/// A tensor of one byte, with that many dimensions of size 1. Its storage has the next index.
Wire& one_byte(Wire& wire, std::int32_t index, std::int32_t dimensions) {
  wire.instance(index, "torch.ByteTensor").i32(dimensions);
  for (int i = 0; i < 2 * dimensions; ++i) wire.i64(1);
  return wire.i64(1).byte_storage(index + 1, "x");
}

/// `{x, x, x, …}`, where `x`, which has the index 2, has been written behind the first key.
std::string referred_to(Wire& wire, std::int32_t tag, std::int32_t count) {
  for (std::int32_t i = 2; i <= count; ++i) wire.number(i).again(tag, 2);
  return wire.bytes();
}

/// A table of that many numbers.
Wire& numbers(Wire& wire, std::int32_t index, std::int32_t count) {
  wire.table(index, count);
  for (std::int32_t i = 1; i <= count; ++i) wire.number(i).number(i);
  return wire;
}

/// That many tensors of four bytes, each with a storage of its own.
std::string tensors(std::int32_t count) {
  Wire wire;
  wire.table(1, count);
  for (std::int32_t i = 1; i <= count; ++i) {
    wire.number(i).instance(2 * i, "torch.ByteTensor").i32(1).i64(4).i64(1).i64(1).byte_storage(2 * i + 1, "abcd");
  }
  return wire.bytes();
}

class MeasuredCost : public ServedObjects {
 protected:
  /// What a request may take, beside what the server has taken already.
  struct Bound {
    std::uint64_t memory_bytes;
    double cpu_seconds;
  };

  HttpResponse within(const Bound& bound, const HttpRequest& request) {
    server_.forget_peak_memory();
    const std::uint64_t memory = server_.peak_memory_bytes();
    const double seconds = server_.cpu_seconds();
    HttpResponse response = send(request);
    EXPECT_LT(server_.peak_memory_bytes() - memory, bound.memory_bytes) << request.target;
    EXPECT_LT(server_.cpu_seconds() - seconds, bound.cpu_seconds) << request.target;
    return response;
  }

  HttpResponse get_within(const Bound& bound, const std::string& key, const Parameters& parameters) {
    return within(bound, {.target = "/v1/objects/" + key + query_of(parameters)});
  }

  /// `item` makes the JSON of each.
  template <class Item>
  HttpResponse batch_within(const Bound& bound, int items, const std::string& rest, Item item) {
    std::string body = "{\"items\":[";
    for (int i = 0; i < items; ++i) body += (i == 0 ? "" : ",") + item(i);
    body += "]" + rest + "}";
    return within(bound, {.method = "POST", .target = "/v1/batch/get", .fields = {}, .body = body});
  }

  static void expect_limit(const HttpResponse& response, unsigned status, const std::string& says) {
    expect_problem(response, {.status = status, .code = "limit_exceeded", .says = says});
  }
};

/// 1.6 MB; took 3 GiB as safetensors and then 1.9 GiB more as npz.
TEST_F(MeasuredCost, AShapeThatIsReferredToManyTimes) {
  constexpr std::int32_t kCount = 80'000;
  Wire wire;
  put("a", referred_to(one_byte(wire.table(1, kCount).number(1), 2, 1024), core::tag::kInstance, kCount));
  for (const char* format : {"safetensors", "npz"}) {
    expect_limit(get_within({400 * kMiB, 4}, "a", {{"format", format}}), 422, "268435456 bytes");
  }
}

/// 1 MB; took 4 GiB, an outline of 60,000 parts for each reference.
TEST_F(MeasuredCost, ALargeTableThatIsReferredToManyTimes) {
  constexpr std::int32_t kNils = 60'000;
  Wire wire;
  wire.table(1, 300).number(1).table(2, kNils);
  for (std::int32_t i = 1; i <= kNils; ++i) wire.number(i).nil();
  put("a", referred_to(wire, core::tag::kTable, 300));
  for (const char* format : {"safetensors", "npz"}) {
    EXPECT_EQ(get_within({200 * kMiB, 3}, "a", {{"format", format}}).status, 200U);
  }
}

/// 1.2 MB; took 68 s and 1.3 GiB.
TEST_F(MeasuredCost, ATensorOfOursThatIsReferredToManyTimes) {
  constexpr std::int32_t kCount = 60'000;
  Wire wire;
  wire.table(1, kCount).number(1).instance(2, "sconce.Tensor").table(3, 3).string("dtype").string("BOOL");
  wire.string("shape").table(4, 1024);
  for (int i = 1; i <= 1024; ++i) wire.number(i).number(1);
  one_byte(wire.string("data"), 5, 1);
  put("a", referred_to(wire, core::tag::kInstance, kCount));
  expect_limit(get_within({400 * kMiB, 15}, "a", {{"format", "safetensors"}}), 422, "steps");
}

/// 200 KB of names that are nearly those that are there; took 51 s.
TEST_F(MeasuredCost, ABatchOfWhatIsMissing) {
  Wire wire;
  wire.table(1, 4000);
  for (int i = 0; i < 4000; ++i) wire.string(std::string(56, '0') + std::to_string(1000 + i)).number(i);
  put("a", wire.bytes());
  const auto item = [](int i) {
    return R"({"key":"a","path":"[\")" + std::string(60, '7') + std::to_string(1000 + i) + "\\\"]\"}";
  };
  const HttpResponse response = batch_within({100 * kMiB, 8}, 2000, "", item);
  EXPECT_EQ(response.status, 200U);
  EXPECT_NE(response.body.find("; it has "), std::string::npos) << "the first of them say what is there";
}

/// 2.4 KB, of an object that turns out not to be sayable once all of it has been read; took 42 s.
TEST_F(MeasuredCost, ABatchOfWhatFailsAtItsEnd) {
  constexpr std::int32_t kCount = 2'000'000;
  Wire wire;
  wire.table(1, kCount + 1);
  for (std::int32_t i = 1; i <= kCount; ++i) wire.number(i).number(i);
  wire.string("x").number(1);
  put("a", wire.bytes());
  const HttpResponse response = batch_within({400 * kMiB, 15}, 200, R"(,"format":"json","style":"plain")",
                                             [](int) { return std::string(R"({"key":"a"})"); });
  EXPECT_EQ(response.status, 200U);
  EXPECT_NE(response.body.find("unrepresentable"), std::string::npos);
  EXPECT_NE(response.body.find("fewer parts"), std::string::npos) << "the last of them are refused by the budget";
}

/// 540 KB of paths, each as deep as a path may be, into an object whose levels the outline does not hold whole.
TEST_F(MeasuredCost, ABatchOfDeepPaths) {
  constexpr std::int32_t kLevels = 250;
  Wire wire;
  wire.table(1, 4).number(9);
  for (std::int32_t i = 0; i < kLevels; ++i) wire.table(2 + i, 1).number(1);
  wire.number(5);
  for (std::int32_t i = 0; i < 3; ++i) numbers(wire.number(i), 2 + kLevels + i, 10'000);
  put("a", wire.bytes());
  std::string path = "[9]";
  for (std::int32_t i = 0; i < kLevels; ++i) path += "[1]";
  const HttpResponse response =
      batch_within({100 * kMiB, 1}, 690, "", [&](int) { return R"({"key":"a","path":")" + path + "\"}"; });
  EXPECT_EQ(response.status, 200U);
  EXPECT_EQ(response.body.find("problems/"), std::string::npos);
}

/// Large objects and batches that anybody may have; each path was a reading of the object, and this took minutes.
TEST_F(MeasuredCost, ManyTensorsAreServed) {
  put("a", tensors(100'000));
  const HttpResponse batch = batch_within({200 * kMiB, 10}, 10'000, R"(,"format":"npy")", [](int i) {
    return R"({"key":"a","path":"[)" + std::to_string(10 * i + 1) + "]\"}";
  });
  EXPECT_EQ(batch.status, 200U);
  EXPECT_EQ(batch.body.find("problems/"), std::string::npos);
  for (const char* format : {"safetensors", "npz"}) {
    EXPECT_EQ(get_within({400 * kMiB, 60}, "a", {{"format", format}}).status, 200U);
  }
}

/// 72 MB; every index was remembered, in 141 MB.
TEST_F(MeasuredCost, ABodyThatWasWrittenUnreferenced) {
  constexpr std::int32_t kCount = 3'000'000;
  Wire wire;
  wire.table(1, kCount);
  for (std::int32_t i = 1; i <= kCount; ++i) wire.number(i).table(1, 0);
  const HttpResponse stored = within(
      {48 * kMiB, 20},
      {.method = "PUT", .target = "/v1/objects/a?format=binary&referenced=false", .fields = {}, .body = wire.bytes()});
  EXPECT_EQ(stored.status, 201U);
  EXPECT_EQ(body_of("a", {{"path", "[2999999]"}}), Wire().table(1, 0).bytes()) << "it is in order";
}

/// Could take 808 MB.
TEST_F(MeasuredCost, ABodyOfScatteredIndices) {
  constexpr std::int32_t kCount = 4'000'000;
  Wire wire;
  wire.table(1, kCount);
  for (std::int32_t i = 1; i <= kCount; ++i) wire.number(i).table(2 * (kCount - i) + 3, 0);
  const HttpResponse refused = within(
      {128 * kMiB, 20}, {.method = "PUT", .target = "/v1/objects/a?format=binary", .fields = {}, .body = wire.bytes()});
  expect_problem(refused, {.status = 400, .code = "limit_exceeded", .path = "[2097153]", .says = "2097152"});
}

}  // namespace
}  // namespace sconce::tests
