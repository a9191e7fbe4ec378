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
  if (!lookups_.empty()) {  // one of them may have found it, and pin it after its readers of now have left
    deferred_.emplace_back(++now_, bytes);
    return false;
  }
  const auto found = readers_.find(bytes.id);
  if (found == readers_.end()) return true;
  found->second.retired = true;
  return false;
}

std::uint64_t RevisionPins::begin_lookup() {
  const std::lock_guard lock(mutex_);
  lookups_.push_back(++now_);
  return now_;
}

void RevisionPins::end_lookup(std::uint64_t begin) {
  std::optional<Placement> unused;
  {
    const std::lock_guard lock(mutex_);
    lookups_.erase(std::ranges::find(lookups_, begin));
    unused = next_deferred();
  }
  while (unused) {
    unused_(*unused);
    const std::lock_guard lock(mutex_);
    unused = next_deferred();
  }
}

/// The next of what was retired before every lookup that is still under way began: who has pinned it tells, all else
/// may go. Needs no memory, since a lookup also ends where nothing is found.
std::optional<Placement> RevisionPins::next_deferred() noexcept {
  while (!deferred_.empty() && (lookups_.empty() || deferred_.front().first < lookups_.front())) {
    const Placement bytes = deferred_.front().second;
    deferred_.pop_front();
    const auto found = readers_.find(bytes.id);
    if (found == readers_.end()) return bytes;
    found->second.retired = true;
  }
  return std::nullopt;
}

std::vector<RevisionPins::Pin> pins_of(RevisionPins& pins, const StoredObject& object) {
  std::vector<RevisionPins::Pin> held;
  held.reserve(object.extents.size());
  for (const Extent& extent : object.extents) held.push_back(pins.pin(extent.placement));
  return held;
}

}  // namespace sconce::server::storage
