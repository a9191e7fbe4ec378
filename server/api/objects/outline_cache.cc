#include "server/api/objects/outline_cache.h"

#include <utility>

#include "core/outline/part_finder.h"

namespace sconce::server::api {

OutlineCache::Outline OutlineCache::find(const storage::Revision& revision) {
  const std::lock_guard lock(mutex_);
  const auto place = places_.find(revision);
  if (place == places_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, place->second);
  return place->second->outline;
}

void OutlineCache::keep(const storage::Revision& revision, Outline outline) {
  const std::size_t bytes = core::held_bytes_of(*outline);
  if (bytes > bytes_max_) return;
  const std::lock_guard lock(mutex_);
  if (places_.contains(revision)) return;
  entries_.push_front({revision, std::move(outline), bytes});
  places_.emplace(revision, entries_.begin());
  bytes_ += bytes;
  while (bytes_ > bytes_max_) {
    bytes_ -= entries_.back().bytes;
    places_.erase(entries_.back().revision);
    entries_.pop_back();
  }
}

}  // namespace sconce::server::api
