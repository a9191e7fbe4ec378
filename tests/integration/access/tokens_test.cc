// Where tokens come from, how long they hold, how they are read again, and what holds without them.

#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <optional>

#include "proto/http/fields/timestamp.h"
#include "tests/integration/access/served_tokens.h"

namespace sconce::tests {
namespace {

namespace fs = std::filesystem;

std::string in_seconds(int seconds) {
  return proto::timestamp_of(std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) +
                             std::chrono::seconds(seconds));
}

/// Of this process, and so of the servers that it starts meanwhile.
class EnvironmentVariable {
 public:
  explicit EnvironmentVariable(const std::string& tokens) { setenv("SCONCE_TOKENS", tokens.c_str(), 1); }
  ~EnvironmentVariable() { unsetenv("SCONCE_TOKENS"); }
  EnvironmentVariable(const EnvironmentVariable&) = delete;
  EnvironmentVariable& operator=(const EnvironmentVariable&) = delete;
};

struct Holding : ServedTokens {
  Holding() : ServedTokens({"rwdlma:", "r:", "r: expires=2020-01-01", "r: expires=2999-01-01T00:00:00+01:00"}) {}
};

TEST_F(Holding, ATokenHoldsUntilItExpires) {
  put("a");
  const HttpRequest get{.target = "/v1/objects/a"};
  EXPECT_EQ(status(get, &kTokens[1]), 200U);
  EXPECT_EQ(status(get, &kTokens[3]), 200U);
  const HttpResponse expired = send(get, &kTokens[2]);
  EXPECT_EQ(expired.status, 401U);
  EXPECT_EQ(expired.field("www-authenticate"), R"(Bearer realm="sconce", error="invalid_token")");
  EXPECT_EQ(expired.body, send(get, &kTokens[7]).body);  // it is not told which of them were good once
}

TEST_F(Holding, ItEndsWhileTheServerRuns) {
  put("a");
  const auto end = *proto::parse_timestamp(in_seconds(2));
  directory_.write("tokens", kTokens[4].line + " r: expires=" + proto::timestamp_of(end) + "\n");
  server_.send_signal(SIGHUP);
  ASSERT_TRUE(server_.wait_for_log("known: 1"));
  unsigned after = 0;
  while (after == 0) {
    const auto began = std::chrono::system_clock::now();
    const unsigned answered = status({.target = "/v1/objects/a"}, &kTokens[4]);
    if (std::chrono::system_clock::now() < end) {
      EXPECT_EQ(answered, 200U);
    }
    if (began >= end) after = answered;
  }
  EXPECT_EQ(after, 401U);
}

struct Reload : ServedTokens {
  Reload() : ServedTokens({"rwdlma:", "rl:"}) {}

  /// Waits until the log says what came of it.
  void reload(const std::string& text, const std::string& outcome) {
    directory_.write("tokens", text);
    server_.send_signal(SIGHUP);
    ASSERT_TRUE(server_.wait_for_log(outcome)) << outcome;
  }
};

TEST_F(Reload, TheNewTokensTakeThePlaceOfTheOld) {
  put("a");
  const HttpRequest get{.target = "/v1/objects/a", .fields = {kTokens[1].field()}};
  HttpConnection connection(server_.port());
  EXPECT_EQ(connection.exchange(get).status, 200U);
  HttpConnection busy(server_.port());
  busy.send("PUT /v1/objects/b HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 6\r\n" +
            kTokens[0].field() + "\r\n\r\n");
  ASSERT_EQ(busy.receive().status, 100U);
  reload("# nothing of the old ones\n" + kTokens[2].line + " r:a\n", "known: 1");
  EXPECT_EQ(connection.exchange(get).status, 401U);  // the same connection
  EXPECT_EQ(connection.exchange({.target = "/v1/objects/a", .fields = {kTokens[2].field()}}).status, 200U);
  busy.send(kNumber);
  EXPECT_EQ(busy.receive().status, 201U);  // what had begun
  EXPECT_EQ(status({.target = "/v1/objects/b"}, &kTokens[0]), 401U);
  reload("", "known: 0");
  EXPECT_EQ(status({.target = "/v1/objects/a"}, &kTokens[2]), 401U);
  EXPECT_EQ(status({.target = "/healthz"}), 200U);
}

TEST_F(Reload, AFileThatIsWrongChangesNothingAndIsNotRepeated) {
  put("a");
  const HttpRequest get{.target = "/v1/objects/a"};
  reload(kTokens[2].line + " r:\n" + kTokens[3].token + "\n", "line 2: here");
  EXPECT_EQ(status(get, &kTokens[1]), 200U);
  EXPECT_EQ(status(get, &kTokens[2]), 401U);
  reload(kTokens[2].line + " r:\n" + kTokens[2].line + " r:", "line 2: it does not end");
  EXPECT_EQ(status(get, &kTokens[1]), 200U);
  fs::remove(file_);
  server_.send_signal(SIGHUP);
  EXPECT_TRUE(server_.wait_for_log("No such file"));
  EXPECT_EQ(status(get, &kTokens[1]), 200U);
  directory_.write("tokens", kTokens[2].line + " r:\n");
  fs::permissions(file_, fs::perms::others_write, fs::perm_options::add);
  server_.send_signal(SIGHUP);
  EXPECT_TRUE(server_.wait_for_log("others may write"));
  EXPECT_EQ(status(get, &kTokens[2]), 401U);
  server_.send_signal(SIGTERM);
  EXPECT_EQ(server_.wait(), 0);
  EXPECT_NE(server_.log().find("error the tokens stay what they were: invalid_argument: " + file_ +
                               ": line 2: here stands a token itself"),
            std::string::npos)
      << server_.log();
  EXPECT_NE(server_.log().find(": line 2: it does not end with a newline"), std::string::npos) << server_.log();
  EXPECT_EQ(server_.log().find(kTokens[3].token.substr(0, 24)), std::string::npos) << server_.log();
}

TEST(Tokens, ComeFromTheEnvironmentToo) {
  const TemporaryDirectory directory;
  const std::string file = directory.write("tokens", kTokens[0].line + " r:\n");
  const HttpRequest get{.target = "/v1/objects/none"};
  const auto with = [&](const TestToken& token) {
    HttpRequest request = get;
    request.fields = {token.field()};
    return request;
  };
  {
    const EnvironmentVariable variable("# one\n" + kTokens[1].line + " r:");  // as $(cat FILE) leaves it
    const ServerProcess server(directory.path() / "data");
    EXPECT_EQ(http(server.port(), get).status, 401U);
    EXPECT_EQ(http(server.port(), with(kTokens[0])).status, 401U);
    EXPECT_EQ(http(server.port(), with(kTokens[1])).status, 404U);
  }
  {
    const EnvironmentVariable variable(kTokens[1].line + " r:");
    const ServerProcess server(directory.path() / "data", {"--tokens", file});
    EXPECT_EQ(http(server.port(), with(kTokens[0])).status, 404U);
    EXPECT_EQ(http(server.port(), with(kTokens[1])).status, 404U);
  }
  {
    const EnvironmentVariable variable("");  // somebody meant to give some
    const ServerProcess server(directory.path() / "data");
    EXPECT_EQ(http(server.port(), get).status, 401U);
  }
}

constexpr int kBadFile = 1;
constexpr int kBadFlags = 2;

/// What a server says that does not start.
std::string refusal_of(const std::vector<std::string>& arguments, int exit_code) {
  const TemporaryDirectory directory;
  ServerProcess server(directory.path() / "data", arguments);
  EXPECT_EQ(server.port(), 0);
  server.send_signal(SIGTERM);  // should it run all the same
  EXPECT_EQ(server.wait(), exit_code);
  return server.log();
}

TEST(Tokens, AFileThatIsWrongStopsTheStart) {
  const TemporaryDirectory directory;
  const std::string open_file = directory.write("open", kTokens[0].line + " r:\n");
  fs::permissions(open_file, fs::perms::group_write, fs::perm_options::add);
  const std::pair<std::string, std::string> rows[] = {
      {directory.write("broken", "\n" + kTokens[0].line + "\n"), "broken: line 2: the token has no rights"},
      {directory / "none", "cannot read " + directory / "none"},
      {directory.path().string(), "is not a file"},
      {open_file, "others may write " + open_file},
      {directory.write("large", std::string(5'000'000, '\n')), "at most 4194304 bytes"},
  };
  for (const auto& [file, says] : rows) {
    const std::string log = refusal_of({"--tokens", file}, kBadFile);
    EXPECT_NE(log.find(says), std::string::npos) << says << " is not in: " << log;
  }
  const EnvironmentVariable variable(kTokens[0].line + " r:");
  EXPECT_NE(refusal_of({"--tokens", directory.write("same", kTokens[0].line + " r:\n")}, kBadFile)
                .find("and in SCONCE_TOKENS"),
            std::string::npos);
}

TEST(Tokens, AFileThatOthersMayReadIsTaken) {
  const TemporaryDirectory directory;
  const std::string file = directory.write("tokens", kTokens[0].line + " r:\n");
  fs::permissions(file, fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read);
  const ServerProcess server(directory.path() / "data", {"--tokens", file});
  EXPECT_EQ(http(server.port(), {.target = "/v1/objects/a", .fields = {kTokens[0].field()}}).status, 404U);
}

TEST(WithoutTokens, NobodyListensBeyondLoopbackWithoutSayingSo) {
  for (const std::string address : {"0.0.0.0:0", "[::]:0", "192.0.2.1:0", "[::ffff:127.0.0.1]:0"}) {
    const std::string log = refusal_of({"--listen", address}, kBadFlags);
    EXPECT_NE(log.find("there are no tokens; give some by `--tokens FILE`"), std::string::npos) << log;
  }
  const TemporaryDirectory directory;
  const std::string file = directory.write("tokens", kTokens[0].line + " r:\n");
  EXPECT_NE(refusal_of({"--tokens", file, "--anonymous", "write"}, kBadFlags).find("tokens are of no use"),
            std::string::npos);
}

TEST(WithoutTokens, LocalhostIsLoopbackAndNoOtherNameIsTaken) {
  const TemporaryDirectory directory;
  ServerProcess server(directory.path() / "data", {"--listen", "localhost:0"});
  EXPECT_EQ(http(server.port(), {.target = "/healthz"}).status, 200U);
  server.send_signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0);
  EXPECT_NE(server.log().find("listening on localhost:"), std::string::npos) << server.log();
  const std::string log = refusal_of({"--listen", "store.example:0"}, kBadFlags);
  EXPECT_NE(log.find("cannot listen on `store.example`, which is neither an IP address nor `localhost`"),
            std::string::npos)
      << log;
}

struct Anonymous {
  std::vector<std::string> arguments;
  unsigned get;
  unsigned list;
  unsigned put;
  unsigned removed;
  unsigned convert;
  unsigned metrics;
  unsigned compact;
};

TEST(WithoutTokens, EverybodyMayDoWhatIsSaid) {
  const TemporaryDirectory directory;
  const std::string file = directory.write("tokens", kTokens[0].line + " w:out/\n");
  const Anonymous rows[] = {
      {{}, 404, 200, 201, 204, 200, 200, 204},
      {{"--listen", "0.0.0.0:0", "--anonymous", "write"}, 404, 200, 201, 204, 200, 200, 401},
      {{"--listen", "0.0.0.0:0", "--anonymous", "read"}, 404, 200, 401, 401, 401, 401, 401},
      {{"--listen", "0.0.0.0:0", "--tokens", file}, 401, 401, 401, 401, 401, 401, 401},
      {{"--anonymous", "write"}, 404, 200, 201, 204, 200, 200, 401},
      {{"--anonymous", "read", "--tokens", file}, 404, 200, 401, 401, 401, 401, 401},
      {{"--anonymous", "none"}, 401, 401, 401, 401, 401, 401, 401},
  };
  for (const Anonymous& row : rows) {
    const std::string shown = testing::PrintToString(row.arguments);
    const TemporaryDirectory data;
    const ServerProcess server(data.path() / "data", row.arguments);
    ASSERT_NE(server.port(), 0) << shown;
    const auto status = [&](const HttpRequest& request) { return http(server.port(), request).status; };
    EXPECT_EQ(status({.target = "/v1/objects/none"}), row.get) << shown;
    EXPECT_EQ(status({.target = "/v1/objects"}), row.list) << shown;
    EXPECT_EQ(status({.method = "PUT", .target = "/v1/objects/a", .body = kNumber}), row.put) << shown;
    EXPECT_EQ(status({.method = "DELETE", .target = "/v1/objects/a"}), row.removed) << shown;
    EXPECT_EQ(status({.method = "POST", .target = "/v1/convert", .body = kNumber}), row.convert) << shown;
    EXPECT_EQ(status({.target = "/metrics"}), row.metrics) << shown;
    EXPECT_EQ(status({.method = "POST", .target = "/v1/admin/compact"}), row.compact) << shown;
    EXPECT_EQ(status({.target = "/healthz"}), 200U) << shown;
  }
}

TEST(WithoutTokens, AnAuthorizationThatIsForOthersDoesNoHarm) {
  const TemporaryDirectory directory;
  const ServerProcess server(directory.path() / "data");
  const std::string values[] = {"Bearer x", "Basic YTpi", "Bearer " + kTokens[0].token};
  for (const std::string& value : values) {
    EXPECT_EQ(http(server.port(), {.target = "/v1/objects", .fields = {"Authorization: " + value}}).status, 200U)
        << value;
  }
}

struct ReadByAll : ServedTokens {
  ReadByAll() : ServedTokens({"rwdlma:", "w:out/"}, {"--anonymous", "read"}) {}
};

TEST_F(ReadByAll, ATokenAddsToWhatEverybodyMay) {
  put("a");
  EXPECT_EQ(status({.target = "/v1/objects/a"}), 200U);
  EXPECT_EQ(status({.target = "/v1/objects/a"}, &kTokens[1]), 200U);
  EXPECT_EQ(status({.target = "/v1/objects"}, &kTokens[1]), 200U);
  EXPECT_EQ(status({.method = "PUT", .target = "/v1/objects/out/a", .body = kNumber}), 401U);
  EXPECT_EQ(status({.method = "PUT", .target = "/v1/objects/out/a", .body = kNumber}, &kTokens[1]), 201U);
  EXPECT_EQ(status({.method = "PUT", .target = "/v1/objects/a", .body = kNumber}, &kTokens[1]), 403U);
  EXPECT_EQ(status({.target = "/v1/objects/a"}, &kTokens[7]), 401U);  // not as if it had sent none
}

}  // namespace
}  // namespace sconce::tests
