// Disks that are full or read-only.

#include "tests/integration/limits/full_disk.h"
#include "tests/support/tar.h"

namespace sconce::tests {
namespace {

using nlohmann::json;

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
