// Connections with a handler of the test's own: what they ask of it, in which order, and on which threads.

#include "server/net/handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "server/storage/store_counters.h"
#include "tests/http/local_server.h"
#include "tests/server/http_client.h"

namespace sconce::tests {
namespace {

using server::Cost;
using server::HandlerOrResponse;
using server::OrResponse;
using server::PlannedRequest;
using server::RequestHandler;
using server::RequestHead;
using server::Response;
using testing::ElementsAre;

/// What was called: `+` on the thread that planned the request, `-` on another.
class Calls {
 public:
  void planned() {
    const std::lock_guard lock(mutex_);
    planned_on_ = std::this_thread::get_id();
    calls_.emplace_back("plan");
  }
  void add(const std::string& call) {
    const std::lock_guard lock(mutex_);
    calls_.push_back((planned_on_ == std::this_thread::get_id() ? '+' : '-') + call);
  }
  std::vector<std::string> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(calls_, {});
  }

 private:
  std::mutex mutex_;
  std::thread::id planned_on_;
  std::vector<std::string> calls_;
};

Response text(unsigned status, std::string text) {
  Response response{.status = status};
  response.body = server::source_of(std::move(text));
  return response;
}

class OwnHandler final : public RequestHandler {
 public:
  OwnHandler(Calls& calls, bool stores) : calls_(calls), stores_(stores) {}
  OrResponse<void> put(std::span<const std::byte> bytes) override {
    calls_.add("put " + std::to_string(bytes.size()));
    return {};
  }
  OrResponse<void> complete() override {
    calls_.add("complete");
    return {};
  }
  bool stores() const override { return stores_; }
  void store(server::Completion stored) override {
    calls_.add("store");
    stored();
  }
  Response finish() override {
    calls_.add("finish");
    return text(200, "handled");
  }

 private:
  Calls& calls_;
  const bool stores_;
};

class OwnRequest final : public PlannedRequest {
 public:
  OwnRequest(Calls& calls, Cost cost, bool in_memory) : calls_(calls), cost_(cost), in_memory_(in_memory) {}
  Cost cost_of(std::span<const std::byte>) const override { return cost_; }
  std::optional<Response> answer_from_memory(std::string_view) override {
    if (!in_memory_) return std::nullopt;
    calls_.add("answer");
    return text(200, "from memory");
  }
  HandlerOrResponse begin(std::optional<std::uint64_t>) override {
    calls_.add("begin");
    return std::make_unique<OwnHandler>(calls_, cost_ != Cost::read);
  }

 private:
  Calls& calls_;
  const Cost cost_;
  const bool in_memory_;
};

/// The path says what becomes of a request.
class OwnEndpoints final : public server::net::Handler {
 public:
  explicit OwnEndpoints(Calls& calls) : calls_(calls) {}
  bool asks_for_tokens() const override { return false; }
  server::net::Plan plan(const RequestHead& head) const override {
    calls_.planned();
    server::net::Plan plan{.client_is_known = true};
    if (head.path == "/refused") {
      plan.request = proto::refuse(proto::RequestError::bad_query, "this is refused");
      return plan;
    }
    Cost cost = Cost::write;
    if (head.path == "/immediate") cost = Cost::immediate;
    if (head.path == "/read") cost = Cost::read;
    if (head.path == "/bulk") cost = Cost::bulk;
    plan.cost = cost == Cost::read ? Cost::read : Cost::write;
    plan.request = std::make_unique<OwnRequest>(calls_, cost, head.path == "/memory");
    return plan;
  }
  void stop() const override { calls_.add("stop"); }

 private:
  Calls& calls_;
};

class HandlerTest : public testing::Test {
 protected:
  HttpResponse exchange(std::string method, std::string target, std::string body = {}) {
    return connection_.exchange(
        {.method = std::move(method), .target = std::move(target), .fields = {}, .body = std::move(body)});
  }

  Calls calls_;
  const OwnEndpoints endpoints_{calls_};
  server::observe::Log log_;
  const server::storage::StoreCounters counters_;
  server::observe::Metrics metrics_{counters_};
  server::net::MemoryBudget memory_{100 << 20};
  const ListeningServer server_{endpoints_, log_, metrics_, memory_};
  HttpConnection connection_{server_.port()};
};

TEST_F(HandlerTest, AnswerFromMemoryTakesNoWorker) {
  EXPECT_EQ(exchange("GET", "/memory").body, "from memory");
  EXPECT_THAT(calls_.take(), ElementsAre("plan", "+answer"));
}

TEST_F(HandlerTest, ReadIsMadeByAWorker) {
  EXPECT_EQ(exchange("GET", "/read").body, "handled");
  EXPECT_THAT(calls_.take(), ElementsAre("plan", "-begin", "-put 0", "-complete", "-finish"));
}

TEST_F(HandlerTest, ImmediateWriteStaysOnItsThread) {
  EXPECT_EQ(exchange("PUT", "/immediate", "hello").body, "handled");
  EXPECT_THAT(calls_.take(), ElementsAre("plan", "+begin", "+put 5", "+complete", "+store", "+finish"));
}

TEST_F(HandlerTest, OtherWritesGoToAWorkerOnce) {
  EXPECT_EQ(exchange("PUT", "/write", "hello").body, "handled");
  EXPECT_THAT(calls_.take(), ElementsAre("plan", "-begin", "-put 5", "-complete", "-store", "+finish"));
}

TEST_F(HandlerTest, WhatBecomesLargeNeverTouchesTheThreadOfTheConnection) {
  EXPECT_EQ(exchange("PUT", "/bulk", "hello").body, "handled");
  EXPECT_THAT(calls_.take(), ElementsAre("plan", "-begin", "-put 5", "-complete", "-store", "+finish"));
}

TEST_F(HandlerTest, LargeBodyComesInPieces) {
  constexpr std::size_t kBytes = 1'000'000;
  EXPECT_EQ(exchange("PUT", "/immediate", std::string(kBytes, 'a')).body, "handled");
  EXPECT_THAT(calls_.take(), ElementsAre("plan", "-begin", "-put 1000000", "-complete", "-store", "+finish"));
  EXPECT_EQ(exchange("PUT", "/immediate", std::string(2 * kBytes, 'a')).body, "handled");
  EXPECT_THAT(calls_.take(), ElementsAre("plan", "-begin", "-put 524288", "-put 524288", "-put 951424", "-complete",
                                         "-store", "+finish"));
}

TEST_F(HandlerTest, RefusedPlanNeverBegins) {
  const HttpResponse refused = exchange("PUT", "/refused", "hello");
  EXPECT_EQ(refused.status, 400U);
  EXPECT_THAT(refused.body, testing::HasSubstr("this is refused"));
  EXPECT_EQ(exchange("GET", "/memory").body, "from memory") << "the body was skipped, and the connection goes on";
  EXPECT_THAT(calls_.take(), ElementsAre("plan", "plan", "+answer"));
}

TEST_F(HandlerTest, RefusedPlanAnswersBeforeALargeBody) {
  connection_.send("PUT /refused HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n");
  EXPECT_EQ(connection_.receive().status, 400U);
  EXPECT_THAT(calls_.take(), ElementsAre("plan"));
}

}  // namespace
}  // namespace sconce::tests
