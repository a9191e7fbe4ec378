#include "server/storage/rocksdb/packs/pack_table.h"

#include <utility>

#include "server/storage/rocksdb/packs/pack_directory.h"

namespace sconce::server::storage {

std::optional<PackTable::Lease> PackTable::lease() {
  const std::lock_guard lock(mutex_);
  if (free_.empty()) return std::nullopt;
  const auto found = packs_.find(free_.back());
  free_.pop_back();
  found->second.is_leased = true;
  return Lease{.pack = found->first, .begin = found->second.written_end, .file = found->second.file.get()};
}

PackTable::Lease PackTable::add(const Revision& pack, std::unique_ptr<File> file, bool is_shared) {
  const std::lock_guard lock(mutex_);
  Pack& added = packs_[pack];
  added.written_end = kPackHeadBytes;
  added.is_leased = true;
  added.is_shared = is_shared;
  added.file = std::move(file);
  return {.pack = pack, .begin = added.written_end, .file = added.file.get()};
}

void PackTable::add_sealed(const Revision& pack, const PackRecord& record) {
  const std::lock_guard lock(mutex_);
  packs_[pack].record = record;
}

void PackTable::finish(const Revision& pack, std::uint64_t end) {
  std::unique_ptr<File> closed;
  const std::lock_guard lock(mutex_);
  const auto found = packs_.find(pack);
  found->second.written_end = end;
  found->second.pending += 1;
  closed = rest(found);
}

void PackTable::extend(const Revision& pack, std::uint64_t end) {
  const std::lock_guard lock(mutex_);
  const auto found = packs_.find(pack);
  found->second.written_end = end;
  found->second.pending += 1;
}

bool PackTable::give_back(const Revision& pack) {
  std::unique_ptr<File> closed;
  const std::lock_guard lock(mutex_);
  const auto found = packs_.find(pack);
  closed = rest(found);
  return let_go(found);
}

bool PackTable::seal(const Revision& pack) {
  std::unique_ptr<File> closed;
  const std::lock_guard lock(mutex_);
  const auto found = packs_.find(pack);
  found->second.is_leased = false;
  closed = std::move(found->second.file);
  return let_go(found);
}

bool PackTable::discard(const Revision& pack) {
  const std::lock_guard lock(mutex_);
  const auto found = packs_.find(pack);
  found->second.pending -= 1;
  return let_go(found);
}

bool PackTable::drop_segment(const Revision& pack) {
  const std::lock_guard lock(mutex_);
  const auto found = packs_.find(pack);
  if (found == packs_.end() || found->second.garbage == 0) return false;
  found->second.garbage -= 1;
  return let_go(found);
}

bool PackTable::is_empty(const Revision& pack) {
  const std::lock_guard lock(mutex_);
  const auto found = packs_.find(pack);
  return found != packs_.end() && let_go(found);
}

void PackTable::remove(const Revision& pack) {
  const std::lock_guard lock(mutex_);
  packs_.erase(pack);
}

bool PackTable::release(const Revision& pack) {
  const std::lock_guard lock(mutex_);
  const auto found = packs_.find(pack);
  if (found == packs_.end()) return false;
  found->second.is_kept = false;
  return let_go(found);
}

std::vector<Revision> PackTable::at_rest() const {
  const std::lock_guard lock(mutex_);
  std::vector<Revision> packs;
  for (const auto& [id, pack] : packs_) {
    if (is_at_rest(pack) && pack.record.live_bytes > 0) packs.push_back(id);
  }
  return packs;
}

bool PackTable::close(const Revision& pack) {
  std::unique_ptr<File> closed;
  const std::lock_guard lock(mutex_);
  const auto found = packs_.find(pack);
  if (found == packs_.end() || !is_at_rest(found->second)) return false;
  closed = std::move(found->second.file);
  std::erase(free_, pack);
  found->second.is_kept = true;
  return true;
}

PackRecord PackTable::record_of(const Revision& pack) const {
  const std::lock_guard lock(mutex_);
  const auto found = packs_.find(pack);
  return found == packs_.end() ? PackRecord() : found->second.record;
}

void PackTable::correct(const Revision& pack, const PackRecord& record) {
  const std::lock_guard lock(mutex_);
  if (const auto found = packs_.find(pack); found != packs_.end()) found->second.record = record;
}

void PackTable::commit(const Revision& pack, const PackChange& change) {
  const std::lock_guard lock(mutex_);
  const auto found = packs_.find(pack);
  if (found == packs_.end()) return;
  found->second.record = change.record;
  found->second.pending -= change.committed;
  found->second.garbage += change.unreferenced;
}

void PackTable::add_garbage(const Revision& pack) {
  const std::lock_guard lock(mutex_);
  if (const auto found = packs_.find(pack); found != packs_.end()) found->second.garbage += 1;
}

/// No longer leased. Returns the file, to be closed, if nothing is written to it any more.
std::unique_ptr<PackTable::File> PackTable::rest(Packs::iterator pack) {
  pack->second.is_leased = false;
  const bool is_sealed = !pack->second.is_shared || is_full(pack->second.written_end);
  if (is_sealed || free_.size() >= limits_.free_files_max) return std::move(pack->second.file);
  free_.push_back(pack->first);
  return nullptr;
}

bool PackTable::let_go(Packs::iterator pack) {
  Pack& one = pack->second;
  const bool is_used =
      one.is_leased || one.is_kept || one.is_going || one.pending > 0 || one.garbage > 0 || one.record.live_bytes > 0;
  if (is_used) return false;
  const bool is_as_new = one.file != nullptr && one.written_end == kPackHeadBytes;
  if (is_as_new) return false;
  one.is_going = true;
  one.file.reset();
  std::erase(free_, pack->first);
  return true;
}

}  // namespace sconce::server::storage
