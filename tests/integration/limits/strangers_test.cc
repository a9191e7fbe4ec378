// Clients without a token, and what they can hold: nothing that those with one need.

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <thread>

#include "tests/hostile/wire.h"
#include "tests/integration/access/served_tokens.h"

namespace sconce::tests {
namespace {

/// A head, and how its body would come.
struct Asking {
  const char* name;
  std::string head;  // without the empty line
};

const std::string kWrongToken = "Authorization: Bearer sconce_0123456789abcdef_" + std::string(64, '0') + "\r\n";

std::string put_head(const std::string& fields, const std::string& target = "/v1/objects/a") {
  return "PUT " + target + " HTTP/1.1\r\nHost: localhost\r\n" + fields;
}

std::string post_head(const std::string& target, const std::string& fields) {
  return "POST " + target + " HTTP/1.1\r\nHost: localhost\r\n" + fields;
}

std::vector<Asking> refused_at_once() {
  return {
      {"small", put_head("Content-Length: 60000\r\n")},
      {"large", put_head("Content-Length: 2000000\r\n")},
      {"larger than any", put_head("Content-Length: 99999999999999\r\n")},
      {"in chunks", put_head("Transfer-Encoding: chunked\r\n")},
      {"that waits", put_head("Expect: 100-continue\r\nContent-Length: 2000000\r\n")},
      {"small, that waits", put_head("Expect: 100-continue\r\nContent-Length: 6\r\n")},
      {"a bad key", put_head("Content-Length: 60000\r\n", "/v1/objects/a//b")},
      {"a bad query", put_head("Content-Length: 60000\r\n", "/v1/objects/a?x=y")},
      {"a bad type", put_head("Content-Type: image/png\r\nContent-Length: 60000\r\n")},
      {"a condition", put_head("If-None-Match: *\r\nContent-Length: 60000\r\n")},
      {"a wrong token", put_head(kWrongToken + "Content-Length: 2000000\r\n")},
      {"a wrong token, small", put_head(kWrongToken + "Content-Length: 60000\r\n")},
      {"a commit", post_head("/v1/batch/commit", "Content-Length: 2000000\r\n")},
      {"a small commit", post_head("/v1/batch/commit", "Content-Length: 60000\r\n")},
      {"getting many", post_head("/v1/batch/get", "Content-Length: 10000\r\n")},
      {"converting", post_head("/v1/convert?to=ascii", "Transfer-Encoding: chunked\r\n")},
      {"compacting", post_head("/v1/admin/compact", "Content-Length: 60000\r\n")},
  };
}

std::string large_object() { return Wire().byte_storage(1, std::string(3'000'000, 'x')).bytes(); }

/// Of the memory a good client needs a fourth for each of its large answers. A connection that stands still does so for
/// longer than the test takes.
class Strangers : public ServedTokens {
 protected:
  explicit Strangers(std::vector<std::string> more = {})
      : ServedTokens({"rwdlma:", "r:"}, with_limits(std::move(more))) {
    const HttpRequest request{.method = "PUT", .target = "/v1/objects/large", .body = object_};
    EXPECT_EQ(status(request, &kTokens[0]), 201U);
  }

  /// Large answers and large bodies.
  void expect_good_clients_are_served() const {
    for (int i = 0; i < 20; ++i) {
      const HttpResponse got = send({.target = "/v1/objects/large"}, &kTokens[0]);
      ASSERT_EQ(got.status, 200U) << i;
      ASSERT_TRUE(got.body == object_);
      const HttpRequest request{.method = "PUT", .target = "/v1/objects/mine", .body = object_.substr(0, 200)};
      ASSERT_EQ(status(request, &kTokens[0]), 400U) << "it is cut off, and that is what is wrong with it";
      const HttpRequest whole{.method = "PUT", .target = "/v1/objects/other", .body = object_};
      ASSERT_LT(status(whole, &kTokens[0]), 300U) << i;
    }
  }

  const std::string object_ = large_object();

 private:
  static std::vector<std::string> with_limits(std::vector<std::string> more) {
    more.insert(more.end(), {"--memory-bytes-max", "8000000", "--body-timeout-ms", "100000", "--idle-timeout-ms",
                             "100000", "--write-timeout-ms", "100000"});
    return more;
  }
};

TEST_F(Strangers, AreRefusedBeforeTheirBodiesComeAndHoldNothing) {
  std::vector<std::unique_ptr<HttpConnection>> connections;
  for (int i = 0; i < 20; ++i) {
    for (const Asking& asking : refused_at_once()) {
      connections.push_back(std::make_unique<HttpConnection>(server_.port()));
      connections.back()->send(asking.head + "\r\n");
      const HttpResponse refused = connections.back()->receive();
      ASSERT_EQ(refused.status, 401U) << asking.name << refused.body;
      ASSERT_TRUE(refused.fields.contains("www-authenticate")) << asking.name;
    }
  }
  expect_good_clients_are_served();
}

TEST_F(Strangers, WithSmallBodiesGoOnWithTheirConnections) {
  HttpConnection connection(server_.port());
  connection.send(put_head("Content-Length: 60000\r\n") + "\r\n");
  EXPECT_EQ(connection.receive().status, 401U);
  connection.send(std::string(59'000, 'x'));
  connection.send(std::string(1'000, 'x') + text_of({.target = "/healthz"}));
  EXPECT_EQ(connection.receive().body, "ok\n");
  // And what comes with the head is a body, whatever it looks like.
  const std::string body = text_of({.target = "/v1/objects/large"});
  connection.send(put_head("Content-Length: " + std::to_string(body.size()) + "\r\n") + "\r\n" + body +
                  text_of({.target = "/healthz"}));
  EXPECT_EQ(connection.receive().status, 401U);
  EXPECT_EQ(connection.receive().body, "ok\n");
}

/// Health has no rights, and so anybody may bring a body to it, which is waited for.
TEST_F(Strangers, WhoSendBodiesToWhatAnybodyMayLeaveTheMemoryOfOthers) {
  std::vector<std::unique_ptr<HttpConnection>> connections;
  for (int i = 0; i < 100; ++i) {
    for (const char* const body :
         {"Content-Length: 2000000\r\n", "Content-Length: 60000\r\n", "Transfer-Encoding: chunked\r\n",
          "Expect: 100-continue\r\nContent-Length: 2000000\r\n"}) {
      connections.push_back(std::make_unique<HttpConnection>(server_.port()));
      connections.back()->send(std::string("GET /healthz HTTP/1.1\r\nHost: localhost\r\n") + body + "\r\n");
    }
  }
  EXPECT_EQ(http(server_.port(), {.target = "/healthz"}).status, 200U);
  expect_good_clients_are_served();
}

class StrangersThatMayRead : public Strangers {
 protected:
  StrangersThatMayRead() : Strangers({"--anonymous", "read"}) {}
};

/// Answers that nobody reads.
TEST_F(StrangersThatMayRead, LeaveTheMemoryOfOthers) {
  std::vector<std::unique_ptr<HttpConnection>> connections;
  for (int i = 0; i < 100; ++i) {
    connections.push_back(std::make_unique<HttpConnection>(server_.port()));
    std::string requests;
    for (int j = 0; j < 5; ++j) requests += text_of({.target = "/v1/objects/large?format=ascii"});
    connections.back()->send(requests);
  }
  EXPECT_EQ(http(server_.port(), {.target = "/healthz"}).status, 200U);
  expect_good_clients_are_served();
}

/// Who is refused goes on sending: a stranger is left soon, a client with a token has the time that it needs.
TEST_F(Strangers, AreNotReadFromForLong) {
  const std::string condition = "If-None-Match: *\r\nContent-Length: 2000000\r\n";
  HttpConnection known(server_.port());
  known.send(put_head(kTokens[0].field() + "\r\n" + condition, "/v1/objects/large") + "\r\n");
  EXPECT_EQ(known.receive().status, 412U);
  HttpConnection stranger(server_.port());
  stranger.send(put_head(condition, "/v1/objects/large") + "\r\n");
  EXPECT_EQ(stranger.receive().status, 401U);
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  bool is_read = true;
  while (is_read && std::chrono::steady_clock::now() < give_up) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    is_read = stranger.send("x");
    ASSERT_TRUE(known.send("x"));
  }
  EXPECT_FALSE(is_read);
}

/// Without tokens nobody is a stranger: the part of the memory that is for known clients is for all.
TEST(WithoutTokens, AllOfTheMemoryIsForAll) {
  const TemporaryDirectory directory;
  const ServerProcess server(directory.path() / "data", {"--memory-bytes-max", "2500000"});
  const std::string object = large_object();
  EXPECT_EQ(http(server.port(), {.method = "PUT", .target = "/v1/objects/a", .body = object}).status, 201U);
  EXPECT_TRUE(http(server.port(), {.target = "/v1/objects/a"}).body == object);
}

/// There is memory for a large body, or for a large answer, but not for both at once.
TEST(WithoutTokens, TheMemoryOfABodyIsGivenBackBeforeTheAnswer) {
  const TemporaryDirectory directory;
  const ServerProcess server(directory.path() / "data", {"--memory-bytes-max", "2500000"});
  const std::string object = large_object();
  const HttpResponse converted =
      http(server.port(), {.method = "POST", .target = "/v1/convert?to=binary", .body = object});
  EXPECT_EQ(converted.status, 200U) << converted.body;
  EXPECT_TRUE(converted.body == object);
}

}  // namespace
}  // namespace sconce::tests
