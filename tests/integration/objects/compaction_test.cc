// Compactions: one at a time, in nobody's way, and over when the server is to stop.

#include <gtest/gtest.h>
#include <signal.h>

#include <future>

#include "tests/server/http_client.h"
#include "tests/server/server_process.h"
#include "tests/support/files.h"
#include "tests/support/float_tensor.h"
#include "tests/support/golden.h"
#include "tests/support/tar.h"

namespace sconce::tests {
namespace {

using nlohmann::json;

/// So much to rewrite that a compaction lasts for many requests.
void fill(std::uint16_t port) {
  std::string tar;
  for (int i = 0; i < 3000; ++i) tar += tar_entry(std::to_string(i), float_tensor({25'000}, static_cast<float>(i)));
  ASSERT_EQ(http(port, {.method = "POST", .target = "/v1/batch/commit", .body = tar + tar_end()}).status, 200U);
}

HttpResponse compact(std::uint16_t port) { return http(port, {.method = "POST", .target = "/v1/admin/compact"}); }

/// One that is under way, as the refusal of another tells. Not valid if none was.
std::future<HttpResponse> begin_compaction(std::uint16_t port) {
  using std::chrono::milliseconds;
  for (int round = 0; round < 5; ++round) {
    std::future<HttpResponse> one = std::async(std::launch::async, [port] { return compact(port); });
    std::future<HttpResponse> other = std::async(std::launch::async, [port] { return compact(port); });
    bool other_ended = false;
    while (!other_ended && one.wait_for(milliseconds(1)) != std::future_status::ready) {
      other_ended = other.wait_for(milliseconds(1)) == std::future_status::ready;
    }
    std::future<HttpResponse>& ended = other_ended ? other : one;
    std::future<HttpResponse>& left = other_ended ? one : other;
    if (ended.get().status == 409) return std::move(left);
    left.wait();  // both were carried out
  }
  return {};
}

/// With one thread for writes: each compaction held one until it was done, and a signal did not end it.
TEST(Compaction, HoldsNoWriteAndEndsWithASignal) {
  const TemporaryDirectory directory;
  ServerProcess server(directory.path() / "data", {"--worker-threads", "1"});
  fill(server.port());
  std::future<HttpResponse> compaction;
  bool was_in_nobodys_way = false;
  for (int round = 0; round < 10 && !was_in_nobodys_way; ++round) {  // it may have ended before the others are answered
    compaction = begin_compaction(server.port());
    ASSERT_TRUE(compaction.valid()) << "two compactions at once";
    EXPECT_EQ(http(server.port(), {.method = "PUT", .target = "/v1/objects/a", .body = "1\n3.5\n"}).status / 100, 2U);
    const HttpResponse another = compact(server.port());
    was_in_nobodys_way = another.status == 409 && json::parse(another.body).at("code") == "already_running";
  }
  ASSERT_TRUE(was_in_nobodys_way);
  server.send_signal(SIGTERM);
  const HttpResponse ended = compaction.get();
  EXPECT_EQ(ended.status, 503U);
  EXPECT_EQ(json::parse(ended.body).at("code"), "interrupted");
  EXPECT_EQ(server.wait(), 0);
  const ServerProcess again(directory.path() / "data");
  EXPECT_TRUE(http(again.port(), {.target = "/v1/objects/2999"}).body == float_tensor({25'000}, 2999));
}

}  // namespace
}  // namespace sconce::tests
