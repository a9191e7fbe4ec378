#include "server/storage/commit_queue.h"

#include <utility>

namespace sconce::server::storage {

namespace {

// A group is copied once into RocksDB's log; a larger one gains nothing, and everyone in it waits for all of it.
constexpr std::uint64_t kGroupBytesMax = 4 << 20;
constexpr std::size_t kGroupCommitsMax = 256;

}  // namespace

CommitQueue::CommitQueue(ApplyGroup apply_group) : apply_group_(std::move(apply_group)), thread_([this] { run(); }) {}

CommitQueue::~CommitQueue() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void CommitQueue::add(std::vector<Write> writes, std::uint64_t size_bytes, Store::Committed committed) {
  bool was_empty = false;
  {
    const std::lock_guard lock(mutex_);
    was_empty = waiting_.empty();
    waiting_.push_back({.writes = std::move(writes), .size_bytes = size_bytes, .committed = std::move(committed)});
  }
  if (was_empty) changed_.notify_one();
}

void CommitQueue::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    std::vector<PendingCommit> group = take_group();
    lock.unlock();
    apply_group_(group);
    for (PendingCommit& commit : group) {
      commit.writes.clear();  // who is told may count on the space of what was not written
      commit.committed(std::move(commit.outcome));
    }
    group.clear();
    lock.lock();
  }
}

std::vector<PendingCommit> CommitQueue::take_group() {
  std::vector<PendingCommit> group;
  std::uint64_t group_bytes = 0;
  while (!waiting_.empty() && group.size() < kGroupCommitsMax) {
    PendingCommit& next = waiting_.front();
    if (!group.empty() && group_bytes + next.size_bytes > kGroupBytesMax) break;
    group_bytes += next.size_bytes;
    group.push_back(std::move(next));
    waiting_.pop_front();
  }
  return group;
}

}  // namespace sconce::server::storage
