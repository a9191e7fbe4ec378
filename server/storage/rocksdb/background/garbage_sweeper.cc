#include "server/storage/rocksdb/background/garbage_sweeper.h"

#include <chrono>
#include <new>

namespace sconce::server::storage {

namespace {

constexpr std::chrono::seconds kRetryAfter(10);
// How long garbage waits for more, which is dropped with it.
constexpr std::chrono::milliseconds kGatherTime(20);

}  // namespace

GarbageSweeper::GarbageSweeper(Drop drop, Report report)
    : drop_(std::move(drop)), report_(std::move(report)), thread_([this] { run(); }) {}

GarbageSweeper::~GarbageSweeper() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void GarbageSweeper::add(std::span<const Placement> garbage) noexcept {
  if (garbage.empty()) return;
  bool rests = false;
  try {
    const std::lock_guard lock(mutex_);
    rests = passes_asked_ == passes_done_;
    waiting_.insert(waiting_.end(), garbage.begin(), garbage.end());
    passes_asked_ += 1;
  } catch (const std::bad_alloc&) {
    return;  // it stays marked as garbage
  }
  if (rests) changed_.notify_all();
}

void GarbageSweeper::drain() {
  std::unique_lock lock(mutex_);
  passes_asked_ += 1;
  drains_ += 1;
  const std::uint64_t mine = passes_asked_;
  changed_.notify_all();
  changed_.wait(lock, [&] { return passes_done_ >= mine; });
  drains_ -= 1;
}

void GarbageSweeper::run() {
  std::unique_lock lock(mutex_);
  const auto is_asked = [this] { return stopping_ || passes_asked_ != passes_done_; };
  while (true) {
    if (waiting_.empty()) changed_.wait(lock, is_asked);
    else changed_.wait_for(lock, kRetryAfter, is_asked);
    if (stopping_ && passes_asked_ == passes_done_) return;
    changed_.wait_for(lock, kGatherTime, [this] { return stopping_ || drains_ > 0; });
    const std::uint64_t asked = passes_asked_;
    pass(lock);
    passes_done_ = asked;
    changed_.notify_all();
  }
}

void GarbageSweeper::pass(std::unique_lock<std::mutex>& lock) {
  std::vector<Placement> garbage;
  garbage.swap(waiting_);
  lock.unlock();
  const Status dropped = drop(garbage);
  if (!dropped) report_to(report_, dropped.error());
  lock.lock();
  if (dropped) return;
  try {
    waiting_.insert(waiting_.end(), garbage.begin(), garbage.end());
  } catch (const std::bad_alloc&) {  // it stays marked as garbage
  }
}

/// What is thrown, out of memory above all, is a failure like others.
Status GarbageSweeper::drop(std::span<const Placement> garbage) {
  try {
    return drop_(garbage);
  } catch (const std::exception& thrown) {
    return std::unexpected(error_of(thrown));
  }
}

}  // namespace sconce::server::storage
