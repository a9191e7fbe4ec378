// Disks that are full or read-only.

#include <gtest/gtest.h>

#include <signal.h>
#include <unistd.h>

#include <optional>
#include <set>

#include "tests/server/http_client.h"
#include "tests/server/server_process.h"
#include "tests/server/small_volume.h"
#include "tests/support/files.h"
#include "tests/support/golden.h"
#include "tests/support/tar.h"

namespace sconce::tests {
namespace {

using nlohmann::json;

constexpr std::uint64_t kMiB = 1 << 20;

/// A Torch object: a string of so many bytes. Different numbers give different bytes.
std::string object_of(std::uint32_t size, int number) {
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
      EXPECT_EQ(json::parse(response.body).at("code"), "no_space");
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

constexpr std::uint32_t kLarge = 3'000'000;
constexpr std::uint32_t kSmall = 100'000;
constexpr std::uint32_t kTiny = 1'000;  // not worth a blob

TEST_F(FullDiskOverHttp, ReadsGoOnAndWritesComeBackWhenOthersMakeRoom) {
  volume_->fill("others");
  std::filesystem::resize_file(volume_->path() / "others", 40 * kMiB);
  const int large = fill("large", kLarge);
  ASSERT_GT(large, 5);
  const int small = fill("small", kSmall);
  expect_there("large", 0, 1, large, kLarge);
  expect_there("small", 0, 1, small, kSmall);
  EXPECT_EQ(put("again", object_of(kLarge, 1)).status, 507U);
  std::filesystem::remove(volume_->path() / "others");
  EXPECT_EQ(put("small-after", object_of(kSmall, 2)).status, 201U);
  EXPECT_EQ(put("large-after", object_of(kLarge, 3)).status, 201U);
  expect_there("large", 0, 1, large, kLarge);
  EXPECT_TRUE(get("large-after").body == object_of(kLarge, 3));
  EXPECT_EQ(get("large" + std::to_string(large)).status, 404U);
}

TEST_F(FullDiskOverHttp, EveryLargeAndSmallObjectCanBeDeletedAndMakesRoom) {
  const int large = fill("large", kLarge);
  ASSERT_GT(large, 10);
  const int small = fill("small", kSmall);
  const int tiny = fill("tiny", kTiny);
  remove_all("large", 0, 1, 4);
  expect_stored_soon("large-again", object_of(kLarge, 7));
  const int more = fill("more", kSmall);
  EXPECT_GT(more, 20);
  remove_all("small", 0, 1, small);
  remove_all("tiny", 0, 1, tiny);
  remove_all("more", 0, 1, more);
  expect_stored_soon("small-again", object_of(kSmall, 8));
  remove_all("large", 4, 1, large);
  expect_stored_soon("large-again", object_of(kLarge, 9));
}

/// The volume never was full, so nothing was made free before a large object asked for it.
TEST_F(FullDiskOverHttp, AStoreThatWasEmptiedTakesALargeObject) {
  constexpr int kCount = 700;
  for (int i = 0; i < kCount; ++i) ASSERT_EQ(put("s" + std::to_string(i), object_of(kSmall, i)).status, 201U) << i;
  remove_all("s", 0, 1, kCount);
  expect_stored_soon("large", object_of(40 * kMiB, 1));
}

/// What it had written before it was refused comes back.
TEST_F(FullDiskOverHttp, ABatchThatFindsNoRoomLeavesRoom) {
  std::string tar;
  for (int i = 0; i < 1'200; ++i) tar += tar_entry("b" + std::to_string(i), object_of(kSmall, i));
  const HttpRequest batch{.method = "POST", .target = "/v1/batch/commit", .fields = {}, .body = tar + tar_end()};
  EXPECT_EQ(exchange(batch).status, 507U);
  expect_stored_soon("large", object_of(20 * kMiB, 1));
}

TEST_F(FullDiskOverHttp, EveryOtherSmallObjectMakesRoom) { expect_every_other_makes_room(kSmall); }

TEST_F(FullDiskOverHttp, AStartServesReadsAndDeletes) {
  const int large = fill("large", kLarge);
  const int small = fill("small", kSmall);
  for (const int signal : {SIGTERM, SIGKILL}) {
    stop(signal);
    start();
    expect_there("large", 6, 1, large, kLarge);
    expect_there("small", 0, 1, small, kSmall);
    EXPECT_EQ(put("large-again", object_of(kLarge, 1)).status, 507U);
  }
  remove_all("large", 0, 1, 6);
  expect_stored_soon("large-again", object_of(kLarge, 2));
}

TEST_F(FullDiskOverHttp, AStartServesReadsAndDeletesWhereOthersTookTheLastByte) {
  const int large = fill("large", kLarge);
  const int small = fill("small", kSmall);
  remove_all("large", 0, 1, 5);
  expect_stored_soon("in-the-log", object_of(kSmall, 1));
  stop(SIGKILL);
  volume_->fill("others");
  ASSERT_EQ(volume_->free_bytes(), 0U);
  start();
  expect_there("large", 5, 1, large, kLarge);
  EXPECT_TRUE(get("in-the-log").body == object_of(kSmall, 1));
  remove_all("small", 0, 1, small);
  remove_all("large", 5, 1, 10);
  expect_stored_soon("large-again", object_of(kLarge, 3));
}

TEST_F(FullDiskOverHttp, DeletesGoOnWhileOthersTakeTheLastByte) {
  const int large = fill("large", kLarge);
  ASSERT_GT(large, 10);
  volume_->fill("others");
  remove_all("large", 0, 1, 5);
  volume_->fill("others");
  remove_all("large", 5, 1, 10);
  expect_there("large", 10, 1, large, kLarge);
}

TEST_F(FullDiskOverHttp, NothingIsSpooledAndNoBatchTaken) {
  fill("large", kLarge);
  fill("small", kSmall);
  const HttpResponse converted =
      http(server_->port(),
           {.method = "POST", .target = "/v1/convert?to=ascii", .fields = {}, .body = object_of(kLarge, 1)});
  EXPECT_EQ(converted.status, 507U) << converted.body;
  const std::string batch = tar_entry("one", object_of(kTiny, 1)) + tar_entry("two", object_of(kLarge, 2)) + tar_end();
  const HttpResponse committed =
      http(server_->port(), {.method = "POST", .target = "/v1/batch/commit", .fields = {}, .body = batch});
  EXPECT_EQ(committed.status, 507U) << committed.body;
  EXPECT_EQ(get("one").status, 404U);
}

TEST_F(FullDiskOverHttp, IsSaidOnceWhenItBeginsAndOnceWhenItEnds) {
  const int large = fill("large", kLarge);
  fill("small", kSmall);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(put("refused", object_of(kSmall, i)).status, 507U);
  remove_all("large", 0, 1, large);
  expect_stored_soon("large-again", object_of(kLarge, 1));
  stop();
  EXPECT_EQ(lines_with("the disk is full: "), 1U) << server_->log();
  EXPECT_EQ(lines_with("the disk is no longer full: "), 1U) << server_->log();
  EXPECT_EQ(lines_with(" error "), 0U) << server_->log();
}

/// Clients go on to be sent there for what can be served: reads, and the deletes that make room.
TEST_F(FullDiskOverHttp, IsReadyForReadsAndNotForWrites) {
  const auto ready = [this](const std::string& query) { return exchange({.target = "/readyz" + query}); };
  const auto gauge = [this](const std::string& operation) {
    const std::string metrics = exchange({.target = "/metrics"}).body;
    const std::string line = "\nsconce_store_ready{operation=\"" + operation + "\"} ";
    return metrics.substr(metrics.find(line) + line.size(), 1);
  };
  EXPECT_EQ(ready("?writes=true").status, 200U);
  const int large = fill("large", kLarge);
  fill("small", kSmall);
  EXPECT_EQ(ready("").status, 200U);
  const HttpResponse refused = ready("?writes=true");
  EXPECT_EQ(refused.status, 503U);
  const json said = json::parse(refused.body);
  EXPECT_EQ(said.at("reads"), true);
  EXPECT_EQ(said.at("writes"), false);
  EXPECT_TRUE(said.at("reason").get<std::string>().starts_with("the disk is full")) << refused.body;
  EXPECT_EQ(gauge("read") + gauge("write"), "10");
  EXPECT_EQ(exchange({.target = "/healthz"}).status, 200U);
  remove_all("large", 0, 1, large);
  expect_stored_soon("large-again", object_of(kLarge, 1));
  EXPECT_EQ(ready("?writes=true").status, 200U);
  EXPECT_EQ(gauge("read") + gauge("write"), "11");
}

/// Nobody writes, so nothing is refused meanwhile.
TEST_F(FullDiskOverHttp, IsSeenWithoutAWrite) {
  ASSERT_EQ(put("small", object_of(kSmall, 1)).status, 201U);
  volume_->fill("others");
  EXPECT_EQ(exchange({.target = "/readyz?writes=true"}).status, 503U);
  EXPECT_EQ(exchange({.target = "/readyz"}).status, 200U);
  std::filesystem::remove(volume_->path() / "others");
  EXPECT_EQ(exchange({.target = "/readyz?writes=true"}).status, 200U);
}

class TinyDiskOverHttp : public FullDiskOverHttp {
 protected:
  TinyDiskOverHttp() : FullDiskOverHttp(24 * kMiB) {}
};

TEST_F(TinyDiskOverHttp, EveryOtherTinyObjectMakesRoom) { expect_every_other_makes_room(kTiny); }

TEST_F(TinyDiskOverHttp, CanBeFilledAndEmptied) {
  const int count = fill("small", kSmall);
  EXPECT_GT(count, 60);
  remove_all("small", 0, 1, count);
  expect_stored_soon("again", object_of(kSmall, 1));
  stop();
  start();
  int more = 0;
  for (int tries = 0; tries < 50 && more < 60; ++tries) {
    more += fill("more-" + std::to_string(tries) + "-", kSmall);
    usleep(100'000);
  }
  EXPECT_GE(more, 60);
}

TEST(DataDirectory, ThatCannotBeWrittenIsAnError) {
  if (SmallVolume::is_refused()) GTEST_SKIP() << SmallVolume::kRefused;
  const TemporaryDirectory directory;
  const SmallVolume volume(directory.path() / "volume", 100 * kMiB);
  const auto enter = [&volume] { volume.enter(); };
  {
    ServerProcess(volume.directory() / "data", {}, enter).send_signal(SIGTERM);
  }
  volume.make_read_only();
  ServerProcess server(volume.directory() / "data", {}, enter);
  EXPECT_EQ(server.port(), 0);
  EXPECT_EQ(server.wait(), 1);
  EXPECT_NE(server.log().find("sconce: serve: cannot open"), std::string::npos) << server.log();
  EXPECT_NE(server.log().find("Read-only file system"), std::string::npos) << server.log();
}

}  // namespace
}  // namespace sconce::tests
