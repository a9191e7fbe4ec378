#include "server/net/workers.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <latch>
#include <memory>

namespace sconce::server::net {

namespace {

// Beside a thread whose nice value is so much less, one gets a tenth of the processor.
constexpr int kNiceMore = 10;
constexpr int kNiceMax = 19;  // source: sched(7)

/// Below the priority with which the process was started, whatever that is. On Linux each thread has a priority of its
/// own, against POSIX. Source: setpriority(2), "C library/kernel differences".
void lower_own_priority() {
  const auto thread = static_cast<id_t>(gettid());
  errno = 0;
  const int nice = getpriority(PRIO_PROCESS, thread);  // -1 is also a value
  // Where it may not be lowered, the work is done all the same.
  if (errno == 0) (void)setpriority(PRIO_PROCESS, thread, std::min(nice + kNiceMore, kNiceMax));
}

void lower_priority(WorkQueue& queue, unsigned threads) {
  const auto all_lowered = std::make_shared<std::latch>(threads);  // none takes a second turn before each had its own
  for (unsigned i = 0; i < threads; ++i) {
    const auto lower = [all_lowered] {
      lower_own_priority();
      all_lowered->arrive_and_wait();
    };
    queue.post(lower, [] {});
  }
  all_lowered->wait();  // a queue that stops before would drop some of them, and the others would wait for ever
}

}  // namespace

Workers::Workers(const WorkerCounts& counts) : reads_(counts.reads), writes_(counts.writes), bulk_(counts.bulk) {
  lower_priority(bulk_, counts.bulk);
}

Workers::~Workers() {
  for (WorkQueue* queue : {&reads_, &writes_, &bulk_}) queue->threads().stop();
  for (WorkQueue* queue : {&reads_, &writes_, &bulk_}) queue->threads().join();
  std::unique_lock lock(mutex_);
  none_awaited_.wait(lock, [this] { return awaited_ == 0; });
}

void Workers::began_one() {
  const std::lock_guard lock(mutex_);
  awaited_ += 1;
}

void Workers::ended_one() {
  const std::lock_guard lock(mutex_);
  awaited_ -= 1;
  if (awaited_ == 0) none_awaited_.notify_all();
}

}  // namespace sconce::server::net
