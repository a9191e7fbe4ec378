#include "server/storage/garbage_sweeper.h"

namespace sconce::server::storage {

GarbageSweeper::GarbageSweeper(Drop drop, Report report)
    : drop_(std::move(drop)), report_(std::move(report)), thread_([this] { run(); }) {}

GarbageSweeper::~GarbageSweeper() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void GarbageSweeper::add(std::span<const Garbage> garbage) {
  if (garbage.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    waiting_.insert(waiting_.end(), garbage.begin(), garbage.end());
  }
  changed_.notify_one();
}

void GarbageSweeper::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    std::vector<Garbage> garbage;
    garbage.swap(waiting_);
    lock.unlock();
    if (const Status dropped = drop_(garbage); !dropped) report_(dropped.error());
    lock.lock();
  }
}

}  // namespace sconce::server::storage
