#include "server/storage/rocksdb/background/space_keeper.h"

#include <chrono>
#include <utility>

namespace sconce::server::storage {

namespace {

constexpr std::chrono::seconds kSoon(1);
// After an attempt, so that what was deleted one by one is not looked at one by one.
constexpr std::chrono::milliseconds kPause(50);

}  // namespace

void Wakeup::notify() {
  const std::lock_guard lock(mutex_);
  notified_ = true;
  changed_.notify_all();
}

void Wakeup::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

void Wakeup::wait(bool soon) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kPause, [this] { return closed_.load(); });
  const auto is_woken = [this] { return notified_ || closed_; };
  if (soon) changed_.wait_for(lock, kSoon, is_woken);
  else changed_.wait(lock, is_woken);
  notified_ = false;
}

SpaceKeeper::SpaceKeeper(std::shared_ptr<Wakeup> wakeup, Attempt attempt, std::function<void()> stop)
    : wakeup_(std::move(wakeup)), attempt_(std::move(attempt)), stop_(std::move(stop)), thread_([this] { run(); }) {}

SpaceKeeper::~SpaceKeeper() {
  wakeup_->close();
  stop_();
  thread_.join();
}

void SpaceKeeper::run() {
  while (!wakeup_->is_closed()) {
    const bool again = attempt_();
    wakeup_->wait(again);
  }
}

}  // namespace sconce::server::storage
