// A server in little memory: a mixed load is answered right, and the process is not killed.

#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <fstream>
#include <functional>
#include <thread>

#include "tests/hostile/wire.h"
#include "tests/server/control_group.h"
#include "tests/server/http_client.h"
#include "tests/server/server_process.h"
#include "tests/support/files.h"
#include "tests/support/float_tensor.h"
#include "tests/support/golden.h"
#include "tests/support/tar.h"

namespace sconce::tests {
namespace {

using nlohmann::json;

constexpr std::uint64_t kGroupBytes = 256 << 20;

/// The most of the process's own memory that was seen, without files that are mapped or cached.
class PeakOfMemory {
 public:
  explicit PeakOfMemory(pid_t process) : thread_([this, process] { watch(process); }) {}
  ~PeakOfMemory() { stop(); }
  PeakOfMemory(const PeakOfMemory&) = delete;
  PeakOfMemory& operator=(const PeakOfMemory&) = delete;

  std::uint64_t stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
    return peak_bytes_;
  }

 private:
  void watch(pid_t process) {
    while (!stopping_) {
      std::ifstream lines("/proc/" + std::to_string(process) + "/status");
      for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("RssAnon:"))
          peak_bytes_ = std::max<std::uint64_t>(peak_bytes_, std::stoull(line.substr(8)) << 10U);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }

  std::atomic<bool> stopping_ = false;
  std::uint64_t peak_bytes_ = 0;
  std::thread thread_;
};

/// In a real control group; where none can be made, the server is told of the limit, and what it takes is measured.
class MeasuredMemory : public testing::Test {
 protected:
  HttpResponse send(const HttpRequest& request) { return http(server_.port(), request); }
  HttpResponse get(const std::string& target) { return send({.target = target}); }
  HttpResponse put(const std::string& key, const std::string& body) {
    return send({.method = "PUT", .target = "/v1/objects/" + key, .body = body});
  }

  static std::vector<std::string> arguments(bool in_group) {
    if (in_group) return {};
    return {"--memory-granted-bytes", std::to_string(kGroupBytes)};
  }

  /// `count` objects of 200 KB, each a tensor of its own.
  HttpResponse commit_batch(const std::string& prefix, int count) {
    std::string tar;
    for (int i = 0; i < count; ++i) {
      tar += tar_entry(std::to_string(i), float_tensor({50'000}, static_cast<float>(i)));
    }
    return send({.method = "POST", .target = "/v1/batch/commit?prefix=" + prefix, .body = tar + tar_end()});
  }

  void expect_alive_in(std::uint64_t bytes_max) {
    const std::uint64_t peak = peak_.stop();
    EXPECT_LT(peak, bytes_max);
    RecordProperty("peak_mib", std::to_string(peak >> 20U));
    EXPECT_EQ(get("/healthz").status, 200U);
    server_.send_signal(SIGTERM);
    EXPECT_EQ(server_.wait(), 0) << server_.log();
  }

  const std::unique_ptr<ControlGroup> group_ = ControlGroup::with_memory(kGroupBytes);
  const TemporaryDirectory directory_;
  ServerProcess server_{directory_.path() / "data", arguments(group_ != nullptr),
                        group_ != nullptr ? group_->enter() : std::function<void()>()};
  PeakOfMemory peak_{server_.process()};
};

/// Each entry held its buffer until the batch ended: 979 MB for 800.
TEST_F(MeasuredMemory, OfABatchDoesNotGrowWithIt) {
  constexpr int kEntries = 1500;
  ASSERT_NE(server_.port(), 0) << server_.log();
  EXPECT_NE(server_.log().find("memory 256 MiB: cache 32 MiB"), std::string::npos) << server_.log();
  const HttpResponse done = commit_batch("batch/", kEntries);
  ASSERT_EQ(done.status, 200U) << done.body;
  EXPECT_EQ(json::parse(done.body).at("objects").size(), kEntries);
  for (const int i : {0, 700, kEntries - 1}) {
    EXPECT_TRUE(get("/v1/objects/batch/" + std::to_string(i)).body == float_tensor({50'000}, static_cast<float>(i)));
  }
  expect_alive_in(160 << 20);
}

/// What the load asks for again and again; every answer is compared with what was written.
class MixedLoad {
 public:
  MixedLoad(std::uint16_t port, std::string large) : port_(port), large_(std::move(large)) {}

  void run() {
    const std::vector<std::function<void()>> jobs = {[this] { upload_and_read("large/1"); },
                                                     [this] { upload_and_read("large/2"); }, [this] { convert(); },
                                                     [this] { list_and_gather(); }, [this] { hold(); }};
    std::vector<std::thread> clients;
    for (const auto& job : jobs) clients.emplace_back([&job] { as_client(job); });
    for (std::thread& client : clients) client.join();
  }

 private:
  /// Once the server is gone, every request throws.
  static void as_client(const std::function<void()>& job) {
    try {
      job();
    } catch (const std::exception& thrown) {
      ADD_FAILURE() << thrown.what();
    }
  }

  HttpResponse get(const std::string& target) { return http(port_, {.target = target}); }

  void upload_and_read(const std::string& key) {
    for (int round = 0; round < 3; ++round) {
      const HttpResponse stored = http(port_, {.method = "PUT", .target = "/v1/objects/" + key, .body = large_});
      EXPECT_EQ(stored.status / 100, 2U) << stored.body;
      EXPECT_TRUE(get("/v1/objects/" + key).body == large_);
      const HttpResponse part = get("/v1/objects/" + key + "?slice=3000");
      EXPECT_TRUE(part.body == float_tensor({1000}, 3'000'000)) << part.status;
      const HttpResponse text = get("/v1/objects/" + key + "?format=ascii");
      EXPECT_TRUE(text.whole);
      const HttpResponse back =
          http(port_, {.method = "PUT", .target = "/v1/objects/back/" + key + "?format=ascii", .body = text.body});
      EXPECT_EQ(back.status / 100, 2U) << back.body;
      EXPECT_TRUE(get("/v1/objects/back/" + key).body == large_);
    }
  }

  void convert() {
    for (int round = 0; round < 3; ++round) {
      const HttpResponse text = http(port_, {.method = "POST", .target = "/v1/convert?to=ascii", .body = large_});
      EXPECT_TRUE(text.whole);
      const HttpResponse back =
          http(port_, {.method = "POST", .target = "/v1/convert?from=ascii&to=binary", .body = text.body});
      EXPECT_TRUE(back.body == large_) << back.status;
    }
  }

  void list_and_gather() {
    json items = json::array();
    for (int i = 0; i < 300; ++i) items.push_back({{"key", "many/" + std::to_string(i)}});
    const std::string wanted = json{{"items", items}, {"as", "stack"}}.dump();
    for (int round = 0; round < 10; ++round) {
      const json page = json::parse(get("/v1/objects?prefix=many/&limit=1000").body);
      EXPECT_EQ(page.at("entries").size(), 600U);
      const HttpResponse stack = http(port_, {.method = "POST", .target = "/v1/batch/get", .body = wanted});
      EXPECT_EQ(stack.status, 200U) << stack.body.substr(0, 300);
      EXPECT_GT(stack.body.size(), std::size_t{300} * 200'000);
    }
  }

  /// A part that has to be in memory whole, as plain JSON.
  void hold() {
    const std::string values = get("/v1/objects/many/7?format=json&style=plain").body;
    EXPECT_GT(values.size(), 50'000U);
    for (int round = 0; round < 30; ++round) {
      EXPECT_TRUE(get("/v1/objects/many/7?format=json&style=plain").body == values);
    }
  }

  const std::uint16_t port_;
  const std::string large_;
};

TEST_F(MeasuredMemory, OfAMixedLoadStaysInTheGroup) {
  ASSERT_NE(server_.port(), 0) << server_.log();
  ASSERT_EQ(commit_batch("many/", 600).status, 200U);
  MixedLoad(server_.port(), float_tensor({4096, 1000}, 0)).run();
  EXPECT_EQ(send({.method = "POST", .target = "/v1/admin/compact"}).status, 204U);
  expect_alive_in(kGroupBytes);
}

}  // namespace
}  // namespace sconce::tests
