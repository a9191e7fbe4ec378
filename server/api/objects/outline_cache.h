#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <mutex>

#include "core/outline/outline.h"
#include "server/storage/store.h"

namespace sconce::server::api {

/// The outlines of what was looked into last, so that who reads one part after the other has each decoded once. A
/// revision never changes, so nothing here becomes wrong. Threads: safe from many.
class OutlineCache {
 public:
  using Outline = std::shared_ptr<const core::Outline>;

  /// Of all outlines together, about.
  explicit OutlineCache(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// Null if it is not here.
  Outline find(const storage::Revision& revision);
  /// What was used least goes for it; one that is larger than all the room is not kept.
  void keep(const storage::Revision& revision, Outline outline);

 private:
  struct Entry {
    storage::Revision revision;
    Outline outline;
    std::size_t bytes;
  };

  const std::size_t bytes_max_;
  std::mutex mutex_;
  std::list<Entry> entries_;  // the one used last in front
  std::map<storage::Revision, std::list<Entry>::iterator> places_;
  std::size_t bytes_ = 0;
};

}  // namespace sconce::server::api
