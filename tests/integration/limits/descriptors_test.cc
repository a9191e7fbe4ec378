// Files and connections share the descriptors of the process.

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <deque>

#include "tests/server/http_client.h"
#include "tests/server/server_process.h"
#include "tests/support/files.h"

namespace sconce::tests {
namespace {

constexpr rlim_t kDescriptors = 1200;
constexpr int kObjects = 600;

/// In the server's process.
void take_descriptors() {
  const rlimit limit{.rlim_cur = kDescriptors, .rlim_max = kDescriptors};
  setrlimit(RLIMIT_NOFILE, &limit);
}

/// A Torch object, a string, that is stored as a file of its own.
std::string object_of(int number) {
  std::string text = std::to_string(number) + ' ';
  text.resize(300'000, 'x');
  return std::string("\2\0\0\0\xe0\x93\4\0", 8) + text;
}

/// With all connections open that it lets come, and more tables than there are descriptors left.
TEST(Descriptors, AreLeftForFilesWhateverConnectionsAreOpen) {
  const TemporaryDirectory directory;
  ServerProcess server(directory.path() / "data", {"--connections-per-address-max", "10000"}, take_descriptors);
  ASSERT_NE(server.port(), 0) << server.log();
  HttpConnection connection(server.port());
  ASSERT_EQ(connection.exchange({.target = "/healthz"}).status, 200U);
  std::deque<HttpConnection> idle;
  for (rlim_t i = 0; i < kDescriptors; ++i) idle.emplace_back(server.port());
  for (int i = 0; i < kObjects; ++i) {
    const HttpResponse put = connection.exchange(
        {.method = "PUT", .target = "/v1/objects/" + std::to_string(i), .fields = {}, .body = object_of(i)});
    ASSERT_EQ(put.status, 201U) << i << put.body;
  }
  for (int i = 0; i < kObjects; ++i) {
    const HttpResponse got = connection.exchange({.target = "/v1/objects/" + std::to_string(i)});
    ASSERT_EQ(got.status, 200U) << i << got.body;
    ASSERT_TRUE(got.body == object_of(i)) << i;
  }
  const HttpResponse compacted = connection.exchange({.method = "POST", .target = "/v1/admin/compact"});
  EXPECT_LT(compacted.status, 300U) << compacted.body;
  const HttpResponse after =
      connection.exchange({.method = "PUT", .target = "/v1/objects/after", .fields = {}, .body = object_of(1)});
  EXPECT_EQ(after.status, 201U) << after.body;
  idle.clear();
  server.send_signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0);
  EXPECT_EQ(server.log().find("Too many open files"), std::string::npos) << server.log();
}

}  // namespace
}  // namespace sconce::tests
