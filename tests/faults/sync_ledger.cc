#include "tests/faults/sync_ledger.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <vector>

namespace sconce::tests {

struct SyncLedger::Node {
  std::string path;                // where its bytes are; empty if they are nowhere
  std::string kept;                // the name that the ledger gave it, or none
  std::uint64_t size = 0;          // now
  std::uint64_t synced_size = 0;   // on the disk
  std::uint64_t changed_from = 0;  // no byte before it differs from the disk's
  std::optional<std::string> old;  // the disk's bytes, where they are written over; else the first ones of the file
  bool sync_failed = false;
  std::string cut_off;  // what follows its bytes, until it is synced that these are the last
};

namespace {

// Larger files keep nothing of what is written over; it is zeros then.
constexpr std::uint64_t kOldBytesMax = 8 << 20;

std::string directory_of(const std::string& file) { return std::filesystem::path(file).parent_path().string(); }

void write_file(const std::string& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

bool is_log(const std::string& file) { return file.ends_with(".log"); }

}  // namespace

SyncLedger::NodePtr SyncLedger::node_at(const std::string& file) {
  const auto known = names_.find(file);
  if (known != names_.end()) return known->second;
  if (!std::filesystem::exists(file)) return nullptr;
  auto node = std::make_shared<Node>();
  node->path = file;
  node->size = node->synced_size = node->changed_from = std::filesystem::file_size(file);
  return names_[file] = node;
}

void SyncLedger::bind(const std::string& file, NodePtr node) {
  NodePtr before = node_at(file);
  const auto unsynced = unsynced_.find(file);
  if (unsynced == unsynced_.end()) unsynced_[file] = before;
  else if (unsynced->second == node) unsynced_.erase(unsynced);
  names_[file] = std::move(node);
  if (before == nullptr || before->path != file) return;
  before->path = before->kept;
  for (const auto& [name, other] : names_) {
    if (other == before) before->path = name;
  }
}

bool SyncLedger::may_come_back(const std::string& file, const NodePtr& node) const {
  const auto unsynced = unsynced_.find(file);
  return unsynced == unsynced_.end() || unsynced->second == node;
}

/// Its last name may go.
void SyncLedger::keep(Node& node) {
  if (!node.kept.empty()) return;
  // The store removes uploads without telling, so the name that was known last may be gone.
  const auto names_the_node = [&](const auto& entry) {
    return entry.second.get() == &node && std::filesystem::exists(entry.first);
  };
  if (!std::filesystem::exists(node.path)) {
    const auto name = std::ranges::find_if(names_, names_the_node);
    if (name != names_.end()) node.path = name->first;
  }
  node.kept = kept_ / std::to_string(kept_count_++);
  std::filesystem::create_hard_link(node.path, node.kept);
}

void SyncLedger::release_unnamed() {
  std::set<std::string> named;
  for (const auto& [name, node] : unsynced_) {
    if (node != nullptr) named.insert(node->kept);
  }
  for (const auto& file : std::filesystem::directory_iterator(kept_.path())) {
    if (!named.contains(file.path().string())) std::filesystem::remove(file.path());
  }
  for (const auto& [name, node] : names_) {
    if (node != nullptr && !named.contains(node->kept)) node->kept.clear();
  }
}

SyncLedger::NodePtr SyncLedger::created(const std::string& file) {
  const std::lock_guard lock(mutex_);
  NodePtr node = node_at(file);
  if (node == nullptr) {
    node = std::make_shared<Node>();
    bind(file, node);
    node->path = file;
    return node;
  }
  if (!node->old && node->synced_size <= kOldBytesMax) node->old = read_file(node->path).substr(0, node->synced_size);
  else if (!node->old) node->old = "";
  node->size = node->changed_from = 0;
  return node;
}

SyncLedger::NodePtr SyncLedger::node_of(const std::string& file) {
  const std::lock_guard lock(mutex_);
  return node_at(file);
}

void SyncLedger::renamed(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  const NodePtr node = node_at(from);
  if (node == nullptr || from == to) return;
  if (const NodePtr replaced = node_at(to); replaced != nullptr) keep(*replaced);
  if (may_come_back(from, node)) keep(*node);
  bind(to, node);
  bind(from, nullptr);
  node->path = to;
}

void SyncLedger::linked(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  if (const NodePtr node = node_at(from); node != nullptr) bind(to, node);
}

void SyncLedger::removed(const std::string& file) {
  const std::lock_guard lock(mutex_);
  const NodePtr node = node_at(file);
  if (node == nullptr) return;
  if (is_log(file) && node->size <= kOldBytesMax && !node->path.empty()) removed_log_ = read_file(node->path);
  if (may_come_back(file, node)) keep(*node);
  bind(file, nullptr);
}

void SyncLedger::directory_synced(const std::string& directory) {
  const std::lock_guard lock(mutex_);
  std::erase_if(unsynced_, [&](const auto& entry) { return directory_of(entry.first) == directory; });
  release_unnamed();
}

std::uint64_t SyncLedger::own_links(const std::string& file) {
  const std::lock_guard lock(mutex_);
  const NodePtr node = node_at(file);
  return node != nullptr && !node->kept.empty() ? 1 : 0;
}

void SyncLedger::writes(Node& node, std::uint64_t offset, std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  const bool is_over = offset < node.synced_size;
  if (is_over && !node.old) {
    node.old = node.synced_size <= kOldBytesMax ? read_file(node.path).substr(0, node.synced_size) : "";
  }
  node.changed_from = std::min(node.changed_from, offset);
  node.size = std::max(node.size, offset + size);
}

void SyncLedger::truncates(Node& node, std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  if (size < node.synced_size && !node.old) {
    node.old = node.synced_size <= kOldBytesMax ? read_file(node.path).substr(0, node.synced_size) : "";
  }
  if (node.size > size && node.size <= kOldBytesMax) node.cut_off = read_file(node.path).substr(size);
  node.changed_from = std::min(node.changed_from, size);
  node.size = size;
  // What the sync left unknown is gone, unless it is among the bytes that stay.
  if (node.changed_from == size) node.sync_failed = false;
}

bool SyncLedger::is_dirty(const Node& node) {
  const std::lock_guard lock(mutex_);
  return node.changed_from < node.size;
}

std::uint64_t SyncLedger::size_of(const Node& node) {
  const std::lock_guard lock(mutex_);
  return node.size;
}

void SyncLedger::synced(Node& node, std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  if (node.sync_failed) return;
  node.synced_size = node.changed_from = size;
  node.old.reset();
  node.cut_off.clear();
}

void SyncLedger::sync_failed(Node& node) {
  const std::lock_guard lock(mutex_);
  node.sync_failed = true;
}

std::uint64_t SyncLedger::size_after_power_cut(const Node& node, std::uint64_t page_bytes) {
  const auto [least, most] = std::minmax(node.size, node.synced_size);
  switch (random_() % 4) {
    case 0: return least;
    case 1: return most;
    case 2: return least + random_() % (most - least + 1);
    default: return std::min(most, (least + random_() % (most - least + 1)) / page_bytes * page_bytes + page_bytes);
  }
}

std::string SyncLedger::bytes_after_power_cut(Node& node, std::uint64_t page_bytes) {
  const std::string now = read_file(node.path);
  if (!node.cut_off.empty() && node.changed_from == node.size && random_() % 2 == 0) return now + node.cut_off;
  std::string disk = node.old ? *node.old : now.substr(0, node.synced_size);
  const bool has_stale_bytes = is_log(node.path) && random_() % 4 == 0;
  const std::string before =
      has_stale_bytes && disk.size() < removed_log_.size() ? disk + removed_log_.substr(disk.size()) : disk;
  const std::uint64_t first = node.changed_from / page_bytes;
  const std::uint64_t size = size_after_power_cut(node, page_bytes);
  const std::uint64_t pages = (size + page_bytes - 1) / page_bytes;
  if (pages <= first) return now.substr(0, size);
  // None but one is lost, one alone is written, all from one on are lost, or any.
  const std::uint64_t mode = random_() % 4;
  const std::uint64_t one = first + random_() % (pages - first);
  std::string bytes = now.substr(0, first * page_bytes);
  for (std::uint64_t page = first; page < pages; ++page) {
    const bool is_lost = mode == 0 ? page == one : mode == 1 ? page != one : mode == 2 ? page >= one : random_() % 2;
    const std::string& from = is_lost ? before : now;
    const std::uint64_t begin = page * page_bytes;
    if (begin < from.size()) bytes += from.substr(begin, page_bytes);
    bytes.resize(begin + page_bytes, '\0');
  }
  bytes.resize(size);
  return bytes;
}

/// The store removes uploads that failed without telling.
void SyncLedger::find_files() {
  for (auto& [name, node] : names_) {
    if (node != nullptr) node->path = node->kept;
  }
  for (const auto& [name, node] : unsynced_) {
    if (node != nullptr) node->path = node->kept;
  }
  for (auto& [name, node] : names_) {
    if (node == nullptr) continue;
    if (std::filesystem::exists(name)) node->path = name;
    else node = nullptr;
  }
}

void SyncLedger::apply_power_cut() {
  const std::lock_guard lock(mutex_);
  find_files();
  const std::uint64_t page_bytes = random_() % 2 == 0 ? 512 : 4096;
  const std::uint64_t names_mode = random_() % 3;  // all are the new ones, all the old ones, or any
  std::map<std::string, NodePtr> names = names_;
  for (const auto& [name, node] : unsynced_) {
    if (names_mode == 1 || (names_mode == 2 && random_() % 2 == 0)) names[name] = node;
  }
  // First all bytes are put aside, since a name may now belong to another file.
  std::map<NodePtr, std::string> changed;
  for (const auto& [name, node] : names) {
    if (node == nullptr || changed.contains(node)) continue;
    const bool has_changed =
        node->size != node->synced_size || node->changed_from < node->size || node->old || !node->cut_off.empty();
    if (has_changed) changed[node] = bytes_after_power_cut(*node, page_bytes);
    if (has_changed || node != names_[name]) keep(*node);
  }
  for (const auto& [node, bytes] : changed) write_file(node->kept, bytes);
  for (const auto& [name, node] : names) {
    if (node == names_[name]) continue;
    std::filesystem::remove(name);
    if (node != nullptr) std::filesystem::create_hard_link(node->kept, name);
  }
  names_.clear();
  unsynced_.clear();
  removed_log_.clear();
  release_unnamed();
}

}  // namespace sconce::tests
