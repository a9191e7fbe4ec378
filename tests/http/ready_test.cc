// /readyz: whether clients can be served, and if not, why.

#include <gtest/gtest.h>

#include <mutex>

#include "tests/http/forwarding_store.h"
#include "tests/http/local_server.h"
#include "tests/server/http_client.h"

namespace sconce::tests {
namespace {

using namespace server;
using storage::StoreHealth;
using Trouble = StoreHealth::Trouble;

/// Says of itself what it is told to.
class SickStore final : public ForwardingStore {
 public:
  void set(const StoreHealth& health) {
    const std::lock_guard lock(mutex_);
    health_ = health;
  }
  StoreHealth health() override {
    const std::lock_guard lock(mutex_);
    return health_;
  }

 private:
  std::mutex mutex_;
  StoreHealth health_;
};

class Ready : public testing::Test {
 protected:
  HttpResponse ask(const std::string& target, const std::string& method = "GET") {
    return http(server_.port(), {.method = method, .target = target});
  }

  SickStore store_;
  LocalServer server_{store_};
};

constexpr StoreHealth kWell = {};
constexpr StoreHealth kFull = {.reads = true, .writes = false, .trouble = Trouble::disk_full};
constexpr StoreHealth kClosed = {.reads = false, .writes = false, .trouble = Trouble::reopening};

TEST_F(Ready, IsWhatIsAskedFor) {
  struct Row {
    StoreHealth health;
    unsigned status;  // of /readyz
    unsigned status_for_writes;
  };
  for (const Row& row : {Row{kWell, 200, 200}, Row{kFull, 200, 503}, Row{kClosed, 503, 503}}) {
    store_.set(row.health);
    SCOPED_TRACE(static_cast<int>(row.health.trouble));
    EXPECT_EQ(ask("/readyz").status, row.status);
    EXPECT_EQ(ask("/readyz?writes=false").status, row.status);
    EXPECT_EQ(ask("/readyz?writes=true").status, row.status_for_writes);
    EXPECT_EQ(ask("/readyz?writes=true", "HEAD").status, row.status_for_writes);
    EXPECT_EQ(ask("/healthz").status, 200U) << "the process is well";
  }
}

TEST_F(Ready, TheBodySaysWhy) {
  EXPECT_EQ(ask("/readyz").body, "{\"reads\":true,\"writes\":true,\"reason\":null}\n");
  store_.set(kFull);
  for (const char* const target : {"/readyz", "/readyz?writes=true"}) {
    const HttpResponse answer = ask(target);
    EXPECT_EQ(answer.field("content-type"), "application/json");
    EXPECT_EQ(answer.field("cache-control"), "no-store");
    EXPECT_EQ(answer.body,
              "{\"reads\":true,\"writes\":false,\"reason\":\"the disk is full: no objects are stored until there is "
              "space; deletes make some\"}\n");
  }
  for (const Trouble trouble : {Trouble::reopening, Trouble::no_descriptors, Trouble::write_failed}) {
    store_.set({.reads = false, .writes = false, .trouble = trouble});
    const std::string body = ask("/readyz").body;
    EXPECT_TRUE(body.starts_with("{\"reads\":false,\"writes\":false,\"reason\":\"the ")) << body;
  }
  EXPECT_EQ(ask("/readyz", "HEAD").body, "");
}

TEST_F(Ready, AQueryThatIsNotKnownIsRefused) {
  for (const char* const target : {"/readyz?writes=1", "/readyz?writes=", "/readyz?reads=true", "/readyz?%zz=1",
                                   "/readyz?writes=true&writes=true"}) {
    const HttpResponse answer = ask(target);
    EXPECT_EQ(answer.status, 400U) << target;
    EXPECT_EQ(answer.field("content-type"), "application/problem+json") << target;
  }
}

TEST_F(Ready, TheMetricsTellIt) {
  const auto has = [&](const std::string& line) { return ask("/metrics").body.find("\n" + line + "\n"); };
  EXPECT_NE(has(R"(sconce_store_ready{operation="read"} 1)"), std::string::npos);
  EXPECT_NE(has(R"(sconce_store_ready{operation="write"} 1)"), std::string::npos);
  store_.set(kFull);
  EXPECT_NE(has(R"(sconce_store_ready{operation="read"} 1)"), std::string::npos);
  EXPECT_NE(has(R"(sconce_store_ready{operation="write"} 0)"), std::string::npos);
  store_.set(kClosed);
  EXPECT_NE(has(R"(sconce_store_ready{operation="read"} 0)"), std::string::npos);
}

}  // namespace
}  // namespace sconce::tests
