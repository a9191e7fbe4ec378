#include "server/storage/rocksdb/background/compactor.h"

#include <new>
#include <utility>

#include "server/storage/failure_report.h"

namespace sconce::server::storage {

Compactor::~Compactor() {
  if (thread_.joinable()) thread_.join();
}

void Compactor::begin(StoreAdmin::Compacted compacted) {
  if (!start(compacted)) compacted(Compaction::another_is_under_way);
}

bool Compactor::start(StoreAdmin::Compacted& compacted) {
  const std::lock_guard lock(mutex_);
  if (is_running_) return false;
  if (thread_.joinable()) thread_.join();  // it has told, and ends
  thread_ = std::thread([this, told = std::move(compacted)]() mutable { run(std::move(told)); });
  is_running_ = true;
  return true;
}

void Compactor::run(StoreAdmin::Compacted compacted) noexcept {
  core::Result<Compaction> outcome = Compaction::done;
  try {
    outcome = compact_();
  } catch (const std::exception& thrown) {
    outcome = std::unexpected(error_of(thrown));
  }
  {
    const std::lock_guard lock(mutex_);
    is_running_ = false;
  }
  try {
    compacted(std::move(outcome));
  } catch (const std::bad_alloc&) {  // whoever waits is cut off
  }
}

}  // namespace sconce::server::storage
