#include "server/storage/rocksdb/revision_pins.h"

#include <algorithm>

namespace sconce::server::storage {

RevisionPins::Pin RevisionPins::pin(const Placement& bytes) {
  const std::lock_guard lock(mutex_);
  readers_[bytes.id].count += 1;
  return {*this, bytes};
}

void RevisionPins::unpin(const Placement& bytes) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = readers_.find(bytes.id);
    if (--found->second.count > 0) return;
    const bool retired = found->second.retired;
    readers_.erase(found);
    if (!retired) return;
  }
  unused_(bytes);
}

bool RevisionPins::retire(const Placement& bytes) {
  const std::lock_guard lock(mutex_);
  if (!looks_.empty()) {  // one of them may have found it, and pin it after its readers of now have left
    waiting_.emplace_back(++now_, bytes);
    return false;
  }
  const auto found = readers_.find(bytes.id);
  if (found == readers_.end()) return true;
  found->second.retired = true;
  return false;
}

std::uint64_t RevisionPins::begin_look() {
  const std::lock_guard lock(mutex_);
  looks_.push_back(++now_);
  return now_;
}

void RevisionPins::end_look(std::uint64_t begin) {
  std::optional<Placement> unused;
  {
    const std::lock_guard lock(mutex_);
    looks_.erase(std::ranges::find(looks_, begin));
    unused = take_waiting();
  }
  while (unused) {
    unused_(*unused);
    const std::lock_guard lock(mutex_);
    unused = take_waiting();
  }
}

/// The next of what was retired before every look that is still under way began: who has pinned it tells, all else may
/// go. Needs no memory, since a look ends also where there is none.
std::optional<Placement> RevisionPins::take_waiting() noexcept {
  while (!waiting_.empty() && (looks_.empty() || waiting_.front().first < looks_.front())) {
    const Placement bytes = waiting_.front().second;
    waiting_.pop_front();
    const auto found = readers_.find(bytes.id);
    if (found == readers_.end()) return bytes;
    found->second.retired = true;
  }
  return std::nullopt;
}

}  // namespace sconce::server::storage
