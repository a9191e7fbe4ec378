#include "server/storage/rocksdb/packs/open_packs.h"

#include <utility>

namespace sconce::server::storage {

Result<OpenPacks::File> OpenPacks::open(const Revision& pack) {
  if (File found = find(pack)) return found;
  auto opened = directory_.open(pack);
  if (!opened) return std::unexpected(std::move(opened.error()));
  File file = std::move(*opened);
  keep(pack, file);
  return file;
}

void OpenPacks::close(const Revision& pack) {
  File closed;
  const std::lock_guard lock(mutex_);
  const auto found = places_.find(pack);
  if (found == places_.end()) return;
  closed = std::move(found->second->file);
  entries_.erase(found->second);
  places_.erase(found);
}

OpenPacks::File OpenPacks::find(const Revision& pack) {
  const std::lock_guard lock(mutex_);
  const auto found = places_.find(pack);
  if (found == places_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->file;
}

/// One that was removed meanwhile is closed by its last reader.
void OpenPacks::keep(const Revision& pack, const File& file) {
  File closed;
  const std::lock_guard lock(mutex_);
  if (places_.contains(pack)) return;
  if (const Result<std::uint64_t> names = directory_.count_names(pack); !names || *names == 0) return;
  entries_.push_front({.pack = pack, .file = file});
  places_.emplace(pack, entries_.begin());
  if (entries_.size() <= files_max_) return;
  closed = std::move(entries_.back().file);
  places_.erase(entries_.back().pack);
  entries_.pop_back();
}

}  // namespace sconce::server::storage
