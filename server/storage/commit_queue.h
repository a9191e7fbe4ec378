#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <span>
#include <thread>

#include "server/storage/store.h"

namespace sconce::server::storage {

/// One commit that waits its turn.
struct PendingCommit {
  std::vector<Write> writes;
  std::uint64_t size_bytes = 0;  // of what it puts
  Store::Committed committed;
  Result<CommitOutcome> outcome = CommitOutcome{};
};

/// Gives commits one order and lets those that wait together share one sync: a thread of its own applies all that have
/// queued up while the group before was being written. Threads: safe from many.
class CommitQueue {
 public:
  /// Fills in the outcomes of a group, in order. Called on the queue's thread.
  using ApplyGroup = std::function<void(std::span<PendingCommit>)>;

  explicit CommitQueue(ApplyGroup apply_group);
  /// What has been added is committed first.
  ~CommitQueue();
  CommitQueue(const CommitQueue&) = delete;
  CommitQueue& operator=(const CommitQueue&) = delete;

  /// `committed` is called on the queue's thread.
  void add(std::vector<Write> writes, std::uint64_t size_bytes, Store::Committed committed);

 private:
  void run();
  std::vector<PendingCommit> take_group();

  const ApplyGroup apply_group_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<PendingCommit> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace sconce::server::storage
