#include "server/storage/commits/commit_queue.h"

#include <utility>

#include "server/storage/failure_report.h"

namespace sconce::server::storage {

namespace {

// A group is copied once into RocksDB's log; a larger one gains nothing, and everyone in it waits for all of it.
constexpr std::uint64_t kGroupBytesMax = 4 << 20;
constexpr std::size_t kGroupCommitsMax = 256;

}  // namespace

CommitQueue::CommitQueue(ApplyGroup apply_group, RefusedCommits::RemoveFile remove_file)
    : apply_(std::move(apply_group)), refused_(std::move(remove_file)) {
  group_.reserve(kGroupCommitsMax);  // so that taking a group needs no memory
  thread_ = std::thread([this] { run(); });
}

CommitQueue::~CommitQueue() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void CommitQueue::add(PendingCommit commit) {
  bool was_empty = false;
  {
    const std::lock_guard lock(mutex_);
    was_empty = waiting_.empty();
    waiting_.push_back(std::move(commit));
  }
  if (was_empty) changed_.notify_one();
}

void CommitQueue::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    take_group();
    lock.unlock();
    apply_group();
    complete_group();
    lock.lock();
  }
}

void CommitQueue::take_group() {
  std::uint64_t group_bytes = 0;
  while (!waiting_.empty() && group_.size() < kGroupCommitsMax) {
    PendingCommit& next = waiting_.front();
    if (!group_.empty() && group_bytes + next.size_bytes > kGroupBytesMax) break;
    group_bytes += next.size_bytes;
    group_.push_back(std::move(next));
    waiting_.pop_front();
  }
}

/// Whatever is thrown, the thread goes on: without it nothing is ever committed again.
void CommitQueue::apply_group() noexcept {
  try {
    return apply_(group_);
  } catch (const std::exception& thrown) {
    for (PendingCommit& commit : group_) commit.outcome = std::unexpected(error_of(thrown));
  }
}

void CommitQueue::complete_group() noexcept {
  for (PendingCommit& commit : group_) {
    const bool is_written = commit.outcome && commit.outcome->applied;
    if (is_written || commit.files == 0) complete(commit);
    else refused_.add(std::move(commit));
  }
  group_.clear();
}

}  // namespace sconce::server::storage
