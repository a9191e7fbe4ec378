// A connection's life: bodies that come in pieces, too large, too slow or not at all, and requests one after another.

#include <gtest/gtest.h>

#include "tests/server/http_client.h"
#include "tests/server/server_process.h"
#include "tests/support/files.h"
#include "tests/support/golden.h"

namespace sconce::tests {
namespace {

class ConnectionsOverHttp : public testing::Test {
 protected:
  const std::string number_ = "1\n3.5\n";
  TemporaryDirectory directory_;
  ServerProcess server_{directory_.path() / "data",
                        {"--body-bytes-max", "100000", "--body-timeout-ms", "300", "--idle-timeout-ms", "1000"}};
};

std::string put_head(const std::string& fields) {
  return "PUT /v1/objects/a HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n";
}

TEST_F(ConnectionsOverHttp, RequestsInOnePieceAreAnsweredInOrder) {
  HttpConnection connection(server_.port());
  ASSERT_TRUE(connection.send(text_of({.method = "PUT", .target = "/v1/objects/a", .body = number_}) +
                              text_of({.target = "/v1/objects/a?format=ascii"}) + text_of({.target = "/healthz"})));
  EXPECT_EQ(connection.receive().status, 201U);
  EXPECT_EQ(connection.receive().body, number_);
  EXPECT_EQ(connection.receive().body, "ok\n");
}

TEST_F(ConnectionsOverHttp, AChunkedBodyIsABody) {
  HttpConnection connection(server_.port());
  connection.send(put_head("Transfer-Encoding: chunked\r\n"));
  connection.send("3\r\n1\n3\r\n");
  connection.send("3\r\n.5\n\r\n0\r\n\r\n");
  EXPECT_EQ(connection.receive().status, 201U);
  EXPECT_EQ(connection.exchange({.target = "/v1/objects/a?format=ascii"}).body, number_);
}

TEST_F(ConnectionsOverHttp, AClientThatWaitsIsToldToGoOn) {
  HttpConnection connection(server_.port());
  connection.send(put_head("Expect: 100-continue\r\nContent-Length: 6\r\n"));
  EXPECT_EQ(connection.receive().status, 100U);
  connection.send(number_);
  EXPECT_EQ(connection.receive().status, 201U);
}

TEST_F(ConnectionsOverHttp, AClientThatWaitsIsRefusedBeforeItsBody) {
  struct Row {
    std::string head;
    unsigned status;
  };
  const std::string waits = "Expect: 100-continue\r\nContent-Length: 50000\r\n";
  const Row rows[] = {
      {put_head(waits + "Content-Type: image/png\r\n"), 415},
      {put_head(waits + "If-Match: *\r\n"), 412},
      {put_head("Expect: 100-continue\r\nContent-Length: 100001\r\n"), 413},
      {"PUT /v1/objects/a?format=x HTTP/1.1\r\nHost: localhost\r\n" + waits + "\r\n", 415},
      {"POST /v1/nothing HTTP/1.1\r\nHost: localhost\r\n" + waits + "\r\n", 404},
      {"POST /v1/convert?to=x HTTP/1.1\r\nHost: localhost\r\n" + waits + "\r\n", 406},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.head);
    HttpConnection connection(server_.port());
    connection.send(row.head);
    const HttpResponse refused = connection.receive();
    EXPECT_EQ(refused.status, row.status);
    EXPECT_EQ(refused.field("connection"), "close");
    EXPECT_TRUE(connection.ended());
  }
}

TEST_F(ConnectionsOverHttp, ABodyBeyondTheLimitIsRefusedAndTheClientSeesIt) {
  HttpConnection claimed(server_.port());
  claimed.send(put_head("Content-Length: 10000000\r\n"));
  claimed.send(std::string(10'000'000, 'x'));
  EXPECT_EQ(claimed.receive().status, 413U);
  HttpConnection chunked(server_.port());
  chunked.send(put_head("Transfer-Encoding: chunked\r\n"));
  chunked.send("30d40\r\n" + std::string(200'000, 'x') + "\r\n0\r\n\r\n");
  EXPECT_EQ(chunked.receive().status, 413U);
}

TEST_F(ConnectionsOverHttp, AConnectionWhoseBodyDoesNotComeIsToldAndClosed) {
  HttpConnection connection(server_.port());
  connection.send(put_head("Content-Length: 6\r\n") + "1\n");
  EXPECT_EQ(connection.receive().status, 408U);
  EXPECT_TRUE(connection.ended());
  EXPECT_EQ(http(server_.port(), {.target = "/v1/objects/a"}).status, 404U);
}

TEST_F(ConnectionsOverHttp, AnIdleConnectionIsClosed) {
  HttpConnection connection(server_.port());
  EXPECT_EQ(connection.exchange({.target = "/healthz"}).status, 200U);
  EXPECT_TRUE(connection.ended());
}

TEST_F(ConnectionsOverHttp, AClientThatGoesAwayLeavesNothing) {
  {
    HttpConnection connection(server_.port());
    connection.send(put_head("Content-Length: 6\r\n") + "1\n");
  }
  EXPECT_EQ(http(server_.port(), {.target = "/v1/objects/a"}).status, 404U);
}

TEST_F(ConnectionsOverHttp, WhatIsNotHttpIsRefused) {
  struct Row {
    std::string text;
    unsigned status;
  };
  const Row rows[] = {{"nonsense\r\n\r\n", 400},
                      {"GET /healthz HTTP/1.1\r\n\r\n", 400},
                      {"GET healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
                      {"PUT /v1/objects/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 400},
                      {put_head("Content-Length: 6\r\nContent-Length: 7\r\n"), 400},
                      {put_head("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n"), 400},
                      {put_head("Transfer-Encoding: gzip\r\n") + text_of({.target = "/healthz"}), 400},
                      {put_head("Transfer-Encoding: gzip, chunked\r\n"), 501},
                      {"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n", 431}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.text.substr(0, 80));
    HttpConnection connection(server_.port());
    connection.send(row.text);
    EXPECT_EQ(connection.receive().status, row.status);
    EXPECT_TRUE(connection.ended());
  }
}

TEST_F(ConnectionsOverHttp, WhatFollowsAHeadIsAnsweredForItself) {
  HttpConnection connection(server_.port());
  EXPECT_EQ(connection.exchange({.method = "HEAD", .target = "/healthz"}).status, 200U);
  connection.send("nonsense\r\n\r\n");
  const HttpResponse refused = connection.receive();
  EXPECT_EQ(refused.status, 400U);
  EXPECT_TRUE(refused.whole);
}

TEST_F(ConnectionsOverHttp, AnHttp10ClientIsNotToldToGoOn) {
  HttpConnection connection(server_.port());
  connection.send("PUT /v1/objects/a HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 6\r\n\r\n" + number_);
  EXPECT_EQ(connection.receive().status, 201U);
}

TEST_F(ConnectionsOverHttp, ConnectionCloseIsKept) {
  HttpConnection connection(server_.port());
  const HttpResponse got = connection.exchange({.target = "/healthz", .fields = {"Connection: close"}});
  EXPECT_EQ(got.field("connection"), "close");
  EXPECT_TRUE(connection.ended());
}

TEST_F(ConnectionsOverHttp, TheTargetMayBeAbsolute) {
  EXPECT_EQ(http(server_.port(), {.target = "http://localhost/healthz"}).body, "ok\n");
}

}  // namespace
}  // namespace sconce::tests
