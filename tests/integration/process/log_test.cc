// What the log of the process may hold: no token, and of what clients and the command line name nothing that breaks a
// line or steers a terminal.

#include <signal.h>

#include <regex>
#include <sstream>

#include "tests/integration/access/served_tokens.h"

namespace sconce::tests {
namespace {

/// Every line is one of ours, and printable.
void expect_clean(const std::string& log) {
  static const std::regex ours(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (info|error) .+)");
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_TRUE(std::regex_match(line, ours)) << line;
    for (const char byte : line) EXPECT_TRUE(static_cast<unsigned char>(byte) >= 0x20 && byte != 0x7f) << line;
  }
  EXPECT_TRUE(log.ends_with('\n'));
}

struct LogOfTokens : ServedTokens {
  LogOfTokens() : ServedTokens({"rwdlma:", "r:runs/"}) {}
};

TEST_F(LogOfTokens, NoTokenAndNoLineOfAStrangersOwnStandsInIt) {
  const std::vector<std::string> keys = {"a%0Ainjected",
                                         "a%0D%0A2020-01-01T00:00:00.000Z%20info%20stopped",
                                         "%1B%5B2J%1B%5D0;x%07",
                                         "%22quoted%22'%60",
                                         "%C2%9B2J",
                                         "%FF%FE",
                                         "ok%E2%80%A8next"};
  const std::string secret = kTokens[1].token;
  const std::string unknown = kTokens[7].token;
  for (const std::string& key : keys) {
    for (const std::string& token : {kTokens[0].token, secret, unknown}) {
      for (const std::string method : {"GET", "PUT", "DELETE", "POST", "BREW"}) {
        const std::vector<std::string> fields = {"Authorization: Bearer " + token, "X-Token: " + token,
                                                 "Content-Type: " + token, "Accept: " + token};
        const HttpResponse answer =
            http(server_.port(),
                 {.method = method, .target = "/v1/objects/" + key + "?x=" + token, .fields = fields, .body = kNumber});
        EXPECT_GE(answer.status, 400U);
      }
      http(server_.port(), {.target = "/v1/objects/" + token, .fields = {"Authorization: Bearer " + token}});
      http(server_.port(), {.method = "POST",
                            .target = "/v1/batch/get",
                            .fields = {"Authorization: Bearer " + token},
                            .body = R"({"items":[{"key":")" + token + "\\n\\u001b[2J\"}]}"});
    }
  }
  HttpConnection broken(server_.port());
  broken.send("GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + secret + "\n\x1b[2J\r\n\r\n");
  EXPECT_EQ(broken.receive().status, 400U);
  server_.send_signal(SIGHUP);
  ASSERT_TRUE(server_.wait_for_log("tokens that are known", 2));
  server_.send_signal(SIGTERM);
  EXPECT_EQ(server_.wait(), 0);
  const std::string& log = server_.log();
  for (const TestToken* token : {&kTokens[0], &kTokens[1], &kTokens[7]}) {
    EXPECT_EQ(log.find(token->token.substr(24)), std::string::npos) << log;
    EXPECT_EQ(log.find(token->token.substr(7, 16)), std::string::npos) << log;
  }
  EXPECT_EQ(log.find("injected"), std::string::npos) << log;
  expect_clean(log);
}

TEST(Log, NamesOfFilesStayInTheirLine) {
  const TemporaryDirectory directory;
  const std::string name = "data\n2020-01-01T00:00:00.000Z info stopped\x1b[2J\xff\"";
  ServerProcess server(directory.path() / name);
  ASSERT_NE(server.port(), 0);
  server.send_signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0);
  EXPECT_NE(server.log().find(R"(data\n2020-01-01T00:00:00.000Z info stopped\x1b[2J\xff")"), std::string::npos)
      << server.log();
  expect_clean(server.log());
}

}  // namespace
}  // namespace sconce::tests
