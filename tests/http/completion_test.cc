// Waiting for what is done elsewhere, without a thread.

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "server/net/run_on.h"

namespace sconce::tests {
namespace {

using namespace server::net;
using server::Completion;

/// Runs one wait to its end; what it threw, if it threw.
std::string wait_for(Workers& workers, bool here, std::function<void(Completion)> begin) {
  asio::io_context context;
  std::string ended = "not at all";
  const auto waiting = [&]() -> Awaitable<void> {
    try {
      co_await run_until_complete(workers, workers.writes(), here, begin);
      ended = "complete";
    } catch (const std::runtime_error& thrown) {
      ended = thrown.what();
    }
  };
  asio::co_spawn(context, waiting(), asio::detached);
  context.run();
  return ended;
}

class CompletionTest : public testing::Test {
 protected:
  Workers workers_{{.reads = 1, .writes = 1, .bulk = 1}};
};

TEST_F(CompletionTest, GoesOnWhenCompletedAtOnce) {
  const auto here = std::this_thread::get_id();
  std::thread::id called_on;
  const auto complete = [&](Completion completion) {
    called_on = std::this_thread::get_id();
    completion();
  };
  EXPECT_EQ(wait_for(workers_, true, complete), "complete");
  EXPECT_EQ(called_on, here);
  EXPECT_EQ(wait_for(workers_, false, complete), "complete");
  EXPECT_NE(called_on, here);
}

TEST_F(CompletionTest, GoesOnWhenCompletedLaterByAnother) {
  std::thread other;
  const auto complete_later = [&](Completion completion) {
    other = std::thread([completion = std::move(completion)]() mutable {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      completion();
    });
  };
  EXPECT_EQ(wait_for(workers_, false, complete_later), "complete");
  other.join();
}

TEST_F(CompletionTest, ThrowsWhatWasThrown) {
  const auto fail = [](const Completion&) { throw std::runtime_error("no room"); };
  EXPECT_EQ(wait_for(workers_, true, fail), "no room");
  EXPECT_EQ(wait_for(workers_, false, fail), "no room");
}

/// A context that has stopped, and what was begun for it still under way.
TEST(Workers, OutliveWhatIsAwaited) {
  auto context = std::make_unique<asio::io_context>();
  auto workers = std::make_unique<Workers>(WorkerCounts{.reads = 1, .writes = 1, .bulk = 1});
  std::thread other;
  std::atomic<bool> has_completed = false;
  std::function<void(Completion)> complete_later = [&](Completion completion) {
    other = std::thread([&has_completed, completion = std::move(completion)]() mutable {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      has_completed = true;
      std::exchange(completion, nullptr)();
    });
  };
  asio::co_spawn(*context, run_until_complete(*workers, workers->writes(), true, complete_later), asio::detached);
  context->poll();
  workers.reset();
  EXPECT_TRUE(has_completed) << "the workers went before";
  other.join();
  context.reset();
}

}  // namespace
}  // namespace sconce::tests
