// `sconce inspect` of what a server holds, and of servers that answer what they should not.

#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "tests/cli/listener.h"
#include "tests/cli/program.h"
#include "tests/server/http_client.h"
#include "tests/server/server_process.h"
#include "tests/support/files.h"
#include "tests/support/golden.h"

namespace sconce::tests {
namespace {

class InspectKey : public testing::Test {
 protected:
  InspectKey() : server_(directory_.path() / "data") {}

  /// Stores a golden object, and returns its URL.
  std::string put(const std::string& name) const {
    const std::string target = "/v1/objects/" + name;
    const HttpResponse response =
        http(server_.port(), {.method = "PUT", .target = target, .body = read_golden(name + ".ascii.ref.t7")});
    EXPECT_EQ(response.status, 201U) << response.body;
    return "http://127.0.0.1:" + std::to_string(server_.port()) + target;
  }

  const TemporaryDirectory directory_;
  const ServerProcess server_;
};

void expect_tree(const std::string& url, const std::string& tree) {
  const Outcome run = run_sconce({"inspect", url});
  EXPECT_EQ(run.err, "");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.out, tree);
}

void expect_failure(const std::string& url, const std::string& err) {
  const Outcome run = run_sconce({"inspect", url});
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.err, "sconce: " + url + ": " + err + '\n');
}

TEST_F(InspectKey, TensorsStandAsInAFile) {
  const Outcome file = run_sconce({"inspect", "Float_shared.binary.ref.t7"});
  expect_tree(put("Float_shared"), file.out);
}

TEST_F(InspectKey, FieldsStandUnderTheirInstanceWithoutValues) {
  expect_tree(put("nn_criterion"),
              "b64, 620 bytes\n"
              "nn.ClassNLLCriterion #1\n"
              "  gradInput: torch.DoubleTensor #3: empty of f64, offset 1\n"
              "    storage: nil\n"
              "  output: number\n"
              "  target: torch.LongTensor #4: 1 of i64, strides 1, offset 1\n"
              "    storage: torch.LongStorage #5: 1 of i64, 8 bytes\n"
              "  sizeAverage: boolean\n"
              "  ignoreIndex: number\n"
              "  output_tensor: torch.DoubleTensor #6: 1 of f64, strides 1, offset 1\n"
              "    storage: torch.DoubleStorage #7: 1 of f64, 8 bytes\n"
              "  total_weight_tensor: torch.DoubleTensor #8: 1 of f64, strides 1, offset 1\n"
              "    storage: torch.DoubleStorage #9: 1 of f64, 8 bytes\n");
}

TEST_F(InspectKey, FunctionsShowTheirUpvalues) {
  expect_tree(put("func_upvalues"),
              "b64, 318 bytes\n"
              "function #1, 89 bytes of code\n"
              "  [1]: table #3, 3 pairs\n"
              "    name: string, 2 bytes\n"
              "    id: number\n"
              "    value: number\n"
              "  [2]: table #4, 3 pairs\n"
              "    name: string, 3 bytes\n"
              "    id: number\n"
              "    value: table #5, 1 pair\n"
              "      k: string, 1 byte\n");
}

TEST_F(InspectKey, AQueryNamesThePartAndTheDepth) {
  const std::string url = put("nn_mlp");
  expect_tree(url + "?path=modules[1].weight",
              "b64, 223 bytes\n"
              "modules[1].weight: torch.DoubleTensor #9: 3x4 of f64, strides 4 1, offset 1\n"
              "  storage: torch.DoubleStorage #10: 12 of f64, 96 bytes\n");
  const Outcome one_level = run_sconce({"inspect", url + "?depth=1"});
  EXPECT_TRUE(one_level.out.starts_with("b64, ")) << one_level.out;
  EXPECT_EQ(one_level.out.find("weight"), std::string::npos) << one_level.out;
}

TEST_F(InspectKey, WhatTheServerRefusesIsToldWithItsWords) {
  const std::string url = put("nil");
  expect_failure(url + "x", "the server answered 404: there is no object under this key");
  expect_failure(
      url + "?path=x",
      "at (root): the server answered 404: there is no part x in what stands here, a nil, which has no parts");
}

TEST(InspectUrl, WithoutAServerIsAnError) {
  expect_failure("http://127.0.0.1:1/v1/objects/a", "cannot connect: Connection refused");
}

/// What `inspect` makes of a server that gives this answer.
Outcome inspect_with(const std::string& answer, std::string& request) {
  const Listener server;
  std::thread serving([&] { request = server.answer_once(answer); });
  const std::string url = server.url() + "/v1/objects/a";
  Outcome run = run_sconce({"inspect", url});
  serving.join();
  const std::string begin = "sconce: " + url + ": ";
  if (run.err.starts_with(begin)) run.err.erase(0, begin.size());
  return run;
}

const std::string kRow = R"([{"path":"","kind":"string","length":2,"at":0,"bytes":10}])";
const std::string kTree = "b64, 10 bytes\nstring, 2 bytes\n";

TEST(InspectAnswer, EndsAsHttpSaysInEachOfItsWays) {
  const std::string size = std::to_string(kRow.size());
  const std::string answers[] = {
      "HTTP/1.1 200 OK\r\ncontent-LENGTH:" + size + "\r\n\r\n" + kRow + "more",
      "HTTP/1.1 200 \r\nX: y\r\n\r\n" + kRow,
      "HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n" + kRow,
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\n" + kRow.substr(0, 5) + "\r\n35\r\n" +
          kRow.substr(5) + "\r\n0\r\nTrailer: z\r\n\r\n",
  };
  for (const std::string& answer : answers) {
    std::string request;
    const Outcome run = inspect_with(answer, request);
    EXPECT_EQ(run.err, "") << answer;
    EXPECT_EQ(run.out, kTree) << answer;
    EXPECT_TRUE(request.starts_with("GET /v1/objects/a?view=outline HTTP/1.1\r\nHost: 127.0.0.1:")) << request;
  }
}

TEST(InspectAnswer, SaysWhatAnArrayOfATypeThatTorchLacksIs) {
  const std::string row = R"([{"path":"","kind":"instance","class":"sconce.Tensor","index":1,"at":0,"bytes":90)";
  const auto shown = [&row](const std::string& array) {
    std::string request;
    return inspect_with("HTTP/1.1 200 OK\r\n\r\n" + row + array + "}]", request).out;
  };
  EXPECT_EQ(shown(""), "b64, 90 bytes\nsconce.Tensor #1\n");
  EXPECT_EQ(shown(R"(,"dtype":"BF16","sizes":[2,3])"), "b64, 90 bytes\nsconce.Tensor #1: 2x3 of BF16\n");
  EXPECT_EQ(shown(R"(,"dtype":"F64","sizes":[])"), "b64, 90 bytes\nsconce.Tensor #1: one of F64\n");
}

TEST(InspectAnswer, ThatIsWrongIsRefused) {
  struct Row {
    std::string answer;
    std::string err;
  };
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const std::string not_http = "the answer is not HTTP/1.1: ";
  const std::string cut = "the server ended the connection before the end of its answer";
  const std::string large = "the answer has more than the 16777232 bytes that are read of it";
  const Row rows[] = {
      {"", "the server ended the connection without an answer"},
      {"HTTP/1.1 2", cut},
      {ok + "Content-Length: 100\r\n\r\n[", cut},
      {ok + "Transfer-Encoding: chunked\r\n\r\n0\r\n", cut},
      {"SSH-2.0-OpenSSH\r\n\r\n", not_http + "it does not begin with a status line"},
      {"HTTP/1.1 2000 OK\r\n\r\n", not_http + "it does not begin with a status line"},
      {ok + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", not_http + "its Content-Length is not one number"},
      {ok + "Content-Length: -1\r\n\r\n", not_http + "its Content-Length is not one number"},
      {ok + "Transfer-Encoding: gzip\r\n\r\n", not_http + "a transfer coding that was not asked for"},
      {ok + "Transfer-Encoding: chunked\r\n\r\nx\r\n", not_http + "a chunk does not begin with its size"},
      {ok + "Transfer-Encoding: chunked\r\n\r\n1\r\n[]\r\n", not_http + "a chunk is longer than it says"},
      {ok + "nonsense\r\n\r\n", not_http + "a field has no colon"},
      {ok + "X: " + std::string(20'000, 'x') + "\r\n\r\n", "the head of the answer has more than 16384 bytes"},
      {ok + "Content-Length: 18446744073709551615\r\n\r\n", large},
      {ok + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", large},
      {ok + "\r\n{}", "this is not the outline of an object"},
      {ok + "\r\n[]", "this is not the outline of an object"},
      {ok + "\r\n[{\"path\":\"\"}]", "row 0 of the outline says no part"},
      {"HTTP/1.1 500 No\r\n\r\nwhat", "the server answered 500"},
  };
  for (const Row& row : rows) {
    std::string request;
    const Outcome run = inspect_with(row.answer, request);
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_EQ(run.out, "");
    EXPECT_EQ(run.err, row.err + '\n') << row.answer.substr(0, 100);
  }
}

TEST(InspectAnswer, ControlCharactersDoNotReachTheTerminal) {
  const std::string rows = R"([{"path":"","kind":"instance","class":"A\u001b[31m","index":1,"at":0,"bytes":40},)"
                           R"({"path":"[\"\u001b\"]","kind":"nil","at":30,"bytes":4}])";
  std::string request;
  const Outcome run = inspect_with("HTTP/1.1 200 OK\r\n\r\n" + rows, request);
  EXPECT_EQ(run.err, "");
  EXPECT_EQ(run.out, "b64, 40 bytes\nA\\x1b[31m #1\n  [\"\\x1b\"]: nil\n");
}

}  // namespace
}  // namespace sconce::tests
