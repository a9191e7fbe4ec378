// Temporary files that cannot be read: an error of the request that needs them, and of no other.

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "proto/formats/arrays/npy.h"
#include "proto/formats/npz/npz.h"
#include "tests/http/forwarding_store.h"
#include "tests/http/local_server.h"
#include "tests/server/http_client.h"
#include "tests/support/float_tensor.h"
#include "tests/support/golden.h"

namespace sconce::tests {
namespace {

using namespace server;
using nlohmann::json;

/// Cuts off the temporary files that this process has open, as a volume does that loses what was written; how many.
int cut_spools() {
  int cut = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const std::string file = std::filesystem::read_symlink(entry.path(), gone).string();
    if (gone || file.find("/spool-") == std::string::npos) continue;
    const std::string name = entry.path().filename().string();
    int fd = -1;
    std::from_chars(name.data(), name.data() + name.size(), fd);
    if (::ftruncate(fd, 0) == 0) cut += 1;
  }
  return cut;
}

/// Cuts temporary files off when an object made of one begins to be written: to the store, or to the file that was
/// opened first, which a conversion writes what it makes to.
class CuttingStore final : public ForwardingStore {
 public:
  storage::Result<std::unique_ptr<storage::Upload>> begin_upload(std::optional<std::uint64_t> size_hint) override {
    auto upload = ForwardingStore::begin_upload(size_hint);
    if (!upload) return upload;
    return std::make_unique<Cutting>(*this, std::move(*upload));
  }

  storage::Result<std::unique_ptr<storage::DiskRoom>> disk_room(std::optional<std::uint64_t> size_hint) override {
    auto room = ForwardingStore::disk_room(size_hint);
    if (!room) return room;
    rooms_ += 1;
    return std::make_unique<CuttingRoom>(*this, std::move(*room), rooms_ == 1);
  }

  /// From the next request on.
  void cut_in_uploads() { cuts_in_uploads_ = true; }
  void cut_in_first_file() { cuts_in_first_file_ = true; }
  int cut() const { return cut_; }

 private:
  class Cutting final : public storage::Upload {
   public:
    Cutting(CuttingStore& store, std::unique_ptr<storage::Upload> upload) : store_(store), upload_(std::move(upload)) {}
    storage::Status write(std::span<const std::byte> bytes) override {
      if (store_.cuts_in_uploads_) store_.cut_ += cut_spools();
      return upload_->write(bytes);
    }
    storage::Status spool() override { return upload_->spool(); }
    void describe(std::string description) override { upload_->describe(std::move(description)); }

   private:
    CuttingStore& store_;
    std::unique_ptr<storage::Upload> upload_;
  };

  class CuttingRoom final : public storage::DiskRoom {
   public:
    CuttingRoom(CuttingStore& store, std::unique_ptr<storage::DiskRoom> room, bool is_first)
        : store_(store), room_(std::move(room)), is_first_(is_first) {}
    storage::Status take(std::uint64_t bytes) override {
      if (is_first_ && store_.cuts_in_first_file_) store_.cut_ += cut_spools();
      return room_->take(bytes);
    }
    void failed() override { room_->failed(); }

   private:
    CuttingStore& store_;
    std::unique_ptr<storage::DiskRoom> room_;
    const bool is_first_;
  };

  bool cuts_in_uploads_ = false;
  bool cuts_in_first_file_ = false;
  int rooms_ = 0;
  int cut_ = 0;
};

/// Of numbers in the order of bytes that has to be changed, so that all of them are read.
std::string npz_of_numbers(std::size_t count) {
  std::string file;
  core::StringSink out(file);
  proto::NpzWriter writer(out);
  std::string npy = *proto::npy_header(proto::Dtype::i16, std::vector{static_cast<std::int64_t>(count)});
  npy.replace(npy.find("<i2"), 1, ">");
  npy.append(2 * count, 'x');
  EXPECT_TRUE(writer.begin("array", npy.size()));
  EXPECT_TRUE(writer.write(bytes_of(npy)));
  EXPECT_TRUE(writer.finish());
  return file;
}

/// Tells when an answer has begun.
class WaitingConnection final : public HttpConnection {
 public:
  using HttpConnection::HttpConnection;
  bool wait_for_answer() const {
    char first = 0;
    return ::recv(socket(), &first, 1, MSG_PEEK) == 1;
  }
};

class SpoolFaults : public testing::Test {
 protected:
  /// The server still answers.
  void expect_alive() { EXPECT_EQ(http(server_.port(), {.target = "/v1/objects/none"}).status, 404U); }

  void expect_io_error(const HttpRequest& request) {
    const HttpResponse answer = http(server_.port(), request);
    EXPECT_GT(store_.cut(), 0);
    EXPECT_EQ(answer.status, 500U) << answer.body;
    EXPECT_EQ(json::parse(answer.body).at("code"), "io_error");
    expect_alive();
  }

  CuttingStore store_;
  LocalServer server_{store_};
};

TEST_F(SpoolFaults, AnNpzThatCannotBeReadIsNotStored) {
  store_.cut_in_uploads();
  expect_io_error({.method = "PUT", .target = "/v1/objects/a?format=npz", .body = npz_of_numbers(2 << 20)});
  EXPECT_EQ(http(server_.port(), {.target = "/v1/objects/a"}).status, 404U);
}

TEST_F(SpoolFaults, AnNpzThatCannotBeReadIsNotConverted) {
  store_.cut_in_first_file();
  expect_io_error({.method = "POST", .target = "/v1/convert?from=npz&to=binary", .body = npz_of_numbers(2 << 20)});
}

TEST_F(SpoolFaults, AConversionThatCannotBeReadEndsItsAnswerEarly) {
  for (const std::string& to : std::vector<std::string>{"binary", "ascii", "npy"}) {
    const std::string object = float_tensor({6'000'000}, 1);
    WaitingConnection connection(server_.port());
    ASSERT_TRUE(connection.send(text_of({.method = "POST", .target = "/v1/convert?to=" + to, .body = object})));
    ASSERT_TRUE(connection.wait_for_answer());
    ASSERT_EQ(cut_spools(), 1);
    const HttpResponse answer = connection.receive();
    EXPECT_EQ(answer.status, 200U) << answer.body;
    EXPECT_FALSE(answer.whole) << to;
    expect_alive();
  }
}

}  // namespace
}  // namespace sconce::tests
