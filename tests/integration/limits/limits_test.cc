// Clients that are slow on purpose, and too many of them.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include "tests/server/http_client.h"
#include "tests/server/server_process.h"
#include "tests/support/files.h"

namespace sconce::tests {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kStep(50);

std::string put_head(const std::string& key, std::size_t body_bytes, const std::string& fields = "") {
  return "PUT /v1/objects/" + key + " HTTP/1.1\r\nHost: localhost\r\n" + fields +
         "Content-Length: " + std::to_string(body_bytes) + "\r\n\r\n";
}

/// A torch.ByteStorage of so many zeros, in binary.
std::string storage_of(std::size_t count) {
  const auto number = [](std::uint64_t value, std::size_t size_bytes) {
    std::string bytes;
    for (std::size_t i = 0; i < size_bytes; ++i) bytes += static_cast<char>(value >> (8 * i));
    return bytes;
  };
  const std::string name = "torch.ByteStorage";
  return number(4, 4) + number(1, 4) + number(3, 4) + "V 1" + number(name.size(), 4) + name + number(count, 8) +
         std::string(count, '\0');
}

std::string metric(std::uint16_t port, const std::string& name) {
  const std::string text = http(port, {.target = "/metrics"}).body;
  const std::size_t begin = text.find("\n" + name + " ") + name.size() + 2;
  return text.substr(begin, text.find('\n', begin) - begin);
}

std::string limit_metric(const std::string& limit) { return "sconce_limits_reached_total{limit=\"" + limit + "\"}"; }

/// Sends a byte now and then until it is answered, or `text` ends.
class Trickle {
 public:
  Trickle(HttpConnection& connection, std::string text)
      : thread_([this, &connection, text = std::move(text)] {
          for (const char byte : text) {
            if (stop_ || !connection.send(std::string_view(&byte, 1))) return;
            std::this_thread::sleep_for(kStep);
          }
        }) {}
  ~Trickle() {
    stop_ = true;
    thread_.join();
  }
  Trickle(const Trickle&) = delete;
  Trickle& operator=(const Trickle&) = delete;

 private:
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

/// Deadlines of half a second; a connection may be idle for as long as a test waits, so that no deadline for single
/// reads takes their part.
class SlowClients : public testing::Test {
 protected:
  bool others_are_served() const { return http(server_.port(), {.target = "/healthz"}).status == 200; }

  TemporaryDirectory directory_;
  ServerProcess server_{directory_.path() / "data",
                        {"--header-timeout-ms", "500", "--body-timeout-ms", "500", "--write-timeout-ms", "500",
                         "--idle-timeout-ms", "100000"}};
};

TEST_F(SlowClients, ASlowlorisIsTold408AndClosed) {
  HttpConnection connection(server_.port());
  const Trickle trickle(connection, "GET /healthz HTTP/1.1\r\nX: " + std::string(10'000, 'x'));
  EXPECT_TRUE(others_are_served());
  const HttpResponse refused = connection.receive();
  EXPECT_EQ(refused.status, 408U);
  EXPECT_EQ(refused.field("connection"), "close");
  EXPECT_TRUE(connection.ended());
  EXPECT_EQ(metric(server_.port(), limit_metric("header_time")), "1");
}

TEST_F(SlowClients, ABodyOfAByteNowAndThenIsTold408AndClosed) {
  struct Row {
    const char* name;
    std::string head;
  };
  const Row rows[] = {
      {"small", put_head("a", 1000)},
      {"in pieces", put_head("a", 1'000'000)},
      {"chunked", "PUT /v1/objects/a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" +
                      std::string("10000\r\n")}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    HttpConnection connection(server_.port());
    connection.send(row.head);
    const Trickle trickle(connection, std::string(10'000, '1'));
    EXPECT_TRUE(others_are_served());
    const HttpResponse refused = connection.receive();
    EXPECT_EQ(refused.status, 408U);
    EXPECT_EQ(refused.field("connection"), "close");
    EXPECT_TRUE(connection.ended());
  }
  EXPECT_EQ(metric(server_.port(), limit_metric("body_rate")), "3");
  EXPECT_EQ(http(server_.port(), {.target = "/v1/objects/a"}).status, 404U);
}

TEST_F(SlowClients, ABodyThatStopsAfterMuchHasComeIsTold408) {
  HttpConnection connection(server_.port());
  const std::string object = storage_of(4'000'000);
  connection.send(put_head("a", object.size()));
  connection.send(std::string_view(object).substr(0, 3'000'000));
  EXPECT_EQ(connection.receive().status, 408U);
  EXPECT_TRUE(connection.ended());
}

TEST_F(SlowClients, ASlowBodyThatIsFastEnoughIsTaken) {
  HttpConnection connection(server_.port());
  const std::string object = storage_of(100'000);
  connection.send(put_head("a", object.size()));
  constexpr std::size_t kPiece = 5'000;  // twenty pieces: twice the time that it may stand still
  for (std::size_t at = 0; at < object.size(); at += kPiece) {
    ASSERT_TRUE(connection.send(std::string_view(object).substr(at, kPiece)));
    std::this_thread::sleep_for(kStep);
  }
  EXPECT_EQ(connection.receive().status, 201U);
}

TEST_F(SlowClients, AnAnswerThatNobodyReadsIsCutOff) {
  const std::string object = storage_of(64 << 20);
  ASSERT_EQ(http(server_.port(), {.method = "PUT", .target = "/v1/objects/large", .body = object}).status, 201U);
  HttpConnection connection(server_.port());
  connection.send(text_of({.target = "/v1/objects/large"}));
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  const std::string cut_off = limit_metric("answer_rate");
  while (metric(server_.port(), cut_off) == "0" && std::chrono::steady_clock::now() < give_up) {
    std::this_thread::sleep_for(kStep);
  }
  EXPECT_EQ(metric(server_.port(), cut_off), "1");
  EXPECT_FALSE(connection.receive().whole);
}

TEST_F(SlowClients, AnAnswerThatIsReadInTimeIsWhole) {
  const std::string object = storage_of(64 << 20);
  ASSERT_EQ(http(server_.port(), {.method = "PUT", .target = "/v1/objects/large", .body = object}).status, 201U);
  HttpConnection connection(server_.port());
  connection.send(text_of({.target = "/v1/objects/large"}));
  std::this_thread::sleep_for(2 * kStep);
  EXPECT_EQ(connection.receive().body, object);
}

TEST(TooMany, ConnectionsAreTurnedAwayAtOnce) {
  struct Row {
    const char* flag;
    const char* limit;
  };
  const Row rows[] = {{"--connections-max", "connections"},
                      {"--connections-per-address-max", "connections_per_address"}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.flag);
    const TemporaryDirectory directory;
    const ServerProcess server(directory.path() / "data", {row.flag, "3"});
    std::vector<std::unique_ptr<HttpConnection>> connections;
    for (int i = 0; i < 3; ++i) {
      connections.push_back(std::make_unique<HttpConnection>(server.port()));
      EXPECT_EQ(connections.back()->exchange({.target = "/healthz"}).status, 200U);
    }
    HttpConnection another(server.port());
    const HttpResponse refused = another.receive();
    EXPECT_EQ(refused.status, 503U);
    EXPECT_EQ(refused.field("retry-after"), "1");
    EXPECT_TRUE(another.ended());
    const std::string metrics = connections[0]->exchange({.target = "/metrics"}).body;
    EXPECT_NE(metrics.find(limit_metric(row.limit) + " 1\n"), std::string::npos) << metrics;
    EXPECT_EQ(connections[1]->exchange({.target = "/healthz", .fields = {"Connection: close"}}).status, 200U);
    EXPECT_TRUE(connections[1]->ended());
    // The server counts a connection until a little after its client has seen the end.
    unsigned status = 503;
    for (int i = 0; i < 1000 && status == 503; ++i) status = http(server.port(), {.target = "/healthz"}).status;
    EXPECT_EQ(status, 200U);
  }
}

TEST(TooMany, ConnectionsForWhichThereAreNoDescriptorsAreRefusedAtTheStart) {
  const TemporaryDirectory directory;
  ServerProcess server(directory.path() / "data", {"--connections-max", "100000000000"});
  EXPECT_EQ(server.port(), 0);
  EXPECT_NE(server.wait(), 0);
  EXPECT_NE(server.log().find("are left for connections; raise its limit (ulimit -Hn), or lower --connections-max"),
            std::string::npos)
      << server.log();
}

TEST(TooMany, BodiesBeyondTheMemoryThatIsLeftAreRefused) {
  const TemporaryDirectory directory;
  const ServerProcess server(directory.path() / "data", {"--memory-bytes-max", "1000000"});
  const std::string object = storage_of(200'000);
  const std::string waits = "Expect: 100-continue\r\n";
  HttpConnection first(server.port());
  first.send(put_head("a", object.size(), waits));
  ASSERT_EQ(first.receive().status, 100U);
  HttpConnection second(server.port());
  second.send(put_head("b", object.size(), waits));
  const HttpResponse refused = second.receive();
  EXPECT_EQ(refused.status, 503U);
  EXPECT_EQ(refused.field("retry-after"), "1");
  EXPECT_NE(refused.body.find("\"overloaded\""), std::string::npos) << refused.body;
  EXPECT_EQ(metric(server.port(), limit_metric("memory")), "1");
  first.send(object);
  EXPECT_EQ(first.receive().status, 201U);
  EXPECT_EQ(first.exchange({.method = "PUT", .target = "/v1/objects/b", .body = object}).status, 201U);
}

TEST(TooMany, AnAnswerBeyondTheMemoryThatIsLeftIsRefused) {
  const TemporaryDirectory directory;
  const ServerProcess server(directory.path() / "data", {"--memory-bytes-max", "1800000"});
  const std::string object = storage_of(3'000'000);
  ASSERT_EQ(http(server.port(), {.method = "PUT", .target = "/v1/objects/a", .body = object}).status, 201U);
  const HttpResponse refused = http(server.port(), {.target = "/v1/objects/a"});
  EXPECT_EQ(refused.status, 503U);
  EXPECT_EQ(refused.field("retry-after"), "1");
}

}  // namespace
}  // namespace sconce::tests
