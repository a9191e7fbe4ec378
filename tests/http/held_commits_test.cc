// A disk that takes no writes for a while.

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <latch>
#include <mutex>
#include <thread>

#include "server/api/api.h"
#include "server/net/server.h"
#include "server/storage/memory_store.h"
#include "tests/server/http_client.h"

namespace sconce::tests {
namespace {

using namespace server;

/// Its commits wait until `release` is called.
class HeldStore final : public storage::Store {
 public:
  void wait_for_commit() const { entered_.wait(); }
  void release() {
    const std::lock_guard lock(mutex_);
    is_held_ = false;
    for (Held& held : held_) store_->begin_commit(std::move(held.writes), std::move(held.committed));
    held_.clear();
  }

  storage::Result<std::unique_ptr<storage::RevisionReader>> open(const std::string& key) override {
    return store_->open(key);
  }
  std::vector<storage::Result<std::unique_ptr<storage::RevisionReader>>> open_many(
      std::span<const std::string> keys) override {
    return store_->open_many(keys);
  }
  storage::Result<std::optional<storage::ObjectMeta>> stat(const std::string& key) override {
    return store_->stat(key);
  }
  storage::Result<storage::Listing> list(const storage::ListQuery& query) override { return store_->list(query); }
  storage::Result<std::unique_ptr<storage::Upload>> begin_upload(std::optional<std::uint64_t> size_hint) override {
    return store_->begin_upload(size_hint);
  }
  storage::Result<std::unique_ptr<storage::DiskRoom>> disk_room(std::optional<std::uint64_t> size_hint) override {
    return store_->disk_room(size_hint);
  }
  std::optional<std::unique_ptr<storage::RevisionReader>> open_in_memory(const std::string& key) override {
    return store_->open_in_memory(key);
  }
  std::optional<std::vector<std::unique_ptr<storage::RevisionReader>>> open_many_in_memory(
      std::span<const std::string> keys, std::uint64_t bytes_max) override {
    return store_->open_many_in_memory(keys, bytes_max);
  }
  void begin_commit(std::vector<storage::Write> writes, Committed committed) override {
    const std::lock_guard lock(mutex_);
    if (!is_held_) return store_->begin_commit(std::move(writes), std::move(committed));
    held_.push_back({std::move(writes), std::move(committed)});
    if (held_.size() == 1) entered_.count_down();
  }
  storage::Status compact() override { return store_->compact(); }
  const storage::StoreCounters& counters() const override { return store_->counters(); }

 private:
  std::unique_ptr<storage::Store> store_ = storage::make_memory_store(1 << 20);
  struct Held {
    std::vector<storage::Write> writes;
    Committed committed;
  };

  std::latch entered_{1};
  std::mutex mutex_;
  std::vector<Held> held_;
  bool is_held_ = true;
};

net::NetOptions options() {
  return {.listen_host = "127.0.0.1",
          .listen_port = 0,
          .io_threads = 1,
          .worker_threads = 1,
          .bulk_threads = 1,
          .connections_max = 100,
          .connections_per_address_max = 100,
          .requests_max = 1,
          .memory_bytes_max = 100 << 20,
          .header_bytes_max = 16 * 1024,
          .body_bytes_max = 1 << 20,
          .handshake_timeout_ms = 30'000,
          .idle_timeout_ms = 30'000,
          .header_timeout_ms = 30'000,
          .body_timeout_ms = 30'000,
          .write_timeout_ms = 30'000,
          .bytes_per_second_min = 1,
          .shutdown_timeout_ms = 30'000};
}

TEST(HeldCommits, WritesBeyondThoseThatMayWaitAreRefusedAndReadsAreServed) {
  HeldStore store;
  observe::Log log;
  observe::Metrics metrics(store.counters());
  const core::ClassLayouts classes;
  api::OutlineCache outlines(1 << 20);
  const std::filesystem::path directory = std::filesystem::temp_directory_path();
  const api::Access access(proto::Anonymous::everything);
  const api::Api api({.store = store,
                      .log = log,
                      .metrics = metrics,
                      .classes = classes,
                      .outlines = outlines,
                      .spool_directory = directory,
                      .held_bytes_max = 1 << 20,
                      .expanded_bytes_max = 1 << 20,
                      .body_bytes_max = 1 << 20,
                      .batch_entries_max = 10,
                      .require_conditions = false},
                     access);
  const auto server = net::Server::listen(options(), api, log, metrics, nullptr, [] {});
  ASSERT_TRUE(server.has_value());
  std::thread running([&server] { (*server)->run(); });
  const std::uint16_t port = (*server)->port();
  const std::string number = "1\n3.5\n";

  HttpConnection waiting(port);
  waiting.send(text_of({.method = "PUT", .target = "/v1/objects/a", .body = number}));
  store.wait_for_commit();
  // Small, in pieces, and without a body.
  const HttpRequest writes[] = {{.method = "PUT", .target = "/v1/objects/b", .body = number},
                                {.method = "PUT", .target = "/v1/objects/b", .body = std::string(100'000, '1')},
                                {.method = "DELETE", .target = "/v1/objects/a"}};
  for (const HttpRequest& write : writes) {
    const HttpResponse refused = http(port, write);
    EXPECT_EQ(refused.status, 503U);
    EXPECT_EQ(refused.field("retry-after"), "1");
    EXPECT_EQ(http(port, {.target = "/v1/objects/a"}).status, 404U);
  }
  EXPECT_NE(metrics.text().find("sconce_limits_reached_total{limit=\"requests\"} 3\n"), std::string::npos);
  store.release();
  EXPECT_EQ(waiting.receive().status, 201U);
  EXPECT_EQ(waiting.exchange(writes[0]).status, 201U);
  EXPECT_EQ(waiting.exchange(writes[2]).status, 204U);

  raise(SIGTERM);
  running.join();
}

}  // namespace
}  // namespace sconce::tests
