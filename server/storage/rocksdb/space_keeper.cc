#include "server/storage/rocksdb/space_keeper.h"

#include <chrono>
#include <utility>

namespace sconce::server::storage {

namespace {

constexpr std::chrono::seconds kSoon(1);
// After an attempt, so that what was deleted one by one is not looked at one by one.
constexpr std::chrono::milliseconds kPause(50);

}  // namespace

void Bell::ring() {
  const std::lock_guard lock(mutex_);
  rung_ = true;
  changed_.notify_all();
}

void Bell::break_up() {
  const std::lock_guard lock(mutex_);
  broken_ = true;
  changed_.notify_all();
}

void Bell::wait(bool soon) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kPause, [this] { return broken_.load(); });
  const auto is_woken = [this] { return rung_ || broken_; };
  if (soon) changed_.wait_for(lock, kSoon, is_woken);
  else changed_.wait(lock, is_woken);
  rung_ = false;
}

SpaceKeeper::SpaceKeeper(std::shared_ptr<Bell> bell, Attempt attempt, std::function<void()> stop)
    : bell_(std::move(bell)), attempt_(std::move(attempt)), stop_(std::move(stop)), thread_([this] { run(); }) {}

SpaceKeeper::~SpaceKeeper() {
  bell_->break_up();
  stop_();
  thread_.join();
}

void SpaceKeeper::run() {
  while (!bell_->is_broken()) {
    const bool again = attempt_();
    bell_->wait(again);
  }
}

}  // namespace sconce::server::storage
