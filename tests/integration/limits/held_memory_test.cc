// What requests hold in memory is counted for all of them together, also where little of it is sent.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/hostile/wire.h"
#include "tests/server/http_client.h"
#include "tests/server/server_process.h"
#include "tests/support/files.h"
#include "tests/support/float_tensor.h"

namespace sconce::tests {
namespace {

using nlohmann::json;

/// Sends requests, and reads nothing.
class SilentClient {
 public:
  SilentClient(std::uint16_t port, const std::string& requests)
      : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const int small = 4096;
    setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::send(socket_, requests.data(), requests.size(), MSG_NOSIGNAL), static_cast<ssize_t>(requests.size()));
  }
  ~SilentClient() { close(socket_); }
  SilentClient(const SilentClient&) = delete;
  SilentClient& operator=(const SilentClient&) = delete;

 private:
  const int socket_;
};

class HeldMemory : public testing::Test {
 protected:
  void serve(const std::vector<std::string>& arguments) {
    server_ = std::make_unique<ServerProcess>(directory_.path() / "data", arguments);
    ASSERT_NE(server_->port(), 0) << server_->log();
  }
  HttpResponse send(const HttpRequest& request) const { return http(server_->port(), request); }
  HttpResponse get(const std::string& target) const { return send({.target = target}); }
  void put(const std::string& key, const std::string& body) const {
    EXPECT_EQ(send({.method = "PUT", .target = "/v1/objects/" + key, .body = body}).status / 100, 2U);
  }

  /// A client that is sent answers of some KB until nothing more fits between it and the server.
  void add_silent_client(const HttpRequest& request) {
    constexpr int kMoreThanFit = 600;
    std::string requests;
    for (int i = 0; i < kMoreThanFit; ++i) requests += text_of(request);
    clients_.push_back(std::make_unique<SilentClient>(server_->port(), requests));
  }
  void let_clients_go() { clients_.clear(); }

  std::uint64_t counted_bytes() const {
    constexpr std::string_view kName = "\nsconce_requests_held_bytes ";
    const std::string text = get("/metrics").body;
    const std::size_t at = text.find(kName);
    return at == std::string::npos ? UINT64_MAX : static_cast<std::uint64_t>(std::stod(text.substr(at + kName.size())));
  }
  /// Once it has been so for some looks, since clients come to be blocked one after the other.
  bool comes_to_count(std::uint64_t bytes_min, std::uint64_t bytes_max) const {
    int seen = 0;
    for (int i = 0; i < 3000 && seen < 20; ++i) {
      const std::uint64_t bytes = counted_bytes();
      seen = bytes >= bytes_min && bytes <= bytes_max ? seen + 1 : 0;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return seen == 20;
  }

  static void expect_overloaded(const HttpResponse& refused) {
    EXPECT_EQ(refused.status, 503U) << refused.body.substr(0, 300);
    EXPECT_EQ(refused.field("retry-after"), "1");
    EXPECT_NE(refused.body.find("\"overloaded\""), std::string::npos) << refused.body.substr(0, 300);
  }

  const TemporaryDirectory directory_;
  std::unique_ptr<ServerProcess> server_;
  std::vector<std::unique_ptr<SilentClient>> clients_;
};

HttpRequest range_of(const std::string& key) {
  return {.target = "/v1/objects/" + key, .fields = {"Range: bytes=0-15999"}};
}

/// 10,000 clients that ask for 100 bytes of one held 2.5 GB, and nothing was counted.
TEST_F(HeldMemory, IsThatOfAValueOfWhichARangeIsSent) {
  serve({"--memory-bytes-max", "1000000"});
  put("a", float_tensor({62'500}, 0));
  put("small", "1\n3.5\n");
  for (int i = 0; i < 3; ++i) add_silent_client(range_of("a"));
  EXPECT_TRUE(comes_to_count(750'000, 900'000)) << counted_bytes();
  expect_overloaded(send(range_of("a")));
  expect_overloaded(get("/v1/objects/a"));
  EXPECT_EQ(get("/v1/objects/small").status, 200U);
  EXPECT_EQ(get("/healthz").status, 200U);
  let_clients_go();
  EXPECT_TRUE(comes_to_count(0, 0)) << counted_bytes();
  EXPECT_EQ(send(range_of("a")).status, 206U);
}

/// An object that the cache has dropped is the readers' alone.
TEST_F(HeldMemory, IsThatOfAnObjectThatTheCacheHasDropped) {
  serve({"--memory-bytes-max", "230000"});  // three of them, and the metrics
  for (const char* key : {"a", "b"}) {
    put(key, float_tensor({15'000}, 0));
    EXPECT_EQ(get("/v1/objects/" + std::string(key)).status, 200U) << "from here on it is in the cache";
  }
  for (int i = 0; i < 3; ++i) add_silent_client(range_of("a"));
  EXPECT_TRUE(comes_to_count(180'000, 200'000)) << counted_bytes();
  put("a", "1\n3.5\n");
  EXPECT_TRUE(comes_to_count(180'000, 200'000)) << counted_bytes();
  expect_overloaded(send(range_of("b")));
  let_clients_go();
  EXPECT_TRUE(comes_to_count(0, 0)) << counted_bytes();
  EXPECT_EQ(send(range_of("b")).status, 206U);
}

/// Buffers and values: 2 MiB were counted, and up to 10.5 held.
TEST_F(HeldMemory, IsThatOfATarAndIsNotMuch) {
  serve({"--memory-bytes-max", "100000000"});
  json items = json::array();
  for (int i = 0; i < 64; ++i) {
    put(std::to_string(i), float_tensor({62'500}, static_cast<float>(i)));
    items.push_back({{"key", std::to_string(i)}});
  }
  const HttpRequest request{
      .method = "POST", .target = "/v1/batch/get", .body = json{{"items", items}, {"as", "tar"}}.dump()};
  for (int i = 0; i < 4; ++i) clients_.push_back(std::make_unique<SilentClient>(server_->port(), text_of(request)));
  EXPECT_TRUE(comes_to_count(4 * (2'100'000), 4 * (4 << 20))) << counted_bytes();
  let_clients_go();
  EXPECT_TRUE(comes_to_count(0, 0)) << counted_bytes();
}

class MeasuredHeldMemory : public HeldMemory {};

/// Each layer kept what was read of it to the end of the stack.
TEST_F(MeasuredHeldMemory, OfAStackDoesNotGrowWithIt) {
  serve({"--cache-bytes", "1000000"});
  json items = json::array();
  for (int i = 0; i < 320; ++i) {
    put(std::to_string(i), float_tensor({62'500}, static_cast<float>(i)));
    items.push_back({{"key", std::to_string(i)}});
  }
  EXPECT_EQ(send({.method = "POST", .target = "/v1/admin/compact"}).status, 204U);
  const HttpRequest request{.method = "POST",
                            .target = "/v1/batch/get",
                            .body = json{{"items", items}, {"as", "stack"}, {"format", "npy"}}.dump()};
  server_->forget_peak_memory();
  const std::uint64_t before = server_->peak_memory_bytes();
  EXPECT_EQ(send(request).body.size(), 128U + 320U * 250'000U);
  EXPECT_LT(server_->peak_memory_bytes(), before + (40 << 20)) << "of 80 MB";
}

/// A table that refers to one storage so often, and so is written in full as often.
std::string referring_to(const std::string& elements, int times) {
  Wire wire;
  wire.table(1, times).number(1).byte_storage(2, elements);
  for (int i = 2; i <= times; ++i) wire.number(i).again(core::tag::kInstance, 2);
  return wire.bytes();
}

/// Each of them was bounded, and all of them together were not: 16 GETs took a server in 256 MB down.
TEST_F(HeldMemory, IsThatOfAnObjectThatIsWrittenInFull) {
  serve({"--memory-bytes-max", "20000000"});
  put("a", referring_to(std::string(1'000'000, 'x'), 8));
  const std::string in_full = "/v1/objects/a?referenced=false";
  EXPECT_GT(get(in_full).body.size(), 8'000'000U);
  for (int i = 0; i < 2; ++i) {
    clients_.push_back(std::make_unique<SilentClient>(server_->port(), text_of({.target = in_full})));
  }
  EXPECT_TRUE(comes_to_count(16'000'000, 20'000'000)) << counted_bytes();
  expect_overloaded(get(in_full));
  EXPECT_EQ(get("/healthz").status, 200U);
  let_clients_go();
  EXPECT_TRUE(comes_to_count(0, 0)) << counted_bytes();
  EXPECT_GT(get(in_full).body.size(), 8'000'000U);
}

/// Nothing of it is sent yet: what is built counts.
TEST_F(HeldMemory, IsThatOfAnObjectWhileItIsBuilt) {
  serve({"--memory-bytes-max", "4000000"});
  put("a", Wire().table(1, 1).number(1).byte_storage(2, std::string(6'000'000, 'x')).bytes());
  for (const char* const query : {"?referenced=false", "?format=json&style=plain"}) {
    expect_overloaded(get("/v1/objects/a" + std::string(query)));
    EXPECT_TRUE(comes_to_count(0, 0)) << counted_bytes();
  }
}

}  // namespace
}  // namespace sconce::tests
