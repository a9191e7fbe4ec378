// Small requests that ask for much: each is refused, saying which limit it meets, and the server goes on.

#include <gtest/gtest.h>

#include <string>

#include "tests/hostile/wire.h"
#include "tests/integration/objects/served_objects.h"

namespace sconce::tests {
namespace {

std::string repeated(std::string_view text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

/// Tables that hold the next one.
std::string json_tables(int levels) {
  std::string text;
  for (int i = 1; i <= levels; ++i) text += "{\"table\":" + std::to_string(i) + R"(,"count":1,"pairs":[[1,)";
  return text;
}
std::string ascii_tables(int levels) {
  std::string text;
  for (int i = 1; i <= levels; ++i) text += "3\n" + std::to_string(i) + "\n1\n1\n1\n";
  return text;
}

/// A tensor of 2^40 elements, all of them the one that its storage has.
std::string all_the_same() {
  constexpr std::int64_t kSize = 1 << 20;
  Wire wire;
  wire.instance(1, "torch.FloatTensor").i32(2).i64(kSize).i64(kSize).i64(0).i64(0).i64(1);
  return wire.instance(2, "torch.FloatStorage").i64(1).raw(std::string("\0\0\x80?", 4)).bytes();
}

/// A table of that many references to one tensor of 1 MiB.
std::string shared_tensor(int references) {
  Wire wire;
  wire.table(1, references).number(1).instance(2, "torch.ByteTensor").i32(1).i64(1 << 20).i64(1).i64(1);
  wire.instance(3, "torch.ByteStorage").i64(1 << 20).raw(std::string(1 << 20, 'x'));
  for (int i = 2; i <= references; ++i) wire.number(i).again(core::tag::kInstance, 2);
  return wire.bytes();
}

/// Whatever part the problem names.
void expect_limit(const HttpResponse& response, unsigned status, const std::string& says) {
  EXPECT_EQ(response.status, status);
  const nlohmann::json document = nlohmann::json::parse(response.body);
  EXPECT_EQ(document.at("code"), "limit_exceeded") << response.body;
  EXPECT_NE(document.at("detail").get<std::string>().find(says), std::string::npos) << response.body;
}

class Amplification : public ServedObjects {
 protected:
  Amplification() : ServedObjects({"--batch-entries-max", "100", "--held-bytes-max", "8388608"}) {}

  HttpResponse post(const std::string& target, const std::string& body) {
    return send({.method = "POST", .target = target, .fields = {}, .body = body});
  }
  void expect_alive() { EXPECT_EQ(send({.target = "/healthz"}).status, 200U); }
};

/// What comes up to a limit of 256 MiB or ten million parts, which takes minutes under a sanitizer.
class MeasuredAmplification : public Amplification {};

TEST_F(MeasuredAmplification, WhatIsSharedCannotBeWrittenInFullWithoutEnd) {
  const std::string object = doubled_tables(60);
  ASSERT_LT(object.size(), 3000U);
  put("a", object);
  const std::string says = "more than 10000000 parts";
  for (const char* format : {"binary", "ascii", "b32"}) {
    expect_limit(get("a", {{"referenced", "false"}, {"format", format}}), 422, says);
    expect_limit(post(std::string("/v1/convert?referenced=false&to=") + format, object), 400, says);
  }
  expect_limit(get("a", {{"format", "json"}, {"style", "plain"}}), 422, "268435456 bytes");
  EXPECT_EQ(body_of("a"), object);
  expect_alive();
}

TEST_F(MeasuredAmplification, ElementsThatAreSharedAreBounded) {
  put("one", all_the_same());
  put("many", shared_tensor(300));
  for (const char* format : {"npy", "safetensors"}) {
    expect_limit(get("one", {{"format", format}}), 422, "268435456 bytes");
  }
  for (const char* format : {"npz", "safetensors"}) {
    expect_limit(get("many", {{"format", format}}), 422, "268435456 bytes");
  }
  expect_limit(get("one", {{"format", "json"}, {"style", "plain"}}), 422, "");
  expect_limit(post("/v1/batch/get", R"({"items":[{"key":"one"},{"key":"one"}],"format":"npy","as":"stack"})"), 422,
               "");
  // What is asked for is what counts, and what shares stays so where the format can say it.
  EXPECT_EQ(body_of("one", {{"format", "npy"}, {"slice", "5:7,:3"}}).size(), 128U + 24U);
  EXPECT_LT(body_of("one", {{"format", "json"}}).size(), 1000U);
  EXPECT_LT(body_of("one", {{"format", "ascii"}}).size(), 1000U);
  expect_alive();
}

TEST_F(Amplification, WhatIsClaimedIsNotBelieved) {
  const std::string huge = "1000000000000000";
  const std::string storage = "4\n1\n3\nV 1\n18\ntorch.FloatStorage\n" + huge + "\n1 2 3\n";
  const std::string safetensors_header = std::string("\0\0\0\0\0\0\0\x10", 8) + "{}";
  struct Row {
    const char* what;
    const char* format;
    std::string body;
    const char* code;
    std::string says;
  };
  const Row rows[] = {
      {"a storage in ascii", "ascii", storage, "truncated", huge},
      {"a string in ascii", "ascii", "2\n2147483647\nabc\n", "truncated", "2147483647"},
      {"a tensor in ascii", "ascii", "4\n1\n3\nV 1\n17\ntorch.FloatTensor\n2\n" + huge + " " + huge + "\n1 1\n1\n0\n",
       "malformed", ""},
      {"a table", "binary", Wire().table(1, 0x7fffffff).bytes(), "truncated", "2147483647"},
      {"a storage", "binary", Wire().instance(1, "torch.FloatStorage").i64(std::int64_t{1} << 60).bytes(), "truncated",
       ""},
      {"tables in json", "json", json_tables(20'000), "limit_exceeded", "10000"},
      {"tables in ascii", "ascii", ascii_tables(20'000), "limit_exceeded", "10000"},
      {"a safetensors header", "safetensors", safetensors_header, "limit_exceeded", "33554432"},
      {"an npy header", "npy", std::string("\x93NUMPY\2\0\xff\xff\xff\x7f{", 13), "limit_exceeded", "65536"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    const HttpResponse refused = http(
        server_.port(),
        {.method = "PUT", .target = "/v1/objects/a?format=" + std::string(row.format), .fields = {}, .body = row.body});
    EXPECT_EQ(refused.status, 400U);
    const nlohmann::json document = nlohmann::json::parse(refused.body);
    EXPECT_EQ(document.at("code"), row.code) << refused.body;
    EXPECT_NE(document.at("detail").get<std::string>().find(row.says), std::string::npos) << refused.body;
  }
  expect_alive();
}

TEST_F(Amplification, ListsInARequestAreBounded) {
  put("a", "1\n1\n");
  struct Row {
    const char* what;
    HttpRequest request;
    unsigned status;
    const char* code;
    const char* says;
  };
  const std::string object = "/v1/objects/a";
  const auto item = R"({"key":"a"},)";
  const std::string last = R"({"key":"a"}]})";
  const Row rows[] = {
      {"ranges",
       {.target = object, .fields = {"Range: bytes=0-0" + repeated(",0-0", 32)}},
       416,
       "range_not_satisfiable",
       "32"},
      {"slices", {.target = object + "?slice=0" + repeated(",0", 64)}, 400, "bad_query", "64 items"},
      {"steps of a path", {.target = object + "?path=a" + repeated(".a", 256)}, 400, "bad_query", "256 steps"},
      {"a parameter twice", {.target = object + "?format=ascii&format=ascii"}, 400, "bad_query", "twice"},
      {"a long query", {.target = object + "?path=" + std::string(20'000, 'a')}, 414, "uri_too_long", "16384 bytes"},
      {"types", {.target = object, .fields = {"Accept: a/b" + repeated(",a/b", 100)}}, 400, "bad_header", "100"},
      {"parameters of a type",
       {.target = object, .fields = {"Accept: */*" + repeated(";a=b", 101)}},
       400,
       "bad_header",
       "100"},
      {"tags",
       {.target = object, .fields = {"If-None-Match: \"a\"" + repeated(",\"a\"", 100)}},
       400,
       "bad_header",
       "100 entity tags"},
      {"tags of a write",
       {.method = "DELETE", .target = object, .fields = {"If-Match: \"a\"" + repeated(",\"a\"", 100)}},
       400,
       "bad_header",
       "100 entity tags"},
      {"metadata",
       {.method = "PUT", .target = object, .fields = {"Sconce-Meta-A: " + std::string(8192, 'a')}, .body = "1\n1\n"},
       431,
       "header_too_large",
       "8192 bytes"},
      {"names of metadata",
       {.method = "PUT", .target = object, .fields = {repeated("Sconce-Meta-A: b\r\n", 1000)}, .body = "1\n1\n"},
       431,
       "header_too_large",
       "16384 bytes"},
      {"items",
       {.method = "POST", .target = "/v1/batch/get", .body = "{\"items\":[" + repeated(item, 100) + last},
       413,
       "body_too_large",
       "100 items"},
      {"names in a listing", {.target = "/v1/objects?limit=10001"}, 400, "bad_query", "10000"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    const HttpResponse refused = http(server_.port(), row.request);
    EXPECT_EQ(refused.status, row.status) << refused.body;
    const nlohmann::json document = nlohmann::json::parse(refused.body);
    EXPECT_EQ(document.at("code"), row.code) << refused.body;
    EXPECT_NE(document.at("detail").get<std::string>().find(row.says), std::string::npos) << refused.body;
  }
  // A list that only asks for one thing again and again costs no more than once.
  const HttpResponse digested =
      get("a", {{"format", "ascii"}}, {"Want-Repr-Digest: sha-256=1" + repeated(",sha-256=1", 1000)});
  EXPECT_EQ(digested.status, 200U);
  EXPECT_TRUE(digested.field("repr-digest").starts_with("sha-256=:"));
  EXPECT_EQ(digested.field("repr-digest").find(','), std::string::npos);
}

}  // namespace
}  // namespace sconce::tests
