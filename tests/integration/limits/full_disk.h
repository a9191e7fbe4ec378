#pragma once

#include <gtest/gtest.h>

#include <signal.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/server/http_client.h"
#include "tests/server/server_process.h"
#include "tests/server/small_volume.h"
#include "tests/support/files.h"
#include "tests/support/golden.h"

namespace sconce::tests {

inline constexpr std::uint64_t kMiB = 1 << 20;

/// A Torch object: a string of so many bytes. Different numbers give different bytes.
inline std::string object_of(std::uint32_t size, int number) {
  const auto word = [](std::uint32_t value) {
    std::string bytes;
    for (int i = 0; i < 4; ++i) bytes += static_cast<char>(value >> (8 * i));
    return bytes;
  };
  std::string text = std::to_string(number) + ' ';
  text.resize(size, static_cast<char>('a' + number % 26));
  return word(2) + word(size) + text;
}

/// A server on a volume of its own, which holds nothing but its data.
class FullDiskOverHttp : public testing::Test {
 protected:
  explicit FullDiskOverHttp(std::uint64_t volume_bytes = 100 * kMiB) : volume_bytes_(volume_bytes) {}

  void SetUp() override {
    if (SmallVolume::is_refused()) GTEST_SKIP() << SmallVolume::kRefused;
    volume_.emplace(directory_.path() / "volume", volume_bytes_);
    start();
  }

  void start() {
    connection_.reset();
    server_.reset();
    server_.emplace(volume_->directory() / "data", std::vector<std::string>(), [this] { volume_->enter(); });
    ASSERT_NE(server_->port(), 0) << server_->log();
  }

  void stop(int signal = SIGTERM) {
    server_->send_signal(signal);
    EXPECT_EQ(server_->wait(), signal == SIGTERM ? 0 : -signal) << server_->log();
  }

  HttpResponse put(const std::string& key, const std::string& body) {
    return exchange({.method = "PUT", .target = "/v1/objects/" + key, .fields = {}, .body = body});
  }
  unsigned remove(const std::string& key) {
    return exchange({.method = "DELETE", .target = "/v1/objects/" + key}).status;
  }
  HttpResponse get(const std::string& key) { return exchange({.target = "/v1/objects/" + key}); }

  /// On one connection, which ends with each large body that is refused.
  HttpResponse exchange(const HttpRequest& request) {
    if (!connection_) connection_.emplace(server_->port());
    HttpResponse response = connection_->exchange(request);
    if (response.status == 0 || response.field("connection") == "close") connection_.reset();
    return response;
  }

  /// Puts until the disk is full; how many were acknowledged.
  int fill(const std::string& prefix, std::uint32_t size) {
    for (int i = 0; i < 100'000; ++i) {
      const HttpResponse response = put(prefix + std::to_string(i), object_of(size, i));
      if (response.status == 201) continue;
      EXPECT_EQ(response.status, 507U) << response.body;
      EXPECT_EQ(nlohmann::json::parse(response.body).at("code"), "no_space");
      return i;
    }
    return -1;
  }

  void expect_there(const std::string& prefix, int first, int step, int count, std::uint32_t size) {
    for (int i = first; i < count; i += step) {
      ASSERT_TRUE(get(prefix + std::to_string(i)).body == object_of(size, i)) << prefix << i;
    }
  }

  /// Each is to be answered 204.
  void remove_all(const std::string& prefix, int first, int step, int count) {
    for (int i = first; i < count; i += step) ASSERT_EQ(remove(prefix + std::to_string(i)), 204U) << prefix << i;
  }

  /// Room is made in the background; nobody but the server does.
  void expect_stored_soon(const std::string& key, const std::string& object) {
    HttpResponse response;
    for (int i = 0; i < 300; ++i) {
      response = put(key, object);
      if (response.status != 507) break;
      usleep(100'000);
    }
    EXPECT_TRUE(response.status == 201 || response.status == 200) << response.status << response.body;
    EXPECT_TRUE(get(key).body == object) << key;
  }

  /// The bytes of small objects lie together in files, which have to be written again without those that are gone.
  void expect_every_other_makes_room(std::uint32_t size) {
    const int count = fill("first-", size);
    ASSERT_GT(count, 10);
    remove_all("first-", 0, 2, count);
    // Not at once, and not all of it, but most.
    int stored = 0;
    for (int tries = 0; tries < 100 && stored < count / 3; ++tries) {
      const int more = fill("again-" + std::to_string(tries) + "-", size);
      stored += more;
      if (more == 0) usleep(100'000);
    }
    EXPECT_GE(stored, count / 3);
    expect_there("first-", 1, 2, count, size);
  }

  std::size_t lines_with(const std::string& text) {
    std::size_t lines = 0;
    for (std::size_t at = 0; (at = server_->log().find(text, at)) != std::string::npos; ++at) lines += 1;
    return lines;
  }

  const TemporaryDirectory directory_;
  const std::uint64_t volume_bytes_;
  std::optional<SmallVolume> volume_;
  std::optional<ServerProcess> server_;
  std::optional<HttpConnection> connection_;
};

inline constexpr std::uint32_t kLarge = 3'000'000;
inline constexpr std::uint32_t kSmall = 100'000;
inline constexpr std::uint32_t kTiny = 1'000;  // not worth a blob

}  // namespace sconce::tests
