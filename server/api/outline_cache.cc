#include "server/api/outline_cache.h"

#include <utility>
#include <variant>

namespace sconce::server::api {

namespace {

/// What it takes in memory, about.
std::size_t bytes_of(const core::Outline& outline) {
  std::size_t bytes = sizeof(core::Outline);
  for (const core::OutlinePart& part : outline.parts) {
    const auto* const name = std::get_if<std::string>(&part.key);
    bytes += sizeof(part) + part.class_name.size() + (name == nullptr ? 0 : name->size());
    bytes += (part.sizes.capacity() + part.strides.capacity()) * sizeof(std::int64_t);
  }
  return bytes;
}

}  // namespace

OutlineCache::Outline OutlineCache::find(const storage::Revision& revision) {
  const std::lock_guard lock(mutex_);
  const auto place = places_.find(revision);
  if (place == places_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, place->second);
  return place->second->outline;
}

void OutlineCache::keep(const storage::Revision& revision, Outline outline) {
  const std::size_t bytes = bytes_of(*outline);
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
