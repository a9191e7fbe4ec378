// Disks that are full or read-only.

#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdlib>
#include <optional>

#include "tests/server/http_client.h"
#include "tests/server/server_process.h"
#include "tests/support/files.h"
#include "tests/support/golden.h"

namespace sconce::tests {
namespace {

using nlohmann::json;

bool can_mount() {
  const char* const rights = geteuid() == 0 ? "-m" : "-rm";
  return std::system((std::string("unshare ") + rights + " mount -t tmpfs none /mnt 2>/dev/null").c_str()) == 0;
}

class FullDiskOverHttp : public testing::Test {
 protected:
  void SetUp() override {
    if (!can_mount()) GTEST_SKIP() << "this machine lets nobody mount a file system";
    server_.emplace(directory_.path() / "data", std::vector<std::string>(),
                    "mount -t tmpfs -o size=100m none " + directory_.path().string() + "\nhead -c 40M /dev/zero > " +
                        directory_ / "ballast");
    ASSERT_NE(server_->port(), 0) << server_->log();
  }

  HttpResponse put(const std::string& key, const std::string& body) {
    return http(server_->port(), {.method = "PUT", .target = "/v1/objects/" + key, .fields = {}, .body = body});
  }
  std::string get(const std::string& key) { return http(server_->port(), {.target = "/v1/objects/" + key}).body; }

  /// Others make room on the disk.
  void remove_ballast() {
    std::filesystem::remove("/proc/" + std::to_string(server_->process()) + "/root" + directory_ / "ballast");
  }

  /// Puts until the disk is full; how many were acknowledged.
  int fill(const std::string& prefix, const std::string& object) {
    for (int i = 0; i < 10'000; ++i) {
      const HttpResponse response = put(prefix + std::to_string(i), object);
      if (response.status == 201) continue;
      EXPECT_EQ(response.status, 507U) << response.body << server_->log();
      EXPECT_EQ(json::parse(response.body).at("code"), "no_space");
      return i;
    }
    return -1;
  }

  void expect_there(const std::string& prefix, int count, const std::string& object) {
    for (int i = 0; i < count; ++i) ASSERT_TRUE(get(prefix + std::to_string(i)) == object) << prefix << i;
  }

  const TemporaryDirectory directory_;
  std::optional<ServerProcess> server_;
  const std::string small_ = read_golden("Float_10k.binary.ref.t7");
};

/// A string of 3 MB.
std::string large_object() {
  const std::string text(3'000'000, 'x');
  return std::string("\2\0\0\0", 4) + std::string("\xc0\xc6\x2d\0", 4) + text;
}

TEST_F(FullDiskOverHttp, IsSaidAndReadsGoOnAndWritesComeBack) {
  const std::string large = large_object();
  const int large_count = fill("large", large);
  ASSERT_GT(large_count, 5);
  const int small_count = fill("small", small_);
  ASSERT_GT(small_count, 0) << server_->log();
  expect_there("large", large_count, large);
  expect_there("small", small_count, small_);
  EXPECT_EQ(put("large-again", large).status, 507U);
  remove_ballast();
  EXPECT_EQ(put("small-after", small_).status, 201U);
  EXPECT_EQ(put("large-after", large).status, 201U);
  expect_there("large", large_count, large);
  expect_there("small", small_count, small_);
  EXPECT_TRUE(get("large-after") == large);
  EXPECT_EQ(http(server_->port(), {.target = "/v1/objects/large" + std::to_string(large_count)}).status, 404U);
}

/// The space that is given back may be the store's own.
TEST_F(FullDiskOverHttp, DeletingMakesRoom) {
  const std::string large = large_object();
  const int count = fill("large", large);
  ASSERT_GT(count, 10);
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(http(server_->port(), {.method = "DELETE", .target = "/v1/objects/large" + std::to_string(i)}).status,
              204U);
  }
  HttpResponse response;
  for (int i = 0; i < 50 && response.status != 201; ++i) {
    response = put("again", large);
    if (response.status != 201) usleep(100'000);
  }
  EXPECT_EQ(response.status, 201U) << response.body;
  EXPECT_TRUE(get("large9") == large);
}

TEST(DataDirectory, ThatCannotBeWrittenIsAnError) {
  if (!can_mount()) GTEST_SKIP() << "this machine lets nobody mount a file system";
  const TemporaryDirectory directory;
  const std::string data = directory / "data";
  {
    ServerProcess(data).send_signal(SIGTERM);
  }
  ServerProcess server(data, {}, "mount --bind " + data + " " + data + "\nmount -o remount,ro,bind " + data);
  EXPECT_EQ(server.port(), 0);
  EXPECT_EQ(server.wait(), 1);
  EXPECT_NE(server.log().find("sconce: serve: cannot open"), std::string::npos) << server.log();
  EXPECT_NE(server.log().find("Read-only file system"), std::string::npos) << server.log();
}

}  // namespace
}  // namespace sconce::tests
