#include "server/storage/revision_pins.h"

namespace sconce::server::storage {

RevisionPins::Pin RevisionPins::pin(const StoredObject& object) {
  const std::lock_guard lock(mutex_);
  readers_[object.meta.revision].count += 1;
  return {*this, garbage_of(object)};
}

void RevisionPins::unpin(const Garbage& bytes) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = readers_.find(bytes.revision);
    if (--found->second.count > 0) return;
    const bool retired = found->second.retired;
    readers_.erase(found);
    if (!retired) return;
  }
  unused_(bytes);
}

bool RevisionPins::retire(const Revision& revision) {
  const std::lock_guard lock(mutex_);
  const auto found = readers_.find(revision);
  if (found == readers_.end()) return true;
  found->second.retired = true;
  return false;
}

}  // namespace sconce::server::storage
