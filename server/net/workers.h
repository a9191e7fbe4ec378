#pragma once

#include <atomic>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <utility>

#include "server/http/planned_request.h"
#include "server/net/types.h"

namespace sconce::server::net {

struct WorkerCounts {
  unsigned reads;
  unsigned writes;
  unsigned bulk;
};

/// Threads, and the jobs that wait for one. Threads: safe from many.
class WorkQueue {
 public:
  explicit WorkQueue(unsigned threads) : threads_(threads) {}

  asio::thread_pool& threads() { return threads_; }
  /// Those that wait, and those under way.
  std::size_t jobs() const { return jobs_; }

  /// `then` is called when the job no longer counts. Neither throws.
  template <class Job, class Then>
  void post(Job job, Then then) {
    begin_job();
    asio::post(threads_, [this, job = std::move(job), then = std::move(then)]() mutable {
      job();
      end_job();
      then();
    });
  }

  /// For a job that ends elsewhere.
  void begin_job() { jobs_ += 1; }
  void end_job() { jobs_ -= 1; }

 private:
  std::atomic<std::size_t> jobs_ = 0;
  asio::thread_pool threads_;
};

/// The threads for what an I/O thread must not do, as three queues, so that none waits behind what takes longer.
/// Threads: safe from many.
class Workers {
 public:
  explicit Workers(const WorkerCounts& counts);
  /// Waits for the jobs under way, and for what is awaited; other jobs are dropped.
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// For what is short, and waits for the disk at most to read from it.
  WorkQueue& reads() { return reads_; }
  /// For what may wait for a commit, and so for the disk to have written it.
  WorkQueue& writes() { return writes_; }
  /// For what takes long, and is not urgent: the parsing of large bodies, the making of large answers. These threads
  /// have a lower priority, so that all others take the processor from them at once. Where the system refuses that,
  /// they have the usual one.
  WorkQueue& bulk() { return bulk_; }
  /// Not immediate.
  WorkQueue& queue_for(Cost cost) { return cost == Cost::read ? reads_ : cost == Cost::write ? writes_ : bulk_; }

  /// Something that holds no worker, as a commit that is written elsewhere, while it lasts. Lifetime: not longer than
  /// that of these.
  class Awaited {
   public:
    explicit Awaited(Workers& workers) : workers_(workers) { workers.began_one(); }
    ~Awaited() { workers_.ended_one(); }
    Awaited(const Awaited&) = delete;
    Awaited& operator=(const Awaited&) = delete;

   private:
    Workers& workers_;
  };

 private:
  void began_one();
  void ended_one();

  WorkQueue reads_;
  WorkQueue writes_;
  WorkQueue bulk_;
  std::mutex mutex_;
  std::condition_variable none_awaited_;
  std::size_t awaited_ = 0;
};

}  // namespace sconce::server::net
