// Ten thousand connections that do nothing.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "tests/server/http_client.h"
#include "tests/server/server_process.h"
#include "tests/support/files.h"

namespace sconce::tests {
namespace {

constexpr std::size_t kConnections = 10'000;
constexpr std::size_t kBytesMax = 200 << 20;

/// A socket with nothing around it.
class PlainConnection {
 public:
  explicit PlainConnection(std::uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval timeout{.tv_sec = 30, .tv_usec = 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_open_ = connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~PlainConnection() {
    if (socket_ >= 0) close(socket_);
  }
  PlainConnection(PlainConnection&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)), is_open_(other.is_open_) {}
  PlainConnection& operator=(PlainConnection&&) = delete;

  bool is_open() const { return is_open_; }
  void send_request(const std::string& text) const { ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL); }
  /// The beginning of what comes next.
  std::string receive_some() const {
    std::string piece(512, '\0');
    const ssize_t size = recv(socket_, piece.data(), piece.size(), 0);
    piece.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return piece;
  }

 private:
  int socket_;
  bool is_open_ = false;
};

/// VmRSS of a process.
std::size_t resident_bytes(pid_t process) {
  const std::string status = read_file("/proc/" + std::to_string(process) + "/status");
  constexpr std::string_view kName = "VmRSS:";
  return std::stoul(status.substr(status.find(kName) + kName.size())) * 1024;
}

bool may_open(std::size_t descriptors) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_max < descriptors) return false;
  limit.rlim_cur = limit.rlim_max;
  return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

TEST(MeasuredIdleConnections, TenThousandCostLessThan200MiB) {
  ASSERT_TRUE(may_open(kConnections + 1000)) << "raise the limit of descriptors: ulimit -Hn";
  const TemporaryDirectory directory;
  const std::string many = std::to_string(kConnections + 10);
  const ServerProcess server(directory.path() / "data", {"--connections-max", many, "--connections-per-address-max",
                                                         many, "--idle-timeout-ms", "600000"});
  ASSERT_EQ(http(server.port(), {.target = "/healthz"}).status, 200U);
  const std::size_t before = resident_bytes(server.process());
  // A head of some KB, so that a buffer that is kept would be seen.
  const std::string request = text_of({.target = "/healthz", .fields = {"X-Large: " + std::string(12'000, 'x')}});
  std::vector<PlainConnection> connections;
  for (std::size_t i = 0; i < kConnections; ++i) {
    connections.emplace_back(server.port());
    ASSERT_TRUE(connections.back().is_open()) << i;
    connections.back().send_request(request);
    ASSERT_TRUE(connections.back().receive_some().starts_with("HTTP/1.1 200")) << i;
  }
  const std::size_t after = resident_bytes(server.process());
  RecordProperty("bytes_per_connection", std::to_string((after - before) / kConnections));
  EXPECT_LT(after - before, kBytesMax);
  for (const std::size_t i : {std::size_t{0}, kConnections / 2, kConnections - 1}) {
    connections[i].send_request(request);
    EXPECT_TRUE(connections[i].receive_some().starts_with("HTTP/1.1 200")) << i;
  }
}

}  // namespace
}  // namespace sconce::tests
