#include "server/net/workers.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <future>
#include <latch>
#include <thread>

namespace sconce::tests {
namespace {

using server::net::Workers;
using server::net::WorkQueue;

int priority_of_this_thread() { return getpriority(PRIO_PROCESS, static_cast<id_t>(gettid())); }

constexpr int kBelowTheLast = 18;

/// A thread at the last priority, as under `nice -n 19`, has nothing to give way to: its priority is expected, no lower
/// one.
void expect_lower(int priority, int than) { EXPECT_GT(priority, std::min(than, kBelowTheLast)); }

/// What a job in this queue returns.
int result_in(WorkQueue& queue, const std::function<int()>& job) {
  std::packaged_task<int()> task(job);
  std::future<int> result = task.get_future();
  queue.post([&task] { task(); }, [] {});
  return result.get();
}

TEST(Workers, AllThreadsForBulkGiveWayAndNoOthers) {
  constexpr unsigned kThreads = 3;
  std::latch all_there(kThreads);  // a job for each thread
  std::vector<int> lower(kThreads);
  std::latch done(kThreads);
  Workers workers({.reads = 1, .writes = 1, .bulk = kThreads});
  EXPECT_EQ(result_in(workers.reads(), priority_of_this_thread), priority_of_this_thread());
  EXPECT_EQ(result_in(workers.writes(), priority_of_this_thread), priority_of_this_thread());
  for (int& priority : lower) {
    const auto look = [&] {
      all_there.arrive_and_wait();
      priority = priority_of_this_thread();
      done.count_down();
    };
    workers.bulk().post(look, [] {});
  }
  done.wait();
  for (const int priority : lower) expect_lower(priority, priority_of_this_thread());
}

/// On a thread whose nice value, and so that of those that it begins, is this much more. Only root could make it less.
void with_lower_priority(int more, const std::function<void()>& run) {
  std::thread([&] {
    const int own = priority_of_this_thread();
    const int priority = std::min(own + more, std::max(own, kBelowTheLast));
    ASSERT_EQ(setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), priority), 0);
    run();
  }).join();
}

/// As under `nice -n 10` and systemd's `Nice=10`, where an absolute value of 10 was no lower.
TEST(Workers, ThreadsForBulkGiveWayWhereTheProcessIsNice) {
  for (const int more : {1, 10}) {
    with_lower_priority(more, [] {
      Workers workers({.reads = 1, .writes = 1, .bulk = 1});
      expect_lower(result_in(workers.bulk(), priority_of_this_thread), priority_of_this_thread());
      EXPECT_EQ(result_in(workers.reads(), priority_of_this_thread), priority_of_this_thread());
    });
  }
}

/// Threads that had not begun were waited for by those that had.
TEST(Workers, GoAsSoonAsTheyAreThere) {
  for (int i = 0; i < 500; ++i) {
    const Workers workers({.reads = 1, .writes = 1, .bulk = 32});
    for (int turn = 0; turn < i % 50; ++turn) std::this_thread::yield();
  }
}

TEST(Workers, NoQueueWaitsForAnother) {
  std::latch held(3);
  Workers workers({.reads = 1, .writes = 1, .bulk = 1});
  workers.bulk().post([&] { held.arrive_and_wait(); }, [] {});
  workers.writes().post([&] { held.arrive_and_wait(); }, [] {});
  EXPECT_EQ(result_in(workers.reads(), [] { return 7; }), 7);
  EXPECT_EQ(workers.writes().jobs(), 1U);
  held.arrive_and_wait();
}

}  // namespace
}  // namespace sconce::tests
