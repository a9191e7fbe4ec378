#include "server/storage/commit_queue.h"

namespace sconce::server::storage {

namespace {

// A group is copied once into RocksDB's log; a larger one gains nothing, and everyone in it waits for all of it.
constexpr std::uint64_t kGroupBytesMax = 4 << 20;
constexpr std::size_t kGroupCommitsMax = 256;

}  // namespace

Result<CommitOutcome> CommitQueue::commit(std::vector<Write> writes, std::uint64_t size_bytes) {
  PendingCommit mine{.writes = std::move(writes), .size_bytes = size_bytes};
  std::unique_lock lock(mutex_);
  waiting_.push_back(&mine);
  changed_.wait(lock, [&] { return mine.done || !applying_; });
  while (!mine.done) {
    applying_ = true;
    const std::vector<PendingCommit*> group = take_group();
    lock.unlock();
    apply_group_(group);
    lock.lock();
    for (PendingCommit* commit : group) commit->done = true;
    applying_ = false;
    changed_.notify_all();
  }
  return std::move(mine.outcome);
}

std::vector<PendingCommit*> CommitQueue::take_group() {
  std::vector<PendingCommit*> group;
  std::uint64_t group_bytes = 0;
  while (!waiting_.empty() && group.size() < kGroupCommitsMax) {
    PendingCommit* const next = waiting_.front();
    if (!group.empty() && group_bytes + next->size_bytes > kGroupBytesMax) break;
    group_bytes += next->size_bytes;
    group.push_back(next);
    waiting_.pop_front();
  }
  return group;
}

}  // namespace sconce::server::storage
