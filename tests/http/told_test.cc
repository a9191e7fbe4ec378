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

/// Runs one wait to its end; what it threw, if it threw.
std::string wait_for(Workers& workers, bool here, std::function<void(Told)> begin) {
  asio::io_context context;
  std::string ended = "not at all";
  const auto waiting = [&]() -> Awaitable<void> {
    try {
      co_await run_until_told(workers, workers.writes(), here, begin);
      ended = "told";
    } catch (const std::runtime_error& thrown) {
      ended = thrown.what();
    }
  };
  asio::co_spawn(context, waiting(), asio::detached);
  context.run();
  return ended;
}

class ToldTest : public testing::Test {
 protected:
  Workers workers_{{.reads = 1, .writes = 1, .bulk = 1}};
};

TEST_F(ToldTest, GoesOnWhenToldAtOnce) {
  const auto here = std::this_thread::get_id();
  std::thread::id called_on;
  const auto tell = [&](Told told) {
    called_on = std::this_thread::get_id();
    told();
  };
  EXPECT_EQ(wait_for(workers_, true, tell), "told");
  EXPECT_EQ(called_on, here);
  EXPECT_EQ(wait_for(workers_, false, tell), "told");
  EXPECT_NE(called_on, here);
}

TEST_F(ToldTest, GoesOnWhenToldLaterByAnother) {
  std::thread teller;
  const auto tell_later = [&](Told told) {
    teller = std::thread([told = std::move(told)]() mutable {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      told();
    });
  };
  EXPECT_EQ(wait_for(workers_, false, tell_later), "told");
  teller.join();
}

TEST_F(ToldTest, ThrowsWhatWasThrown) {
  const auto fail = [](const Told&) { throw std::runtime_error("no room"); };
  EXPECT_EQ(wait_for(workers_, true, fail), "no room");
  EXPECT_EQ(wait_for(workers_, false, fail), "no room");
}

/// A context that has stopped, and what was begun for it still under way.
TEST(Workers, OutliveWhatIsAwaited) {
  auto context = std::make_unique<asio::io_context>();
  auto workers = std::make_unique<Workers>(WorkerCounts{.reads = 1, .writes = 1, .bulk = 1});
  std::thread teller;
  std::atomic<bool> has_told = false;
  std::function<void(Told)> tell_later = [&](Told told) {
    teller = std::thread([&has_told, told = std::move(told)]() mutable {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      has_told = true;
      std::exchange(told, nullptr)();
    });
  };
  asio::co_spawn(*context, run_until_told(*workers, workers->writes(), true, tell_later), asio::detached);
  context->poll();
  workers.reset();
  EXPECT_TRUE(has_told) << "the workers went before";
  teller.join();
  context.reset();
}

}  // namespace
}  // namespace sconce::tests
