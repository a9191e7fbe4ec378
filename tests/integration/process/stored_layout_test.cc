// Data directories that programs of former layouts left when they were killed (tests/layouts/make.sh): a server reads
// all of it, and goes on with it.

#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <string>

#include "tests/server/http_client.h"
#include "tests/server/server_process.h"
#include "tests/support/files.h"
#include "tests/support/golden.h"
#include "tests/support/layouts.h"

namespace sconce::tests {
namespace {

class StoredLayout : public testing::TestWithParam<int> {
 protected:
  void SetUp() override { unpack_layout(GetParam(), directory_.path()); }

  void expect_all(std::uint16_t port) {
    const std::pair<std::string, std::string> files[] = {
        {"small", "nn_mlp"},      {"blob", "Float_10k"},
        {"replaced", "Float_2d"}, {"batch/Byte_1d.ascii.ref.t7", "Byte_1d"},
        {"log", "Long_1d"},       {"batch/Double_4d.binary.ref.t7", "Double_4d"},
    };
    for (const auto& [key, golden] : files) {
      const HttpResponse got = http(port, {.target = "/v1/objects/" + key});
      EXPECT_EQ(got.status, 200U) << key << ": " << got.body;
      EXPECT_TRUE(got.body == read_golden(golden + ".binary.ref.t7")) << key;
    }
    EXPECT_EQ(http(port, {.target = "/v1/objects/small"}).field("sconce-meta-step"), "1000");
    EXPECT_EQ(http(port, {.target = "/v1/objects/deleted"}).status, 404U);
    const HttpResponse whole = http(port, {.target = "/v1/objects/large"});
    EXPECT_EQ(whole.body.size(), 600'125U);
    const std::string listed = http(port, {.target = "/v1/objects"}).body;
    std::size_t count = 0;
    for (std::size_t at = 0; (at = listed.find("\"key\"", at)) != std::string::npos; ++at) count += 1;
    EXPECT_EQ(count, 7U) << listed;
  }

  /// By the outline that the upload left in the store.
  void expect_parts(std::uint16_t port) {
    const HttpResponse row = http(port, {.target = "/v1/objects/large?slice=149,997:&format=json&style=plain"});
    EXPECT_EQ(row.body, "[997,998,999]\n");
    const HttpResponse outline = http(port, {.target = "/v1/objects/large?view=outline"});
    EXPECT_NE(outline.body.find("\"sizes\":[150,1000],\"strides\":[1000,1]"), std::string::npos) << outline.body;
  }

  const TemporaryDirectory directory_;
  const std::filesystem::path data_ = directory_.path() / "data";
};

TEST_P(StoredLayout, IsReadWhole) {
  {
    ServerProcess server(data_);
    ASSERT_NE(server.port(), 0) << server.log();
    expect_all(server.port());
    expect_parts(server.port());
    server.send_signal(SIGTERM);
    EXPECT_EQ(server.wait(), 0);
  }
  ServerProcess again(data_);
  expect_all(again.port());
}

TEST_P(StoredLayout, IsWrittenOn) {
  {
    ServerProcess server(data_);
    const std::string body = read_golden("Float_3d.binary.ref.t7");
    ASSERT_EQ(http(server.port(), {.method = "PUT", .target = "/v1/objects/new", .body = body}).status, 201U);
    ASSERT_EQ(http(server.port(), {.method = "DELETE", .target = "/v1/objects/large"}).status, 204U);
    server.send_signal(SIGKILL);
    server.wait();
  }
  const ServerProcess again(data_);
  EXPECT_EQ(http(again.port(), {.target = "/v1/objects/new"}).status, 200U);
  EXPECT_EQ(http(again.port(), {.target = "/v1/objects/large"}).status, 404U);
  EXPECT_EQ(http(again.port(), {.target = "/v1/objects/blob"}).body, read_golden("Float_10k.binary.ref.t7"));
}

INSTANTIATE_TEST_SUITE_P(All, StoredLayout, testing::Values(4));

}  // namespace
}  // namespace sconce::tests
