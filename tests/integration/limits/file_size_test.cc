// A limit on the size of files, as `ulimit -f` sets it.

#include <gtest/gtest.h>

#include <sys/resource.h>

#include "tests/server/http_client.h"
#include "tests/server/server_process.h"
#include "tests/support/files.h"

namespace sconce::tests {
namespace {

constexpr rlim_t kFileBytesMax = 400'000;

/// In the server's process.
void limit_files() {
  const rlimit limit{.rlim_cur = kFileBytesMax, .rlim_max = kFileBytesMax};
  setrlimit(RLIMIT_FSIZE, &limit);
}

/// What does not fit is refused, and ends nothing.
TEST(FileSize, AnObjectBeyondTheLimitDoesNotEndTheServer) {
  const TemporaryDirectory directory;
  ServerProcess server(directory.path() / "data", {}, limit_files);
  ASSERT_NE(server.port(), 0) << server.log();
  HttpConnection connection(server.port());
  const std::string small("\1\0\0\0\0\0\0\0\0\0\xf0\x3f", 12);
  ASSERT_EQ(connection.exchange({.method = "PUT", .target = "/v1/objects/small", .fields = {}, .body = small}).status,
            201U);
  std::string large("\2\0\0\0\x40\x42\x0f\0", 8);
  large.resize(8 + 1'000'000, 'x');
  const HttpResponse refused =
      HttpConnection(server.port())
          .exchange({.method = "PUT", .target = "/v1/objects/large", .fields = {}, .body = large});
  EXPECT_EQ(refused.status, 500U) << refused.body;
  EXPECT_EQ(HttpConnection(server.port()).exchange({.target = "/v1/objects/large"}).status, 404U);
  const HttpResponse got = HttpConnection(server.port()).exchange({.target = "/v1/objects/small"});
  EXPECT_EQ(got.status, 200U) << server.log();
  EXPECT_TRUE(got.body == small);
  EXPECT_NE(server.log().find("File too large"), std::string::npos) << server.log();
  server.send_signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0);
}

}  // namespace
}  // namespace sconce::tests
