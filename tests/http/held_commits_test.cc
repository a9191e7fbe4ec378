// A disk that takes no writes for a while.

#include <gtest/gtest.h>

#include <latch>
#include <mutex>

#include "tests/http/forwarding_store.h"
#include "tests/http/local_server.h"
#include "tests/server/http_client.h"

namespace sconce::tests {
namespace {

using namespace server;

/// Its commits wait until `release` is called.
class HeldStore final : public ForwardingStore {
 public:
  void wait_for_commit() const { entered_.wait(); }
  void release() {
    const std::lock_guard lock(mutex_);
    is_held_ = false;
    for (Held& held : held_) ForwardingStore::begin_commit(std::move(held.writes), std::move(held.committed));
    held_.clear();
  }

  void begin_commit(std::vector<storage::Write> writes, Committed committed) override {
    const std::lock_guard lock(mutex_);
    if (!is_held_) return ForwardingStore::begin_commit(std::move(writes), std::move(committed));
    held_.push_back({std::move(writes), std::move(committed)});
    if (held_.size() == 1) entered_.count_down();
  }

 private:
  struct Held {
    std::vector<storage::Write> writes;
    Committed committed;
  };

  std::latch entered_{1};
  std::mutex mutex_;
  std::vector<Held> held_;
  bool is_held_ = true;
};

TEST(HeldCommits, WritesBeyondThoseThatMayWaitAreRefusedAndReadsAreServed) {
  HeldStore store;
  LocalServer server(store);
  const std::uint16_t port = server.port();
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
  EXPECT_NE(server.metrics().text({}, 0).find("sconce_limits_reached_total{limit=\"requests\"} 3\n"),
            std::string::npos);
  store.release();
  EXPECT_EQ(waiting.receive().status, 201U);
  EXPECT_EQ(waiting.exchange(writes[0]).status, 201U);
  EXPECT_EQ(waiting.exchange(writes[2]).status, 204U);
}

}  // namespace
}  // namespace sconce::tests
