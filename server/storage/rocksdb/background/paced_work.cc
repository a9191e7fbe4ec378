#include "server/storage/rocksdb/background/paced_work.h"

#include <algorithm>
#include <utility>

namespace sconce::server::storage {

namespace {

// Between two times that it looks for something to do; 20 times as long as a look took that found nothing, if that is
// longer.
constexpr std::chrono::seconds kPauseMin(10);
constexpr int kPauses = 20;

}  // namespace

PacedWork::PacedWork(Work work) : work_(std::move(work)), thread_([this] { run(); }) {}

PacedWork::~PacedWork() {
  stop();
  thread_.join();
}

void PacedWork::stop() noexcept {
  const std::lock_guard lock(mutex_);
  is_stopping_ = true;
  changed_.notify_all();
}

void PacedWork::run() {
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    lock.unlock();
    const Clock::time_point begin = resumed_at_ = Clock::now();
    const bool had_work = work_([this] { return rest(); });
    const Clock::duration look = had_work ? Clock::duration() : Clock::now() - begin;
    const Clock::duration pause = std::max<Clock::duration>(kPauseMin, kPauses * look);
    lock.lock();
    changed_.wait_for(lock, pause, [this] { return is_stopping_; });
  }
}

bool PacedWork::rest() {
  const Clock::duration took = Clock::now() - resumed_at_;
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, took, [this] { return is_stopping_; });
  resumed_at_ = Clock::now();
  return !is_stopping_;
}

}  // namespace sconce::server::storage
