// `sconce token`, and the token that the commands send to a server.

#include <gtest/gtest.h>

#include <regex>
#include <thread>

#include "tests/cli/listener.h"
#include "tests/cli/program.h"
#include "tests/server/http_client.h"
#include "tests/server/server_process.h"
#include "tests/support/files.h"

namespace sconce::tests {
namespace {

struct Made {
  std::string token;
  std::string line;
};

Made made_by(const std::vector<std::string>& options) {
  std::vector<std::string> arguments = {"token", "new"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  const Outcome run = run_sconce(arguments);
  EXPECT_EQ(run.err, "");
  EXPECT_EQ(run.exit_code, 0);
  static const std::regex form(
      "token: (sconce_([0-9a-f]{16})_[0-9a-f]{64})\nline: (([0-9a-f]{16}) sha256:[0-9a-f]{32}:[0-9a-f]{64} .*)\n");
  std::smatch match;
  EXPECT_TRUE(std::regex_match(run.out, match, form)) << run.out;
  EXPECT_EQ(match[2], match[4]);
  return {.token = match[1], .line = match[3]};
}

void expect_line_ends(const std::vector<std::string>& options, const std::string& grants) {
  const Made made = made_by(options);
  EXPECT_EQ(made.line.substr(16 + 1 + 7 + 32 + 1 + 64), grants);
}

TEST(TokenNew, ItsLineSaysWhatItGrants) {
  expect_line_ends({"--prefix", "runs/", "--rights", "rw"}, " rw:runs/");
  expect_line_ends({"--prefix", "", "--rights", "lr"}, " rl:");
  expect_line_ends({"--rights", "ma"}, " ma:");
  expect_line_ends({"--prefix", "a/", "--prefix", "b/", "--rights", "r"}, " r:a/ r:b/");
  expect_line_ends({"--prefix", "a/", "--rights", "r", "--prefix", "b c#/", "--rights", "wd"}, " r:a/ wd:b%20c%23/");
  expect_line_ends({"--prefix", "a", "--rights", "r", "--expires", "2027-01-31"}, " r:a expires=2027-01-31T00:00:00Z");
  expect_line_ends({"--prefix", "a", "--rights", "r", "--expires", "2027-01-31T01:00:00+02:00"},
                   " r:a expires=2027-01-30T23:00:00Z");
}

TEST(TokenNew, NoTwoAreAlike) {
  const Made one = made_by({"--prefix", "", "--rights", "r"});
  const Made two = made_by({"--prefix", "", "--rights", "r"});
  EXPECT_NE(one.token.substr(7, 16), two.token.substr(7, 16));
  EXPECT_NE(one.token.substr(24), two.token.substr(24));
  EXPECT_NE(one.line.substr(24, 32), two.line.substr(24, 32));
  EXPECT_EQ(one.line.find(one.token.substr(24)), std::string::npos);
}

TEST(TokenNew, WhatMakesNoSenseIsRefused) {
  const std::pair<std::vector<std::string>, std::string> rows[] = {
      {{"--rights", "r"}, "--prefix"},
      {{"--prefix", "a"}, "--rights"},
      {{"--prefix", "a", "--rights", "x"}, "rwdlma"},
      {{"--prefix", "a", "--rights", "ra"}, "whole server"},
      {{"--prefix", "../a", "--rights", "r"}, "no key begins"},
      {{"--prefix", "a", "--prefix", "b", "--prefix", "c", "--rights", "r", "--rights", "w"}, "once for each"},
      {{"--prefix", "a", "--rights", "r", "--expires", "soon"}, "RFC 3339"},
  };
  for (const auto& [options, says] : rows) {
    std::vector<std::string> arguments = {"token", "new"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const Outcome run = run_sconce(arguments);
    EXPECT_EQ(run.exit_code, 2) << says;
    EXPECT_EQ(run.out, "") << says;
    EXPECT_NE(run.err.find(says), std::string::npos) << run.err;
  }
}

TEST(TokenCheck, SaysWhetherAServerWouldTakeTheFile) {
  const TemporaryDirectory directory;
  const std::string line = made_by({"--prefix", "runs/", "--rights", "rw"}).line;
  const std::string good = directory.write("good", "# two\n" + line + "\n" + made_by({"--rights", "m"}).line + "\n");
  const Outcome fine = run_sconce({"token", "check", good});
  EXPECT_EQ(fine.exit_code, 0);
  EXPECT_EQ(fine.out, good + ": ok: 2 tokens\n");
  const std::string bad = directory.write("bad", line + "\n" + line + "\n");
  const Outcome refused = run_sconce({"token", "check", bad});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_EQ(refused.err, "sconce: token check: " + bad + ": line 2: line 1 has the same id\n");
}

TEST(TokenVariable, IsSentToTheServer) {
  const TemporaryDirectory directory;
  const Made made = made_by({"--prefix", "runs/", "--rights", "rw"});
  const std::string file = directory.write("tokens", made.line + "\n");
  const ServerProcess server(directory.path() / "data", {"--tokens", file});
  const std::string url = "http://127.0.0.1:" + std::to_string(server.port());
  const std::string field = "Authorization: Bearer " + made.token;
  ASSERT_EQ(
      http(server.port(), {.method = "PUT", .target = "/v1/objects/runs/1", .fields = {field}, .body = "1\n3.5\n"})
          .status,
      201U);
  const Outcome without = run_sconce({"inspect", url + "/v1/objects/runs/1"});
  EXPECT_EQ(without.exit_code, 1);
  EXPECT_NE(without.err.find("the server answered 401: this asks for a token"), std::string::npos) << without.err;
  const Outcome with = run_sconce({"inspect", url + "/v1/objects/runs/1"}, "", "SCONCE_TOKEN=" + made.token);
  EXPECT_EQ(with.exit_code, 0) << with.err;
  EXPECT_EQ(run_sconce({"health", "--url", url}, "", "SCONCE_TOKEN=" + made.token).exit_code, 0);
}

TEST(TokenVariable, StandsInOneField) {
  const Listener server;
  std::string request;
  std::thread serving([&] { request = server.answer_once("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"); });
  const Outcome run = run_sconce({"health", "--url", server.url()}, "", "SCONCE_TOKEN=abc");
  serving.join();
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(request, "GET /healthz HTTP/1.1\r\nHost: " + server.url().substr(7) +
                         "\r\nAuthorization: Bearer abc\r\nConnection: close\r\n\r\n");
}

TEST(TokenVariable, WhatIsNoneIsNeitherSentNorRepeated) {
  const Outcome run = run_sconce({"health", "--url", "http://127.0.0.1:1"}, "", "SCONCE_TOKEN=a\r\nX-Secret: b");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.err, "sconce: http://127.0.0.1:1: what SCONCE_TOKEN holds is no token\n");
}

}  // namespace
}  // namespace sconce::tests
