#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <span>
#include <thread>

#include "server/storage/commits/pending_commit.h"
#include "server/storage/commits/refused_commits.h"

namespace sconce::server::storage {

/// Gives commits one order and lets those that wait together share one sync: a thread of its own applies all that have
/// queued up while the group before was being written. A commit that was not written and has files on the disk is told
/// of by another thread, once they are removed. Threads: safe from many.
class CommitQueue {
 public:
  /// Fills in the outcomes of a group, in order. Called on the queue's thread. Where it throws, the group has failed.
  using ApplyGroup = std::function<void(std::span<PendingCommit>)>;

  CommitQueue(ApplyGroup apply_group, RefusedCommits::RemoveFile remove_file);
  /// What has been added is committed first.
  ~CommitQueue();
  CommitQueue(const CommitQueue&) = delete;
  CommitQueue& operator=(const CommitQueue&) = delete;

  /// `commit.committed` is called on a thread of the queue's.
  void add(PendingCommit commit);

 private:
  void run();
  void take_group();
  void apply_group() noexcept;
  void complete_group() noexcept;

  const ApplyGroup apply_;
  RefusedCommits refused_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<PendingCommit> waiting_;
  std::vector<PendingCommit> group_;  // of the thread
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace sconce::server::storage
