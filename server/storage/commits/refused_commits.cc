#include "server/storage/commits/refused_commits.h"

#include <algorithm>
#include <new>
#include <utility>

namespace sconce::server::storage {

RefusedCommits::RefusedCommits(RemoveFile remove_file)
    : remove_file_(std::move(remove_file)), thread_([this] { run(); }) {}

RefusedCommits::~RefusedCommits() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void RefusedCommits::add(PendingCommit commit) noexcept {
  if (put_back(commit)) changed_.notify_one();
  else complete(commit);
}

/// False: there is no memory for it.
bool RefusedCommits::put_back(PendingCommit& commit) noexcept {
  const std::lock_guard lock(mutex_);
  try {
    waiting_.push_back(std::move(commit));
    return true;
  } catch (const std::bad_alloc&) {  // before anything was moved
    return false;
  }
}

void RefusedCommits::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    PendingCommit commit = take_smallest();
    lock.unlock();
    if (commit.files > 1) {
      remove_file_(commit.writes);
      commit.files -= 1;
      add(std::move(commit));
    } else {
      complete(commit);
    }
    lock.lock();
  }
}

PendingCommit RefusedCommits::take_smallest() {
  const auto smallest = std::ranges::min_element(waiting_, {}, &PendingCommit::files);
  PendingCommit commit = std::move(*smallest);
  waiting_.erase(smallest);
  return commit;
}

}  // namespace sconce::server::storage
