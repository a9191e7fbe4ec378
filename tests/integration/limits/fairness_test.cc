// Small requests beside large ones.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <thread>

#include "tests/server/http_client.h"
#include "tests/server/server_process.h"
#include "tests/support/files.h"

namespace sconce::tests {
namespace {

/// A torch.DoubleStorage of so many halves.
std::string ascii_storage(std::size_t count) {
  std::string text = "4\n1\n3\nV 1\n19\ntorch.DoubleStorage\n" + std::to_string(count) + "\n";
  for (std::size_t i = 0; i < count; ++i) text += i + 1 < count ? "0.5 " : "0.5\n";
  return text;
}

class FairnessOverHttp : public testing::Test {
 protected:
  FairnessOverHttp() {
    EXPECT_EQ(http(server_.port(), {.method = "PUT", .target = "/v1/objects/small", .body = "1\n3.5\n"}).status, 201U);
  }

  bool small_is_served() const {
    return http(server_.port(), {.target = "/v1/objects/small?format=ascii"}).body == "1\n3.5\n";
  }

  TemporaryDirectory directory_;
  ServerProcess server_{directory_.path() / "data", {"--worker-threads", "1", "--bulk-threads", "1"}};
};

TEST_F(FairnessOverHttp, SmallRequestsAreServedWhileFiftyUploadsStandStill) {
  const std::string text = ascii_storage(200'000);
  const std::size_t half = text.size() / 2;
  std::vector<std::unique_ptr<HttpConnection>> uploads;
  for (int i = 0; i < 50; ++i) {
    uploads.push_back(std::make_unique<HttpConnection>(server_.port()));
    uploads.back()->send("PUT /v1/objects/large-" + std::to_string(i) + " HTTP/1.1\r\nHost: localhost\r\n" +
                         "Content-Length: " + std::to_string(text.size()) + "\r\n\r\n");
    ASSERT_TRUE(uploads.back()->send(std::string_view(text).substr(0, half)));
  }
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(small_is_served());
  for (const auto& upload : uploads) {
    ASSERT_TRUE(upload->send(std::string_view(text).substr(half)));
    EXPECT_EQ(upload->receive().status, 201U);
  }
}

/// Here the client waits for uploads that are parsed meanwhile, which takes too long for it under a sanitizer.
class MeasuredFairness : public FairnessOverHttp {};

/// There is one thread for each queue, so requests that took their turn among the pieces of the uploads would be served
/// about as many times as one upload has pieces.
TEST_F(MeasuredFairness, SmallRequestsDoNotTakeTheirTurnAmongPiecesOfUploads) {
  constexpr std::size_t kUploads = 20;
  const std::string text = ascii_storage(1'000'000);
  std::atomic<std::size_t> under_way = kUploads;
  std::array<unsigned, kUploads> statuses{};
  std::vector<std::thread> uploaders;
  for (std::size_t i = 0; i < kUploads; ++i) {
    uploaders.emplace_back([&, i] {
      statuses[i] =
          http(server_.port(), {.method = "PUT", .target = "/v1/objects/large-" + std::to_string(i), .body = text})
              .status;
      --under_way;
    });
  }
  std::size_t served = 0;
  for (; under_way == kUploads; ++served) EXPECT_TRUE(small_is_served());
  for (std::thread& uploader : uploaders) uploader.join();
  EXPECT_EQ(std::ranges::count(statuses, 201U), kUploads);
  const std::size_t pieces_each = text.size() / (256 * 1024);
  EXPECT_GT(served, 4 * pieces_each);
}

}  // namespace
}  // namespace sconce::tests
