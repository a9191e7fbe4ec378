// What is taken, refused and said on a disk that is full, or nearly.

#include "tests/integration/limits/full_disk.h"
#include "tests/support/tar.h"

namespace sconce::tests {
namespace {

using nlohmann::json;

class RequestsOnAFullDisk : public FullDiskOverHttp {
 protected:
  using FullDiskOverHttp::FullDiskOverHttp;

  HttpResponse commit(const std::string& tar) {
    return exchange({.method = "POST", .target = "/v1/batch/commit", .fields = {}, .body = tar + tar_end()});
  }

  static std::string deleting(const std::string& prefix, int first, int step, int count) {
    json names = json::array();
    for (int i = first; i < count; i += step) names.push_back(prefix + std::to_string(i));
    return tar_entry(".sconce-batch.json", json({{"delete", names}}).dump());
  }

  /// As a DELETE of each is taken.
  void expect_removed_together(const std::string& prefix, int first, int step, int count) {
    const HttpResponse response = commit(deleting(prefix, first, step, count));
    ASSERT_EQ(response.status, 200U) << prefix << ": " << response.body;
    EXPECT_EQ(json::parse(response.body).at("deleted"), (count - first + step - 1) / step);
    EXPECT_EQ(get(prefix + std::to_string(first)).status, 404U);
  }

  HttpResponse compact() { return exchange({.method = "POST", .target = "/v1/admin/compact"}); }

  static std::string detail_of(const HttpResponse& response) {
    return response.body.empty() ? "" : json::parse(response.body).at("detail").get<std::string>();
  }
};

TEST_F(RequestsOnAFullDisk, ABatchThatOnlyDeletesIsTakenAndMakesRoom) {
  const int large = fill("large", kLarge);
  const int small = fill("small", kSmall);
  ASSERT_GT(large, 10);
  EXPECT_EQ(commit(deleting("large", 0, 1, 4) + tar_entry("new", object_of(kSmall, 1))).status, 507U);
  EXPECT_EQ(get("large0").status, 200U) << "all or nothing";
  expect_removed_together("small", 0, 1, small);
  expect_removed_together("large", 0, 1, 4);
  expect_stored_soon("large-again", object_of(kLarge, 7));
}

TEST_F(RequestsOnAFullDisk, ACompactionIsDoneInStepsThatFit) {
  const int count = fill("small", kSmall);
  ASSERT_GT(count, 100);
  remove_all("small", 0, 2, count);
  const HttpResponse done = compact();
  EXPECT_EQ(done.status, 204U) << done.body;
  expect_there("small", 1, 2, count, kSmall);
  EXPECT_EQ(put("large", object_of(20 * kMiB, 1)).status, 201U);
}

TEST_F(RequestsOnAFullDisk, ACompactionWithoutRoomSaysHowMuchItNeeds) {
  const int count = fill("small", kSmall);
  ASSERT_GT(count, 100);
  volume_->fill("others");
  const HttpResponse refused = compact();
  EXPECT_EQ(refused.status, 507U);
  EXPECT_EQ(json::parse(refused.body).at("code"), "no_space");
  const std::string detail = detail_of(refused);
  EXPECT_TRUE(detail.starts_with("not all of the space could be given back: ")) << detail;
  EXPECT_NE(detail.find(" are free"), std::string::npos) << detail;
  remove_all("small", 0, 2, count);
  expect_there("small", 1, 2, count, kSmall);
  std::filesystem::remove(volume_->path() / "others");
  const HttpResponse done = compact();
  EXPECT_EQ(done.status, 204U) << done.body;
  stop();
  EXPECT_EQ(lines_with(" error "), 0U) << server_->log();
}

/// The volume is not full, and smaller ones are stored.
TEST_F(RequestsOnAFullDisk, AnObjectThatIsLargerThanWhatIsFreeIsToldSo) {
  const std::string object = object_of(98 * kMiB, 1);
  for (const std::string& target : {std::string("/v1/objects/large"), std::string("/v1/convert?to=ascii")}) {
    for (int i = 0; i < 3; ++i) {
      const bool is_put = target.ends_with("large");
      const HttpResponse refused =
          exchange({.method = is_put ? "PUT" : "POST", .target = target, .fields = {}, .body = object});
      EXPECT_EQ(refused.status, 507U);
      EXPECT_EQ(json::parse(refused.body).at("code"), "no_space");
      const std::string detail = detail_of(refused);
      EXPECT_TRUE(detail.starts_with("there is no room for ")) << detail;
      EXPECT_NE(detail.find(" MiB are free beside the reserve"), std::string::npos) << detail;
      EXPECT_NE(detail.find("what needs less is still taken"), std::string::npos) << detail;
      EXPECT_EQ(detail.find("full"), std::string::npos) << detail;
    }
  }
  EXPECT_EQ(exchange({.target = "/readyz?writes=true"}).status, 200U);
  EXPECT_EQ(put("small", object_of(kSmall, 1)).status, 201U);
  stop();
  EXPECT_EQ(lines_with("there is no room for 98.0 MiB"), 1U) << server_->log();
  EXPECT_EQ(lines_with("the disk is full"), 0U) << server_->log();
}

TEST_F(RequestsOnAFullDisk, AFullStoreIsSaidToBe) {
  fill("large", kLarge);
  fill("small", kSmall);
  EXPECT_EQ(detail_of(put("more", object_of(kSmall, 1))), "the store is full; make room, and send it again");
  EXPECT_EQ(detail_of(put("more", object_of(kLarge, 1))), "the store is full; make room, and send it again");
}

class LongKeysOnAFullDisk : public RequestsOnAFullDisk {
 protected:
  LongKeysOnAFullDisk() : RequestsOnAFullDisk(64 * kMiB) {}
};

/// What a batch adds to the log is more than what is left of the log's last block.
TEST_F(LongKeysOnAFullDisk, ABatchThatOnlyDeletesIsTakenWhereOthersTookTheLastByte) {
  constexpr int kTogether = 600;
  const std::string prefix(900, 'k');
  const int count = fill(prefix, 20'000);
  ASSERT_GT(count, 3 * kTogether);
  for (int first = 0; first < 2 * kTogether; first += kTogether) {
    volume_->fill("others");
    expect_removed_together(prefix, first, 1, first + kTogether);
  }
  expect_there(prefix, 2 * kTogether, 100, count, 20'000);
}

}  // namespace
}  // namespace sconce::tests
