// Many objects in one answer: each an entry of a tar, or all of them one tensor.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <sstream>
#include <thread>

#include "core/graph/serialize.h"
#include "tests/hostile/wire.h"
#include "tests/server/http_client.h"
#include "tests/server/server_process.h"
#include "tests/support/files.h"
#include "tests/support/float_tensor.h"
#include "tests/support/golden.h"

namespace sconce::tests {
namespace {

using nlohmann::json;

class BatchGetOverHttp : public testing::Test {
 protected:
  HttpResponse send(const HttpRequest& request) { return http(server_.port(), request); }
  void put(const std::string& key, const std::string& body) {
    ASSERT_EQ(send({.method = "PUT", .target = "/v1/objects/" + key, .fields = {}, .body = body}).status, 201U);
  }
  std::string get(const std::string& target) { return send({.target = "/v1/objects/" + target}).body; }
  HttpResponse get_batch(const json& request) {
    return send({.method = "POST", .target = "/v1/batch/get", .fields = {}, .body = request.dump()});
  }

  /// Small objects that the store has read so far.
  std::uint64_t values_read() {
    const std::string metrics = send({.target = "/metrics"}).body;
    const std::string name = "\nsconce_store_values_read_total ";
    return std::stoull(metrics.substr(metrics.find(name) + name.size()));
  }

  /// The names in a tar, in order, as GNU tar lists them. What they hold is in `folder_` then.
  std::string unpacked(const std::string& tar) {
    const std::string file = directory_.write("answer.tar", tar);
    const std::string list = directory_ / "list";
    std::filesystem::create_directories(folder_);
    const std::string command = "tar -tf " + file + " > " + list + " && tar -C " + folder_ + " -xf " + file;
    EXPECT_EQ(std::system(command.c_str()), 0);
    return read_file(list);
  }

  TemporaryDirectory directory_;
  const std::string folder_ = directory_ / "out";
  ServerProcess server_{directory_.path() / "data", {"--batch-entries-max", "3000"}};
};

TEST_F(BatchGetOverHttp, EntriesStandInTheOrderOfTheRequest) {
  const std::string small = float_tensor({2, 3}, 0);
  const std::string large = float_tensor({1000, 1000}, 7);
  put("b/small", small);
  put("a", large);
  const HttpResponse answer =
      get_batch({{"items", {{{"key", "b/small"}}, {{"key", "a"}}, {{"key", "b/small"}, {"slice", "1"}}}}});
  EXPECT_EQ(answer.status, 200U);
  EXPECT_EQ(answer.field("content-type"), "application/x-tar");
  EXPECT_EQ(unpacked(answer.body), "objects/b/small\nobjects/a\nobjects/b/small?slice=1\n");
  EXPECT_EQ(read_file(folder_ + "/objects/b/small"), small);
  EXPECT_TRUE(read_file(folder_ + "/objects/a") == large);
  EXPECT_EQ(read_file(folder_ + "/objects/b/small?slice=1"), get("b/small?slice=1"));
}

TEST_F(BatchGetOverHttp, NamesAreTheBytesOfKeys) {
  const std::string long_name(120, 'x');  // more than a header has room for
  const std::string in_target = "gr%C3%B6%C3%9Fe/" + long_name;
  put(in_target, float_tensor({1000}, 0));
  const json item = {{"key", "gr\xc3\xb6\xc3\x9f\x65/" + long_name}};
  unpacked(get_batch({{"items", json::array({item})}}).body);
  EXPECT_EQ(read_file(folder_ + "/objects/gr\xc3\xb6\xc3\x9f\x65/" + long_name), get(in_target));
}

/// Answered where it was asked, on the I/O thread, or by a worker: the same bytes.
TEST_F(BatchGetOverHttp, WhatIsInMemoryIsAnsweredAsFromTheDisk) {
  put("small", float_tensor({1000}, 0));
  put("large", float_tensor({300, 1000}, 7));  // in chunks, which are not looked up in memory
  const json small = {{{"key", "small"}}, {{"key", "none"}}, {{"key", "small"}}};
  const HttpResponse in_memory = get_batch({{"items", small}});
  EXPECT_EQ(unpacked(in_memory.body), "objects/small\nproblems/none\nobjects/small\n");
  EXPECT_EQ(read_file(folder_ + "/objects/small"), get("small"));
  json with_large = small;
  with_large.push_back({{"key", "large"}});
  const HttpResponse by_worker = get_batch({{"items", with_large}});
  const std::size_t entries = in_memory.body.find("problems/none");
  EXPECT_EQ(by_worker.body.substr(0, entries), in_memory.body.substr(0, entries));
  EXPECT_EQ(unpacked(by_worker.body), "objects/small\nproblems/none\nobjects/small\nobjects/large\n");
  EXPECT_TRUE(read_file(folder_ + "/objects/large") == get("large"));
}

/// After a restart nothing is in memory, and a part of it is after one read.
TEST(BatchGet, FindsWhatIsOnlyOnTheDisk) {
  const TemporaryDirectory directory;
  const std::string object = float_tensor({5000}, 3);
  const json request = {{"items", {{{"key", "a"}}, {{"key", "b"}}}}};
  const HttpRequest batch = {.method = "POST", .target = "/v1/batch/get", .fields = {}, .body = request.dump()};
  {
    const ServerProcess server(directory / "data");
    for (const char* key : {"a", "b"}) {
      const HttpRequest put = {
          .method = "PUT", .target = std::string("/v1/objects/") + key, .fields = {}, .body = object};
      ASSERT_EQ(http(server.port(), put).status, 201U);
    }
  }
  const ServerProcess server(directory / "data");
  EXPECT_EQ(http(server.port(), {.target = "/v1/objects/a"}).body, object);
  const HttpResponse answer = http(server.port(), batch);
  EXPECT_EQ(answer.body.find("problems/"), std::string::npos);
  EXPECT_NE(answer.body.find("objects/b"), std::string::npos);
  EXPECT_NE(answer.body.find(object, answer.body.find("objects/b")), std::string::npos);
}

/// What is made before the head is sent can say its length there; the rest comes in chunks.
TEST_F(BatchGetOverHttp, AnAnswerOfOnePieceSaysItsLength) {
  put("small", float_tensor({1000}, 0));
  put("large", float_tensor({1000, 1000}, 7));
  const HttpResponse one = get_batch({{"items", {{{"key", "small"}}, {{"key", "small"}}}}});
  EXPECT_EQ(one.field("content-length"), std::to_string(one.body.size()));
  EXPECT_EQ(one.field("transfer-encoding"), "");
  const HttpResponse many = get_batch({{"items", {{{"key", "small"}}, {{"key", "large"}}}}});
  EXPECT_EQ(many.field("content-length"), "");
  EXPECT_EQ(many.field("transfer-encoding"), "chunked");
  EXPECT_TRUE(many.whole);
}

/// What follows the key in a name of an entry is a query.
TEST_F(BatchGetOverHttp, TheQueryInANameGetsTheSame) {
  put("a", Wire()
               .table(1, 3)
               .string("a b+c&d%e?f")
               .string("1")
               .string("\xc3\xa4")
               .string("2")
               .string("x")
               .string("3")
               .bytes());
  const json items = {{{"key", "a"}, {"path", "[\"a b+c&d%e?f\"]"}}, {{"key", "a"}, {"path", "[\"\xc3\xa4\"]"}}};
  const std::string names = unpacked(get_batch({{"items", items}}).body);
  EXPECT_EQ(names, "objects/a?path=[%22a%20b%2Bc%26d%25e%3Ff%22]\nobjects/a?path=[%22%C3%A4%22]\n");
  std::istringstream lines(names);
  for (std::string name; std::getline(lines, name);) {
    EXPECT_EQ(read_file(folder_ + '/' + name), get(name.substr(std::string_view("objects/").size()))) << name;
  }
  EXPECT_EQ(get("a?path=[%22%C3%A4%22]"), Wire().string("2").bytes());
}

TEST_F(BatchGetOverHttp, WhatFailsIsAProblemAndTheRestGoesOn) {
  put("mlp", read_golden("nn_mlp.ascii.ref.t7"));
  const HttpResponse answer = get_batch({{"items",
                                          {{{"key", "none"}},
                                           {{"key", "mlp"}, {"path", "modules[9]"}},
                                           {{"key", "mlp"}, {"path", "modules[1].bias"}},
                                           {{"key", "mlp"}, {"path", "modules[1]"}}}},
                                         {"format", "npy"}});
  EXPECT_EQ(answer.status, 200U);
  EXPECT_EQ(unpacked(answer.body),
            "problems/none\nproblems/mlp?path=modules[9]\nobjects/mlp?path=modules[1].bias\n"
            "problems/mlp?path=modules[1]\n");
  EXPECT_EQ(json::parse(read_file(folder_ + "/problems/none")).at("code"), "not_found");
  EXPECT_EQ(json::parse(read_file(folder_ + "/problems/mlp?path=modules[9]")).at("path"), "modules");
  EXPECT_EQ(json::parse(read_file(folder_ + "/problems/mlp?path=modules[1]")).at("status"), 422);
  EXPECT_EQ(read_file(folder_ + "/objects/mlp?path=modules[1].bias"),
            send({.target = "/v1/objects/mlp?path=modules%5B1%5D.bias&format=npy"}).body);
}

/// What is larger than a piece, and of no size that is known before it is made.
TEST_F(BatchGetOverHttp, LargeEntriesInTextHaveTheSizeThatTheTarSays) {
  put("a", float_tensor({1000, 500}, 0.5F));
  const HttpResponse answer = get_batch({{"items", {{{"key", "a"}}, {{"key", "a"}}}}, {"format", "ascii"}});
  EXPECT_EQ(unpacked(answer.body), "objects/a\nobjects/a\n");
  EXPECT_TRUE(read_file(folder_ + "/objects/a") == get("a?format=ascii"));
}

TEST_F(BatchGetOverHttp, ThousandsOfItemsComeInOneAnswer) {
  put("a", float_tensor({1}, 1));
  json items = json::array();
  std::string names;
  for (int i = 0; i < 3000; ++i) {
    items.push_back({{"key", i % 7 == 3 ? "none" : "a"}});
    names += i % 7 == 3 ? "problems/none\n" : "objects/a\n";
  }
  EXPECT_EQ(unpacked(get_batch({{"items", items}}).body), names);
  items.push_back({{"key", "a"}});
  const HttpResponse refused = get_batch({{"items", items}});
  EXPECT_EQ(refused.status, 413U);
  EXPECT_EQ(unpacked(get_batch({{"items", json::array()}}).body), "");
}

/// A client that takes its time holds up the piece that is being sent while the next one is made.
TEST_F(BatchGetOverHttp, ASlowClientGetsWhatAFastOneGets) {
  json items = json::array();
  for (int i = 0; i < 40; ++i) {
    put("d/" + std::to_string(i), float_tensor({5000}, static_cast<float>(i)));
    for (int again = 0; again < 40; ++again) items.push_back({{"key", "d/" + std::to_string(i)}});
  }
  const HttpRequest request = {
      .method = "POST", .target = "/v1/batch/get", .fields = {}, .body = json({{"items", items}}).dump()};
  const HttpResponse fast = send(request);
  HttpConnection slow(server_.port());
  const std::uint64_t read_before = values_read();
  ASSERT_TRUE(slow.send(text_of(request)));
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_LT(values_read() - read_before, items.size()) << "all was read before the client took the first bytes";
  EXPECT_TRUE(slow.receive().body == fast.body);
  const std::string tar = unpacked(fast.body);
  for (int i = 0; i < 40; ++i) {
    EXPECT_TRUE(read_file(folder_ + "/objects/d/" + std::to_string(i)) == float_tensor({5000}, static_cast<float>(i)));
  }
}

TEST_F(BatchGetOverHttp, AStackIsOneTensorInEveryFormatOfTensors) {
  json items = json::array();
  for (int i = 0; i < 100; ++i) {
    put("s/" + std::to_string(i), float_tensor({2, 3}, static_cast<float>(6 * i)));
    items.push_back({{"key", "s/" + std::to_string(i)}});
  }
  const std::string expected = float_tensor({100, 2, 3}, 0);
  put("expected", expected);
  for (const std::string format : {"binary", "ascii", "b32", "json", "npy", "npz", "safetensors"}) {
    const HttpResponse answer = get_batch({{"items", items}, {"as", "stack"}, {"format", format}});
    EXPECT_EQ(answer.status, 200U) << answer.body;
    const HttpResponse same = send({.target = "/v1/objects/expected?format=" + format});
    EXPECT_TRUE(answer.body == same.body) << format;
    EXPECT_EQ(answer.field("content-type"), same.field("content-type"));
  }
}

TEST_F(BatchGetOverHttp, PartsAndSlicesStackToo) {
  put("a", float_tensor({4, 3}, 0));
  const HttpResponse answer =
      get_batch({{"items", {{{"key", "a"}, {"slice", ":,0"}}, {{"key", "a"}, {"slice", "::-1,2"}}}},
                 {"as", "stack"},
                 {"format", "json"},
                 {"style", "plain"}});
  EXPECT_EQ(answer.body, "[[0,3,6,9],[11,8,5,2]]\n");
}

TEST_F(BatchGetOverHttp, WhatDoesNotStackIsNamed) {
  put("a", float_tensor({2, 3}, 0));
  put("b", float_tensor({3, 2}, 0));
  put("table", read_golden("nn_mlp.ascii.ref.t7"));
  struct Row {
    json item;
    unsigned status;
    std::string detail;
  };
  const Row rows[] = {
      {{{"key", "b"}},
       422,
       "item 1, `b`: a torch.FloatTensor of 3x2 does not stack with a torch.FloatTensor of 2x3, which item 0 is"},
      {{{"key", "none"}}, 404, "item 1, `none`: there is no object under this key"},
      {{{"key", "table"}}, 422, "item 1, `table`: only tensors stack, and this part is an instance"},
  };
  for (const Row& row : rows) {
    const HttpResponse refused = get_batch({{"items", {{{"key", "a"}}, row.item}}, {"as", "stack"}});
    EXPECT_EQ(refused.status, row.status);
    EXPECT_EQ(json::parse(refused.body).at("detail"), row.detail);
  }
  EXPECT_EQ(get_batch({{"items", json::array()}, {"as", "stack"}}).status, 400U);
}

TEST_F(BatchGetOverHttp, RequestsThatCannotBeReadAreRefused) {
  struct Row {
    std::string body;
    std::string detail;
  };
  const Row rows[] = {
      {"", "the body: byte 0: the JSON ends before its value does"},
      {"[]", "the body: the document is not an object"},
      {"{}", "the body: `items` is not an array"},
      {R"({"items":[1]})", "the body: an item is not an object"},
      {R"({"items":[{}]})", "the body: an item has no `key`"},
      {R"({"items":[{"key":1}]})", "the body: `key` is not a string"},
      {R"({"items":[{"key":"a","kye":"b"}]})", "the body: an item has the member `kye`, which is not known"},
      {R"({"items":[{"key":"a","key":"b"}]})", "the body: byte 21: the member `key` stands twice"},
      {R"({"items":[],"as":"zip"})", "the body: `as` is tar or stack"},
      {R"({"items":[{"key":"a"},{"key":"../b"}]})", "item 1: "},
      {R"({"items":[{"key":"a","path":"a["}]})", "item 0: the query parameter `path`, at its byte 2: "},
      {R"({"items":[{"key":"a","slice":"x"}]})", "item 0: the query parameter `slice`, at its byte 0: "},
      {R"({"items":[{"key":"a"}],"style":"plain"})", "item 0: the query parameter `style` goes with the format json"},
  };
  for (const Row& row : rows) {
    const HttpResponse refused = send({.method = "POST", .target = "/v1/batch/get", .fields = {}, .body = row.body});
    EXPECT_EQ(refused.status, 400U) << row.body;
    const std::string detail = json::parse(refused.body).at("detail");
    EXPECT_TRUE(detail.starts_with(row.detail)) << row.body << ": " << detail;
  }
  EXPECT_EQ(get_batch({{"items", json::array()}, {"format", "pickle"}}).status, 406U);
}

}  // namespace
}  // namespace sconce::tests
