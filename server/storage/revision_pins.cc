#include "server/storage/revision_pins.h"

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
  const auto found = readers_.find(bytes.id);
  if (found == readers_.end()) return true;
  found->second.retired = true;
  return false;
}

}  // namespace sconce::server::storage
