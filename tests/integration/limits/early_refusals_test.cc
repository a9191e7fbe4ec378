// Refusals of bodies that are still being sent. The clients are as Python's http.client and urllib: they send all of
// the body, whatever comes meanwhile, and give up without a word where that fails.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <memory>
#include <thread>

#include "tests/integration/access/served_tokens.h"
#include "tests/server/tls_server.h"

namespace sconce::tests {
namespace {

constexpr std::size_t kPieceBytes = 1'000'000;

/// Sends all of a body that no reader takes for an object, and only then reads.
HttpResponse send_all(HttpConnection& connection, std::string head, std::size_t body_bytes, bool in_chunks) {
  head +=
      in_chunks ? "Transfer-Encoding: chunked\r\n\r\n" : "Content-Length: " + std::to_string(body_bytes) + "\r\n\r\n";
  EXPECT_TRUE(connection.send(head));
  std::string piece(kPieceBytes, '\xff');
  if (in_chunks) piece = "f4240\r\n" + piece + "\r\n";
  for (std::size_t sent = 0; sent < body_bytes; sent += kPieceBytes) {
    if (connection.send(piece)) continue;
    ADD_FAILURE() << "the server does not read on after " << sent << " bytes";
    return {};
  }
  EXPECT_TRUE(!in_chunks || connection.send("0\r\n\r\n"));
  return connection.receive();
}

std::string put_head(const std::string& target, const std::string& fields = "") {
  return "PUT " + target + " HTTP/1.1\r\nHost: localhost\r\n" + fields;
}

struct Row {
  std::string name;
  std::string head;
  unsigned status;
};

class EarlyRefusals : public testing::Test {
 protected:
  explicit EarlyRefusals(const std::vector<std::string>& arguments = {})
      : server_(directory_.path() / "data", arguments) {
    EXPECT_EQ(http(server_.port(), {.method = "PUT", .target = "/v1/objects/a", .body = kNumber}).status, 201U);
  }

  TemporaryDirectory directory_;
  ServerProcess server_;
};

TEST_F(EarlyRefusals, ReachAClientThatReadsWhenItHasSentAll) {
  const Row rows[] = {
      {"a condition", put_head("/v1/objects/a", "If-None-Match: *\r\n"), 412},
      {"a key", put_head("/v1/objects/a//b"), 400},
      {"a path", put_head("/v1/nothing"), 404},
      {"a method", "POST /v1/objects/a HTTP/1.1\r\nHost: localhost\r\n", 405},
      {"a type", put_head("/v1/objects/a", "Content-Type: image/png\r\n"), 415},
      {"a body that is no object", put_head("/v1/objects/b", "Content-Type: application/x-torch7\r\n"), 400},
      {"a batch that is no tar", "POST /v1/batch/commit HTTP/1.1\r\nHost: localhost\r\n", 400},
      {"HTTP/1.0, as of a proxy", "PUT /v1/objects/a HTTP/1.0\r\nIf-None-Match: *\r\n", 412},
  };
  for (const Row& row : rows) {
    for (const bool in_chunks : {false, true}) {
      if (in_chunks && row.head.find("HTTP/1.0") != std::string::npos) continue;
      SCOPED_TRACE(row.name + (in_chunks ? " in chunks" : ""));
      HttpConnection connection(server_.port());
      const HttpResponse refused = send_all(connection, row.head, 200'000'000, in_chunks);
      EXPECT_EQ(refused.status, row.status);
      EXPECT_TRUE(refused.whole);
      EXPECT_EQ(refused.field("connection"), "close");
      EXPECT_TRUE(connection.ended());
      EXPECT_FALSE(connection.was_reset());
    }
  }
}

class EarlyRefusalsOfTooMuch : public EarlyRefusals {
 protected:
  EarlyRefusalsOfTooMuch() : EarlyRefusals({"--body-bytes-max", "1000000"}) {}
};

TEST_F(EarlyRefusalsOfTooMuch, ReachTheClient) {
  for (const bool in_chunks : {false, true}) {
    HttpConnection connection(server_.port());
    EXPECT_EQ(send_all(connection, put_head("/v1/objects/b"), 200'000'000, in_chunks).status, 413U) << in_chunks;
  }
}

class EarlyRefusalsByTokens : public ServedTokens {
 protected:
  EarlyRefusalsByTokens() : ServedTokens({"rwdlma:", "r:"}) {}
};

TEST_F(EarlyRefusalsByTokens, ReachWhoHasNoneAndWhoMayNot) {
  const Row rows[] = {{"none", put_head("/v1/objects/a"), 401},
                      {"one without the right", put_head("/v1/objects/a", kTokens[1].field() + "\r\n"), 403},
                      {"another site's", put_head("/v1/objects/a", "Origin: null\r\n"), 403}};
  // More than sockets hold; a stranger has 2 seconds for it.
  for (const Row& row : rows) {
    for (const bool in_chunks : {false, true}) {
      HttpConnection connection(server_.port());
      EXPECT_EQ(send_all(connection, row.head, 10'000'000, in_chunks).status, row.status) << row.name << in_chunks;
    }
  }
}

TEST(EarlyRefusalsOverTls, ReachTheClient) {
  const TlsFiles files;
  const ServerProcess server(files.directory().path() / "data", files.flags());
  for (const bool in_chunks : {false, true}) {
    TlsConnection connection(server.port(), files.client());
    EXPECT_EQ(send_all(connection, put_head("/v1/objects/a//b"), 50'000'000, in_chunks).status, 400U);
    EXPECT_TRUE(connection.ended());
  }
}

class ReadOn : public EarlyRefusals {
 protected:
  explicit ReadOn(std::vector<std::string> more = {}) : EarlyRefusals(with_limits(std::move(more))) {}

  /// A client that was refused, and has yet to send its body.
  std::unique_ptr<HttpConnection> refused() const {
    auto connection = std::make_unique<HttpConnection>(server_.port());
    connection->send(put_head("/v1/objects/a", "If-None-Match: *\r\nContent-Length: 2000000\r\n\r\n"));
    EXPECT_EQ(connection->receive().status, 412U);
    return connection;
  }

  std::string metric(const std::string& name) const {
    const std::string text = http(server_.port(), {.target = "/metrics"}).body;
    const std::size_t begin = text.find("\n" + name + " ") + name.size() + 2;
    return text.substr(begin, text.find('\n', begin) - begin);
  }

 private:
  static std::vector<std::string> with_limits(std::vector<std::string> more) {
    more.insert(more.end(), {"--memory-bytes-max", "4000000"});
    return more;
  }
};

TEST_F(ReadOn, HoldsNoMemoryOfRequests) {
  std::vector<std::unique_ptr<HttpConnection>> connections;
  for (int i = 0; i < 20; ++i) connections.push_back(refused());
  const std::string object(70'000, '\n');  // in pieces; what is wrong with it is found at its end
  const HttpResponse put_in_pieces = http(server_.port(), {.method = "PUT", .target = "/v1/objects/b", .body = object});
  EXPECT_EQ(put_in_pieces.status, 400U) << put_in_pieces.body;
}

class ReadOnOfFew : public ReadOn {
 protected:
  ReadOnOfFew() : ReadOn({"--connections-per-address-max", "40"}) {}
};

TEST_F(ReadOnOfFew, IsForAPartOfAnAddressesConnections) {
  std::vector<std::unique_ptr<HttpConnection>> connections;
  for (int i = 0; i < 38; ++i) connections.push_back(refused());
  EXPECT_EQ(metric("sconce_limits_reached_total{limit=\"drains\"}"), "3") << "five in forty are left for others";
}

class ReadOnOfOneThatStops : public ReadOn {
 protected:
  ReadOnOfOneThatStops() : ReadOn({"--shutdown-timeout-ms", "20000"}) {}
};

TEST_F(ReadOnOfOneThatStops, DoesNotKeepTheServer) {
  const auto connection = refused();
  std::atomic<bool> stop = false;
  std::thread sender([&] {
    while (!stop && connection->send("x")) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  });
  server_.send_signal(SIGTERM);
  EXPECT_EQ(server_.wait(), 0);
  stop = true;
  sender.join();
  EXPECT_EQ(server_.log().find("ending what is still under way"), std::string::npos) << server_.log();
}

}  // namespace
}  // namespace sconce::tests
