#include "server/storage/revision_pins.h"

namespace sconce::server::storage {

void RevisionPins::pin(const Revision& revision) {
  const std::lock_guard lock(mutex_);
  pins_[revision].readers += 1;
}

bool RevisionPins::unpin(const Revision& revision) {
  const std::lock_guard lock(mutex_);
  const auto found = pins_.find(revision);
  if (--found->second.readers > 0) return false;
  const bool retired = found->second.retired;
  pins_.erase(found);
  return retired;
}

bool RevisionPins::retire(const Revision& revision) {
  const std::lock_guard lock(mutex_);
  const auto found = pins_.find(revision);
  if (found == pins_.end()) return true;
  found->second.retired = true;
  return false;
}

}  // namespace sconce::server::storage
