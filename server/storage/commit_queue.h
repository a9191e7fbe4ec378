#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <span>

#include "server/storage/store.h"

namespace sconce::server::storage {

/// One commit that waits its turn.
struct PendingCommit {
  std::vector<Write> writes;
  std::uint64_t size_bytes = 0;  // of what it puts
  Result<CommitOutcome> outcome = CommitOutcome{};
  bool done = false;
};

/// Gives commits one order and lets those that wait together share one sync: the first to come applies its own and all
/// that queued up while the group before was being written; the others wait.
/// Threads: safe from many.
class CommitQueue {
 public:
  /// Fills in the outcomes of a group, in order; called by one thread at a time.
  using ApplyGroup = std::function<void(std::span<PendingCommit* const>)>;

  explicit CommitQueue(ApplyGroup apply_group) : apply_group_(std::move(apply_group)) {}

  Result<CommitOutcome> commit(std::vector<Write> writes, std::uint64_t size_bytes);

 private:
  std::vector<PendingCommit*> take_group();

  ApplyGroup apply_group_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<PendingCommit*> waiting_;
  bool applying_ = false;
};

}  // namespace sconce::server::storage
